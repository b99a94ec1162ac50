import net from 'node:net';
import type tls from 'node:tls';
import { negotiateVersion } from '@interlock/protocol-postgres';
import { authenticate } from './authenticate.js';
import type { ConnectorPorts } from './connector-ports.js';
import { answerDoor, askPassword, type Knock } from './door.js';
import { POSTGRES_LIMITS } from './limits.js';
import { fatalMessage, loginRefusal, type PostgresRefusal } from './refuse.js';
import { PostgresSession } from './session.js';

export interface ListenerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** The certificate that clients see; without one nobody outside of an allowed loopback gets in. */
  readonly secureContext: tls.SecureContext | undefined;
  /** Whether a token is accepted in clear from this very machine. */
  readonly clearLoopback: boolean;
  readonly connections?: number;
}

const KEEP_ALIVE_MS = 30_000;
const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

/** Accepts clients within limits of number, time and size, and hands each that proves who it is to a session of its own. */
export class Listener {
  readonly #ports: ConnectorPorts;
  readonly #options: ListenerOptions;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  /** Those that have not come in, oldest first. */
  readonly #strangers = new Set<net.Socket>();

  constructor(ports: ConnectorPorts, options: ListenerOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#server = net.createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, pauseOnConnect: true }, (socket) => this.#accept(socket));
  }

  /** @throws the system's error, e.g. EADDRINUSE. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.removeListener('error', reject);
        this.#server.on('error', (fault) => this.#ports.logger.error('the listener has a problem', { error: fault }));
        resolve((this.#server.address() as net.AddressInfo).port);
      });
    });
  }

  /** Accepts nobody any more and lets go of those that have not come in. Sessions are ended by their book. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      setTimeout(() => {
        for (const socket of this.#sockets) socket.destroy();
      }, POSTGRES_LIMITS.lingerMs).unref();
    });
  }

  #accept(socket: net.Socket): void {
    this.#sockets.add(socket);
    this.#strangers.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#strangers.delete(socket);
    });
    this.#makeRoom();
    const late = new AbortController();
    const waiting: { timer?: NodeJS.Timeout } = {};
    waiting.timer = setTimeout(() => {
      late.abort();
      waiting.timer = setTimeout(() => socket.destroy(), POSTGRES_LIMITS.lingerMs);
    }, POSTGRES_LIMITS.startupMs);
    const clientAddress = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
    this.#receive(socket, clientAddress, late.signal)
      .catch((fault: unknown) => {
        this.#ports.logger.error('a connection failed by a fault', { error: fault });
        socket.destroy();
      })
      .finally(() => clearTimeout(waiting.timer));
  }

  /** Whoever keeps silent gives way to who comes later, so that silence does not shut the door. */
  #makeRoom(): void {
    for (const stranger of this.#strangers) {
      if (this.#strangers.size <= POSTGRES_LIMITS.strangers) return;
      this.#strangers.delete(stranger);
      stranger.destroy();
    }
  }

  async #receive(plain: net.Socket, clientAddress: string, late: AbortSignal): Promise<void> {
    if (this.#sockets.size - this.#strangers.size >= (this.#options.connections ?? POSTGRES_LIMITS.connections)) return turnAway(plain, TOO_MANY);
    const knock = await answerDoor(plain, this.#options.secureContext, late);
    switch (knock.kind) {
      case 'gone':
        return void plain.destroy();
      case 'cancel':
        this.#ports.cancels.request(knock.request.processId, knock.request.key);
        return void knock.socket.end();
      case 'violation':
        return this.#violation(knock.socket, knock.violation, clientAddress);
      case 'startup':
        return this.#letIn(knock, plain, clientAddress, late);
    }
  }

  #violation(socket: net.Socket, { reason, detail }: { readonly reason: string; readonly detail: string }, clientAddress: string): void {
    this.#ports.recordViolation({ reason, detail, clientAddress });
    turnAway(socket, { reason: 'protocol_violation', detail: `The message breaks the protocol: ${detail}.` });
  }

  async #letIn(knock: Extract<Knock, { kind: 'startup' }>, plain: net.Socket, clientAddress: string, late: AbortSignal): Promise<void> {
    const { socket, startup, rest, isEncrypted } = knock;
    const mayBeClear = this.#options.clearLoopback && LOOPBACK.test(plain.remoteAddress ?? '');
    if (!isEncrypted && !mayBeClear) return this.#refuse(knock, ENCRYPT, clientAddress);
    const { minor, reply } = negotiateVersion(startup);
    const answer = await askPassword(socket, rest, late);
    if (answer === 'gone') return void socket.destroy();
    if ('violation' in answer) return this.#violation(socket, answer.violation, clientAddress);
    const admitted = await authenticate(this.#ports, { startup, token: answer.password, clientAddress, minorVersion: minor });
    if (!admitted.ok) return this.#refuse(knock, admitted.refusal, clientAddress);
    const opened = await PostgresSession.open(this.#ports, socket, admitted.value, reply);
    if (opened.ok) return void this.#strangers.delete(plain);
    admitted.value.upstream.socket.destroy();
    admitted.value.catalog.leave();
    await this.#refuse(knock, opened.refusal, clientAddress);
  }

  /** Recorded before it is told. */
  async #refuse({ socket, startup }: Extract<Knock, { kind: 'startup' }>, refusal: PostgresRefusal, clientAddress: string): Promise<void> {
    const { user, database } = startup;
    const event = await this.#ports.recordRefused({ reason: refusal.reason, detail: refusal.detail, claimedUser: user.slice(0, 63), target: database.slice(0, 63), clientAddress });
    turnAway(socket, loginRefusal(refusal), event);
  }
}

const TOO_MANY: PostgresRefusal = { reason: 'too_many_connections', detail: 'This connector has as many connections as it may have.', retryable: true, hint: 'Try again when others have ended.' };
const ENCRYPT: PostgresRefusal = { reason: 'encryption_required', detail: 'A token is not accepted over a connection in clear.', hint: 'Connect with TLS, e.g. sslmode=require.' };

function turnAway(socket: net.Socket, refusal: PostgresRefusal, event?: string): void {
  socket.end(fatalMessage(refusal, { event }));
  socket.resume();
  setTimeout(() => socket.destroy(), POSTGRES_LIMITS.lingerMs).unref();
}
