import type net from 'node:net';
import tls from 'node:tls';
import {
  decodePassword, encodeBackend, ENCRYPTION_ACCEPTED_TLS, ENCRYPTION_REFUSED, FrameReader, frontendAuthenticationTypes, StartupReader,
  type CancelRequest, type StartupMessage, type StartupPacket, type Violation,
} from '@interlock/protocol-postgres';
import { POSTGRES_LIMITS } from './limits.js';

/** What someone at the door wants. `socket` is the encrypted one where encryption was agreed on. */
export type Knock =
  | { readonly kind: 'startup'; readonly socket: net.Socket; readonly startup: StartupMessage; readonly rest: Buffer; readonly isEncrypted: boolean }
  | { readonly kind: 'cancel'; readonly socket: net.Socket; readonly request: CancelRequest }
  | { readonly kind: 'violation'; readonly socket: net.Socket; readonly violation: Violation }
  | { readonly kind: 'gone' };

const GONE: Knock = { kind: 'gone' };
const ALPN = 'postgresql';
const P = 'p'.charCodeAt(0);

/**
 * Reads the startup phase: requests for encryption, then a startup message or a cancel request. What has begun and is not whole when it is `late` breaks
 * the protocol; who has said nothing until then is gone.
 */
export async function answerDoor(plain: net.Socket, secureContext: tls.SecureContext | undefined, late: AbortSignal): Promise<Knock> {
  let socket = plain;
  let isEncrypted = false;
  for (let requests = 0; requests < 3; requests += 1) {
    const read = await readPacket(socket, late);
    if (read === 'gone') return GONE;
    if ('violation' in read) return { kind: 'violation', socket, violation: read.violation };
    const { packet, rest } = read;
    if (packet.kind === 'startup') return { kind: 'startup', socket, startup: packet, rest, isEncrypted };
    if (packet.kind === 'cancelRequest') return { kind: 'cancel', socket, request: packet };
    const secured = await encryption(packet, rest, socket, isEncrypted ? undefined : secureContext);
    if (secured === 'gone') return GONE;
    if (secured !== 'clear') {
      socket = secured;
      isEncrypted = true;
    }
  }
  return { kind: 'violation', socket, violation: { reason: 'invalid-value', detail: 'more requests for encryption than there are kinds of it' } };
}

/** Says yes or no to one request for encryption; the encrypted socket after a yes. */
async function encryption(packet: StartupPacket, rest: Buffer, socket: net.Socket, secureContext: tls.SecureContext | undefined): Promise<net.Socket | 'clear' | 'gone'> {
  if (packet.kind === 'directTls') {
    if (!secureContext) return 'gone';
    socket.unshift(rest);
    const secured = await secure(socket, secureContext);
    return secured !== 'gone' && secured.alpnProtocol === ALPN ? secured : 'gone';
  }
  if (packet.kind !== 'sslRequest' || !secureContext) {
    socket.write(ENCRYPTION_REFUSED);
    return 'clear';
  }
  socket.write(ENCRYPTION_ACCEPTED_TLS);
  return secure(socket, secureContext);
}

function secure(plain: net.Socket, secureContext: tls.SecureContext): Promise<tls.TLSSocket | 'gone'> {
  const socket = new tls.TLSSocket(plain, { isServer: true, secureContext, ALPNProtocols: [ALPN] });
  socket.on('error', () => plain.destroy());
  return new Promise((resolve) => {
    socket.once('secure', () => resolve(socket));
    socket.once('close', () => resolve('gone'));
    plain.once('close', () => resolve('gone'));
  });
}

function readPacket(socket: net.Socket, late: AbortSignal): Promise<{ readonly packet: StartupPacket; readonly rest: Buffer } | { readonly violation: Violation } | 'gone'> {
  const reader = new StartupReader();
  return readUntil(socket, late, (chunk) => {
    const read = reader.push(chunk);
    return read.ok ? read.value : { violation: read.violation };
  });
}

/** Asks for the token as a password in clear, and reads it; it may have come along with the startup message. When it is `late` the same holds as above. */
export function askPassword(socket: net.Socket, rest: Buffer, late: AbortSignal): Promise<{ readonly password: string } | { readonly violation: Violation } | 'gone'> {
  const reader = new FrameReader(frontendAuthenticationTypes());
  socket.write(encodeBackend({ kind: 'authenticationCleartextPassword' }));
  const take = (chunk: Buffer) => {
    reader.push(chunk);
    const step = reader.next();
    if (step === 'more') return undefined;
    if (step !== 'frame') return { violation: reader.violation ?? { reason: 'unknown-type' as const, detail: 'no password' } };
    if (reader.type !== P) return 'gone' as const;
    const decoded = decodePassword(reader.buffer, reader.payloadStart, reader.end);
    if (!decoded.ok) return { violation: decoded.violation };
    return reader.next() === 'more' ? { password: decoded.value.password } : { violation: { reason: 'trailing-bytes' as const, detail: 'messages before the session is open' } };
  };
  const early = rest.length > 0 ? take(rest) : undefined;
  return early === undefined ? readUntil(socket, late, take, rest.length > 0) : Promise.resolve(early);
}

const TOO_LATE: { readonly violation: Violation } = { violation: { reason: 'truncated', detail: `a message was begun, and did not come whole within ${POSTGRES_LIMITS.startupMs / 1_000} s` } };

/** Feeds chunks to `take` until it has an answer; the socket is paused afterwards, and nothing of it is lost. */
function readUntil<T>(socket: net.Socket, late: AbortSignal, take: (chunk: Buffer) => T | undefined, hasBegun = false): Promise<T | typeof TOO_LATE | 'gone'> {
  let begun = hasBegun;
  return new Promise((resolve) => {
    const end = (answer: T | typeof TOO_LATE | 'gone'): void => {
      late.removeEventListener('abort', onLate);
      socket.removeListener('data', onData);
      socket.removeListener('close', onGone);
      socket.removeListener('end', onGone);
      socket.pause();
      resolve(answer);
    };
    const onGone = (): void => end('gone');
    const onLate = (): void => end(begun ? TOO_LATE : 'gone');
    const onData = (chunk: Buffer): void => {
      begun = true;
      const answer = take(chunk);
      if (answer !== undefined) end(answer);
    };
    if (socket.destroyed || socket.readableEnded || late.aborted) return resolve('gone');
    late.addEventListener('abort', onLate);
    socket.on('data', onData);
    socket.on('close', onGone);
    socket.on('end', onGone);
    socket.resume();
  });
}
