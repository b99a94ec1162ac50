import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  backendTypes, decodeBackend, encodeFrontend, encodeSslRequest, encodeStartupMessage, FrameReader, scramAnswer, scramBegin, scramChallenge, scramKeys, scramVerify,
  type BackendMessage, type Decoded, type FrontendAuthenticationMessage, type FrontendMessage,
} from '@interlock/protocol-postgres';
import { eventually } from './eventually.js';
import type { Login } from './server.js';

/** How long a server may take for one answer. */
const ANSWER_MS = 15_000;

/** A connection on which a test sends what it likes, byte by byte, and keeps every byte that comes back. */
export class Wire {
  #received: Buffer[] = [];
  #messages: BackendMessage[] = [];
  readonly #frames = new FrameReader(backendTypes(), Number.MAX_SAFE_INTEGER);
  closed = false;
  processId = 0;
  secretKey = Buffer.alloc(0);

  private constructor(private readonly socket: Socket, private readonly framed: boolean, readonly port: number) {
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => { this.closed = true; });
  }

  /** In clear, without a word said; bytes that come back are kept and not read as messages. */
  static async raw({ host, port }: Pick<Login, 'host' | 'port'>): Promise<Wire> {
    const socket = connect({ host, port });
    await once(socket, 'connect');
    return new Wire(socket, false, port);
  }

  /** After SSLRequest and the handshake. */
  static async encrypted({ host, port }: Pick<Login, 'host' | 'port'>): Promise<Wire> {
    const socket = connect({ host, port });
    socket.write(encodeSslRequest());
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (answer.toString('latin1') !== 'S') throw new Error(`the server answers SSLRequest with ${answer.toString('hex')}`);
    const secure = connectTls({ socket, rejectUnauthorized: false });
    await once(secure, 'secureConnect');
    return new Wire(secure, true, port);
  }

  /** Logged in and ready for queries. */
  static async login(login: Login, database: string, parameters: Readonly<Record<string, string>> = {}): Promise<Wire> {
    const wire = await Wire.encrypted(login);
    wire.send(encodeStartupMessage(Object.entries({ user: login.user, database, application_name: 'wire', ...parameters })));
    await wire.#authenticate(login.password);
    const ready = await wire.untilReady();
    const key = ready.find((message) => message.kind === 'backendKeyData');
    if (wire.closed || key === undefined) throw new Error(`login was refused: ${JSON.stringify(ready)}`);
    [wire.processId, wire.secretKey] = [key.processId, Buffer.from(key.key)];
    return wire;
  }

  send(...parts: readonly (Buffer | FrontendMessage)[]): this {
    this.socket.write(Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : encodeFrontend(part)))));
    return this;
  }

  /** Every byte that came back so far, decrypted. */
  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  /** Forgets what came back so far. */
  forget(): this {
    this.#received = [];
    this.#messages = [];
    return this;
  }

  /** The messages up to the next ReadyForQuery, or up to the close; they are handed out once. */
  async untilReady(): Promise<BackendMessage[]> {
    return this.until((message) => message.kind === 'readyForQuery');
  }

  async until(last: (message: BackendMessage) => boolean): Promise<BackendMessage[]> {
    const taken = await eventually('an answer on the wire', () => {
      const at = this.#messages.findIndex(last);
      if (at >= 0) return this.#messages.splice(0, at + 1);
      return this.closed && this.#messages.splice(0);
    }, { withinMs: ANSWER_MS, everyMs: 1 });
    return taken;
  }

  /** One simple query. */
  query(text: string): Promise<BackendMessage[]> {
    return this.send({ kind: 'query', text }).untilReady();
  }

  async untilClosed(): Promise<void> {
    await eventually('the server closes the connection', () => this.closed, { withinMs: ANSWER_MS, everyMs: 10 });
  }

  end(): void {
    this.socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received.push(Buffer.from(chunk));
    if (!this.framed) return;
    this.#frames.push(chunk);
    for (let step = this.#frames.next(); step !== 'more'; step = this.#frames.next()) {
      if (step !== 'frame') throw new Error(`the server sends no messages: ${this.#frames.violation?.detail ?? step}`);
      this.#messages.push(value(decodeBackend(this.#frames.type, this.#frames.buffer, this.#frames.payloadStart, this.#frames.end)));
    }
  }

  async #authenticate(password: string): Promise<void> {
    const [asked] = await this.until(({ kind }) => kind.startsWith('authentication') || kind === 'errorResponse');
    if (asked?.kind === 'authenticationCleartextPassword') this.#answer({ kind: 'password', password });
    else if (asked?.kind === 'authenticationSasl') await this.#scram(asked.mechanisms, password);
    else throw new Error(`unexpected answer to the startup message: ${JSON.stringify(asked)}`);
  }

  async #scram(mechanisms: readonly string[], password: string): Promise<void> {
    const { begun, response } = value(scramBegin({ mechanisms, nonce: randomBytes(18).toString('base64') }));
    this.#answer({ kind: 'saslInitialResponse', mechanism: begun.mechanism, response });
    const [first] = await this.until(({ kind }) => kind === 'authenticationSaslContinue' || kind === 'errorResponse');
    if (first?.kind !== 'authenticationSaslContinue') throw new Error(`login was refused: ${JSON.stringify(first)}`);
    const challenge = value(scramChallenge(begun, first.data));
    const answer = scramAnswer(challenge, scramKeys(password, challenge.salt, challenge.iterations));
    this.#answer({ kind: 'saslResponse', response: answer.response });
    const [final] = await this.until(({ kind }) => kind === 'authenticationSaslFinal' || kind === 'errorResponse');
    if (final?.kind !== 'authenticationSaslFinal') throw new Error(`login was refused: ${JSON.stringify(final)}`);
    value(scramVerify(answer.answered, final.data));
  }

  #answer(message: FrontendAuthenticationMessage): void {
    this.socket.write(encodeFrontend(message));
  }
}

function value<T>(decoded: Decoded<T>): T {
  if (!decoded.ok) throw new Error(`the server breaks the protocol: ${decoded.violation.detail}`);
  return decoded.value;
}

/** SQLSTATE and message of the first error among messages. */
export function errorIn(messages: readonly BackendMessage[]): { readonly code: string; readonly message: string; readonly hint: string } | undefined {
  const error = messages.find((message) => message.kind === 'errorResponse');
  return error && { code: error.fields.code ?? '', message: error.fields.message ?? '', hint: error.fields.hint ?? '' };
}

/** Cells of all rows among messages, as text. */
export function rowsIn(messages: readonly BackendMessage[]): (string | null)[][] {
  return messages.filter((message) => message.kind === 'dataRow').map(({ cells }) => cells.map((cell) => cell?.toString() ?? null));
}
