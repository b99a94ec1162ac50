import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import {
  backendTypes, decodeBackend, encodeFrontend, encodeSslRequest, encodeStartupMessage, FrameReader, type BackendMessage, type FrontendMessage, type Password,
} from '@interlock/protocol-postgres';

const STREAM_ABOVE_BYTES = 64 * 1024 * 1024;
const PATIENCE_MS = 6_000;

/** A client that speaks the protocol message by message, lawful or not. */
export class WireClient {
  readonly received: BackendMessage[] = [];
  readonly #reader = new FrameReader(backendTypes(), STREAM_ABOVE_BYTES);
  #taken = 0;
  closed = false;

  private constructor(readonly socket: net.Socket) {
    socket.on('error', () => undefined);
    socket.on('close', () => { this.closed = true; });
  }

  /** Nothing is said yet. */
  static async dial(port: number): Promise<WireClient> {
    const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    const client = new WireClient(socket);
    client.#listen();
    return client;
  }

  static async dialTls(port: number): Promise<WireClient> {
    const plain = net.connect({ host: '127.0.0.1', port, noDelay: true });
    plain.write(encodeSslRequest());
    const [answer] = (await once(plain, 'data')) as [Buffer];
    if (answer.toString() !== 'S') throw new Error(`TLS was answered with ${answer.toString()}`);
    const socket = tls.connect({ socket: plain, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const client = new WireClient(socket);
    client.#listen();
    return client;
  }

  /** Dials in clear, logs in, and waits until the session is ready. */
  static async enter(port: number, user: string, database: string, password: string, more: Readonly<Record<string, string>> = {}): Promise<WireClient> {
    const client = await WireClient.dial(port);
    client.startUp(user, database, more);
    await client.next('authenticationCleartextPassword');
    client.send({ kind: 'password', password });
    await client.until('readyForQuery');
    return client;
  }

  startUp(user: string, database: string, more: Readonly<Record<string, string>> = {}, minor = 0): void {
    this.send(encodeStartupMessage([['user', user], ['database', database], ...Object.entries(more)], minor));
  }

  send(...messages: readonly (FrontendMessage | Password | Buffer)[]): void {
    this.socket.write(Buffer.concat(messages.map((message) => (Buffer.isBuffer(message) ? message : encodeFrontend(message)))));
  }

  query(text: string): Promise<readonly BackendMessage[]> {
    this.send({ kind: 'query', text });
    return this.until('readyForQuery');
  }

  /** The next message; fails when it is another, or none comes. */
  async next(kind?: BackendMessage['kind']): Promise<BackendMessage> {
    for (const untilMs = Date.now() + PATIENCE_MS; this.#taken >= this.received.length; ) {
      if (this.closed) throw new Error(`closed where ${kind ?? 'a message'} was expected`);
      if (Date.now() > untilMs) throw new Error(`no ${kind ?? 'message'} came`);
      await sleep(2);
    }
    const message = this.received[this.#taken]!;
    this.#taken += 1;
    if (kind !== undefined && message.kind !== kind) throw new Error(`${kind} was expected, not ${JSON.stringify(message)}`);
    return message;
  }

  /** All messages up to and including one of this kind. */
  async until(kind: BackendMessage['kind']): Promise<readonly BackendMessage[]> {
    const messages = [await this.next()];
    while (messages.at(-1)!.kind !== kind) messages.push(await this.next());
    return messages;
  }

  async whenClosed(): Promise<void> {
    for (const untilMs = Date.now() + PATIENCE_MS; !this.closed; await sleep(2)) {
      if (Date.now() > untilMs) throw new Error('the connection stays open');
    }
  }

  close(): void {
    this.socket.destroy();
  }

  #listen(): void {
    this.socket.on('data', (chunk: Buffer) => {
      this.#reader.push(chunk);
      for (let step = this.#reader.next(); step !== 'more'; step = this.#reader.next()) {
        if (step !== 'frame') throw new Error(`not the protocol: ${this.#reader.violation?.detail ?? step}`);
        const decoded = decodeBackend(this.#reader.type, this.#reader.buffer, this.#reader.payloadStart, this.#reader.end);
        if (!decoded.ok) throw new Error(`malformed: ${decoded.violation.detail}`);
        this.received.push(decoded.value);
      }
    });
  }
}
