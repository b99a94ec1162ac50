import type net from 'node:net';
import type { Permit } from '@interlock/gateway';
import { encodeFrontend } from '@interlock/protocol-postgres';
import { converse, ProbeFailed, type Conversed, type Conversing } from './conversation.js';
import { runBoundProbe, runProbe, type Probe, type ProbeResult } from './probe.js';
import type { SentStatement } from './running-command.js';
import type { Permitted, Upstream } from './upstream.js';

const TERMINATE = encodeFrontend({ kind: 'terminate' });

export interface LinkPorts {
  readonly upstream: Upstream;
  readonly onData: (chunk: Buffer) => void;
  readonly onGone: () => void;
  /** The client takes its bytes too slowly, or a row waits, for more to be fetched. */
  readonly isFull: () => boolean;
}

/** A session's side of its target: listens while there is room for what is said, and sends under permits. */
export class TargetLink {
  readonly #ports: LinkPorts;
  readonly #onData: (chunk: Buffer) => void;
  #standing: Omit<Permitted, 'bytes'> | undefined;
  #isRecordingBehind = false;
  #parts: Permitted[] | undefined;

  constructor(ports: LinkPorts) {
    this.#ports = ports;
    this.#onData = (chunk) => {
      ports.onData(chunk);
      if (ports.isFull()) ports.upstream.socket.pause();
    };
  }

  get #socket(): net.Socket {
    return this.#ports.upstream.socket;
  }

  /** Begins to listen. `standing` covers messages of this session that run no command. */
  open(standing: Permit, session: string): void {
    this.#standing = { permit: standing, digest: session };
    this.#socket.on('data', this.#onData);
    this.#socket.on('close', this.#ports.onGone);
    this.#socket.resume();
    if (this.#socket.destroyed) this.#ports.onGone();
  }

  /** What is forwarded inside goes out together. */
  together(send: () => void): void {
    const parts: Permitted[] = [];
    this.#parts = parts;
    try {
      send();
    } finally {
      this.#parts = undefined;
    }
    if (parts.length > 0) this.#ports.upstream.forwardAll(parts);
  }

  forward(part: Permitted): void {
    if (this.#parts) this.#parts.push(part);
    else this.#ports.upstream.forward(part);
  }

  /** A message that runs no command of its own. */
  forwardStanding(bytes: Buffer): void {
    this.forward({ ...this.#standing!, bytes });
  }

  /** Resolves when the target can take more. */
  async forwardSlowly(part: Permitted): Promise<void> {
    if (!this.#ports.upstream.forward(part)) await drained(this.#socket);
  }

  /** Asks the session itself something, while nothing else is owed. @throws ProbeFailed */
  ask(probe: Probe, sent?: SentStatement): Promise<ProbeResult> {
    const { upstream, onData } = this.#ports;
    return this.#aside(() => (sent ? runBoundProbe(upstream, probe, sent, onData) : runProbe(upstream, probe, onData)));
  }

  /** Says something and hears the answer, of which the client's side hears nothing. @throws ProbeFailed when there is no whole answer */
  say(part: Permitted, conversing: Conversing = {}): Promise<Conversed> {
    return this.#aside(() => converse(this.#ports.upstream, part, { onAside: this.#ports.onData, ...conversing }));
  }

  /**
   * Says again to the session's own target what another connection has answered already, and hears that it agrees.
   *
   * @throws ProbeFailed where it does not.
   */
  async repeat(bytes: Buffer): Promise<void> {
    const { error } = await this.say({ ...this.#standing!, bytes });
    if (error !== undefined) throw new ProbeFailed(`the target answered ${error}`, true, error);
  }

  async #aside<T>(work: () => Promise<T>): Promise<T> {
    this.#socket.removeListener('data', this.#onData);
    try {
      return await work();
    } finally {
      this.#socket.on('data', this.#onData);
      this.listen();
    }
  }

  /** The recording is behind: nothing more is fetched. */
  hold(): void {
    this.#isRecordingBehind = true;
    this.#socket.pause();
  }

  release(): void {
    this.#isRecordingBehind = false;
    this.listen();
  }

  /** Goes on listening, unless something stands against it. */
  listen(): void {
    if (!this.#isRecordingBehind && !this.#ports.isFull()) this.#socket.resume();
  }

  cancel(): void {
    void this.#ports.upstream.cancel();
  }

  /** `gently`: nothing is owed, so the target is told. */
  leave(gently: boolean): void {
    this.#socket.removeListener('data', this.#onData);
    this.#socket.removeListener('close', this.#ports.onGone);
    if (gently && !this.#socket.destroyed) this.#socket.end(TERMINATE);
    else this.#socket.destroy();
    this.#socket.resume();
  }
}

function drained(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      socket.removeListener('drain', end);
      socket.removeListener('close', end);
      resolve();
    };
    socket.on('drain', end);
    socket.on('close', end);
    if (socket.destroyed) end();
  });
}
