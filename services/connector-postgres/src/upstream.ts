import net from 'node:net';
import tls from 'node:tls';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Target } from '@interlock/contracts';
import type { Permit } from '@interlock/gateway';
import { encodeCancelRequest, encodeSslRequest, ENCRYPTION_ACCEPTED_TLS } from '@interlock/protocol-postgres';
import { POSTGRES_LIMITS } from './limits.js';
import { login, type Credential, type LoggedIn } from './upstream-login.js';

/** What is needed to enter a target. */
export interface Dialling {
  readonly target: Target;
  readonly credential: Credential;
  /** Startup parameters beside user and database. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly nonce: string;
  readonly nowMs: () => number;
}

/** Bytes and what allows them. */
export interface Permitted {
  readonly permit: Permit;
  /** Of what these bytes are part of; the permit must be for it. */
  readonly digest: string;
  readonly bytes: Buffer;
}

const KEEP_ALIVE_MS = 30_000;

/** The connection to a target, entered. Bytes go out only under a permit for this very target. */
export class Upstream {
  readonly socket: net.Socket;
  readonly loggedIn: LoggedIn;
  readonly #target: Target;
  readonly #nowMs: () => number;

  private constructor(socket: net.Socket, loggedIn: LoggedIn, { target, nowMs }: Dialling) {
    this.socket = socket;
    this.loggedIn = loggedIn;
    this.#target = target;
    this.#nowMs = nowMs;
  }

  /** Dials, encrypts as the target's entry says, and logs in. Refuses with `target_unreachable` or `target_refused`. */
  static async dial(dialling: Dialling): Promise<Outcome<Upstream>> {
    const connected = await connect(dialling.target);
    if (!connected.ok) return connected;
    const socket = connected.value;
    const loggedIn = await login(socket, dialling);
    if (!loggedIn.ok) {
      socket.destroy();
      return loggedIn;
    }
    socket.setTimeout(0);
    return accepted(new Upstream(socket, loggedIn.value, dialling));
  }

  /**
   * Sends bytes of a command that the ledger holds as allowed. False when the target is slow: wait for `drain`.
   *
   * @throws when the permit is none, is for another target or another command, or has expired: a fault of the caller.
   */
  forward(part: Permitted): boolean {
    this.#check(part);
    return this.socket.write(part.bytes);
  }

  /** The same for several, as few writes as their places in memory allow. */
  forwardAll(parts: readonly Permitted[]): boolean {
    for (const part of parts) this.#check(part);
    const joined = joinNeighbours(parts);
    if (joined.length === 1) return this.socket.write(joined[0]!);
    this.socket.cork();
    for (const bytes of joined) this.socket.write(bytes);
    this.socket.uncork();
    return !this.socket.writableNeedDrain;
  }

  #check({ permit, digest }: Permitted): void {
    if (!permit.covers(this.#target.name, digest, this.#nowMs())) throw new Error('the permit does not cover this command at this target now');
  }

  /** Asks the target, on a connection of its own, to cancel what this one runs. Best effort, as in the protocol. */
  async cancel(): Promise<void> {
    const { processId, cancelKey } = this.loggedIn;
    if (cancelKey.length === 0) return;
    const connected = await connect(this.#target);
    if (connected.ok) connected.value.end(encodeCancelRequest(processId, cancelKey));
  }
}

/** Messages of one segment mostly lie side by side in the chunk that they came in. */
function joinNeighbours(parts: readonly Permitted[]): Buffer[] {
  const joined: Buffer[] = [];
  for (const { bytes } of parts) {
    const last = joined.at(-1);
    if (last && last.buffer === bytes.buffer && last.byteOffset + last.length === bytes.byteOffset) {
      joined[joined.length - 1] = Buffer.from(bytes.buffer, last.byteOffset, last.length + bytes.length);
    } else joined.push(bytes);
  }
  return joined;
}

async function connect(target: Target): Promise<Outcome<net.Socket>> {
  const socket = net.connect({ host: target.host, port: target.port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
  socket.on('error', () => undefined);
  socket.setTimeout(POSTGRES_LIMITS.dialMs, () => socket.destroy(new Error('timed out')));
  try {
    await once(socket, 'connect');
    return accepted(target.tls === 'disable' ? socket : await encrypt(socket, target));
  } catch (fault) {
    socket.destroy();
    if (fault instanceof NoTls) return refused('target_unreachable', `The target ${target.name} does not offer TLS, which its entry asks for.`, { hint: 'Turn TLS on there, or let the configuration say tls: disable for this target.' });
    return refused('target_unreachable', `The target ${target.name} cannot be reached: ${wordsOf(fault)}.`, { retryable: true, hint: 'Try again; if it lasts, tell whoever runs the target.' });
  }
}

/** Asked for TLS, the target said no: trying again does not help. */
class NoTls extends Error {
  override readonly name = 'NoTls';
}

async function encrypt(plain: net.Socket, target: Target): Promise<net.Socket> {
  plain.write(encodeSslRequest());
  const answer = await firstBytes(plain);
  if (!answer.equals(ENCRYPTION_ACCEPTED_TLS)) throw new NoTls();
  const verify = target.tls === 'verify-full';
  const secure = tls.connect({
    socket: plain, ALPNProtocols: ['postgresql'], rejectUnauthorized: verify, minVersion: 'TLSv1.2',
    ...(net.isIP(target.host) ? { host: target.host } : { servername: target.host }), ...(target.ca === undefined ? {} : { ca: target.ca }),
    ...(verify ? {} : { checkServerIdentity: () => undefined }),
  });
  secure.on('error', () => undefined);
  secure.setTimeout(POSTGRES_LIMITS.dialMs, () => secure.destroy(new Error('timed out')));
  await once(secure, 'secureConnect');
  plain.setTimeout(0);
  return secure;
}

/** Exactly what arrived first; more than the one byte asked for is told apart by the caller (CVE-2021-23222). */
function firstBytes(socket: net.Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.once('data', (bytes: Buffer) => {
      socket.pause();
      resolve(bytes);
    });
    socket.once('close', () => reject(new Error('it closed the connection')));
  });
}

function once(socket: net.Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (fault: Error): void => reject(fault);
    socket.once('error', fail);
    socket.once('close', () => reject(new Error('it closed the connection')));
    socket.once(event, () => {
      socket.removeListener('error', fail);
      resolve();
    });
  });
}

/** Codes like ECONNREFUSED and messages of TLS name no secret. */
function wordsOf(fault: unknown): string {
  const { code, message } = fault as NodeJS.ErrnoException;
  return message ? message : (code ?? 'fault');
}
