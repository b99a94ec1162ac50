import { once } from 'node:events';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeSslRequest, encodeStartupMessage } from '@interlock/protocol-postgres';
import { answerDoor, askPassword } from './door.js';

let server: net.Server;
let client: net.Socket;
let socket: net.Socket;
let late: AbortController;

beforeEach(async () => {
  late = new AbortController();
  server = net.createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  [socket] = (await once(server, 'connection')) as [net.Socket];
});
afterEach(() => {
  client.destroy();
  socket.destroy();
  server.close();
});

/** Sends, waits until it has arrived, and says that it is late. */
async function sendAndBeLate(bytes: Buffer): Promise<void> {
  const arrived = once(socket, 'data');
  client.write(bytes);
  await arrived;
  late.abort();
}

const CUT = { violation: { reason: 'truncated', detail: 'a message was begun, and did not come whole within 10 s' } };

describe('whoever is late at the door', () => {
  it('breaks the protocol with a startup packet that was begun', async () => {
    const knock = answerDoor(socket, undefined, late.signal);
    await sendAndBeLate(encodeStartupMessage([['user', 'agent-etl']]).subarray(0, 9));
    expect(await knock).toMatchObject({ kind: 'violation', ...CUT });
  });

  it('is gone without a word, also behind a request that was answered', async () => {
    const knock = answerDoor(socket, undefined, late.signal);
    const refusedEncryption = once(client, 'data');
    client.write(encodeSslRequest());
    await refusedEncryption;
    late.abort();
    expect(await knock).toEqual({ kind: 'gone' });
  });

  it.each<[string, Buffer, unknown]>([
    ['breaks it with a password that was begun', Buffer.from('p\0\0'), CUT],
    ['is gone without one', Buffer.alloc(0), 'gone'],
  ])('%s', async (_what, bytes, expected) => {
    const answer = askPassword(socket, bytes, late.signal);
    late.abort();
    expect(await answer).toEqual(expected);
  });
});
