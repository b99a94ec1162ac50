import { once } from 'node:events';
import { createConnection } from 'node:net';
import { encodeCancelRequest } from '@interlock/protocol-postgres';

/** Sends a CancelRequest on a connection of its own, in clear, as libpq did until PostgreSQL 17; waits until it was taken. */
export async function requestCancel(port: number, processId: number, secretKey: number | Buffer): Promise<void> {
  const key = typeof secretKey === 'number' ? Buffer.alloc(4) : secretKey;
  if (typeof secretKey === 'number') key.writeInt32BE(secretKey, 0);
  const socket = createConnection({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  socket.end(encodeCancelRequest(processId, key));
  socket.resume();
  await once(socket, 'close');
}
