import type net from 'node:net';
import { encodeBackend, type NegotiateProtocolVersion } from '@interlock/protocol-postgres';
import type { CancelKey } from './cancel.js';
import type { ClientWriter } from './client-writer.js';
import { POSTGRES_LIMITS } from './limits.js';

/** Tells a client that it is in: the target's parameters, the process id of its backend there, the gateway's own cancel key. */
export function greet(writer: ClientWriter, version: NegotiateProtocolVersion | undefined, parameters: ReadonlyMap<string, string>, { processId, key }: CancelKey): void {
  if (version) writer.add(encodeBackend(version));
  writer.add(encodeBackend({ kind: 'authenticationOk' }));
  for (const [name, value] of parameters) writer.add(encodeBackend({ kind: 'parameterStatus', name, value }));
  writer.add(encodeBackend({ kind: 'backendKeyData', processId, key }));
  writer.add(encodeBackend({ kind: 'readyForQuery', status: 'idle' }));
  writer.flush();
}

/** Closes after the last bytes went out, or when the client does not take them. */
export function hangUp(client: net.Socket): void {
  client.end();
  client.resume();
  setTimeout(() => client.destroy(), POSTGRES_LIMITS.lingerMs).unref();
}
