import type net from 'node:net';
import type { RecordingSpool } from '@interlock/gateway';
import { POSTGRES_LIMITS } from './limits.js';

const NOTHING = Buffer.alloc(0);

/**
 * Writes to the client what it may see, and records exactly that. Neighbouring bytes of one chunk become one write; what
 * one chunk of the target gave goes out together.
 */
export class ClientWriter {
  readonly #socket: net.Socket;
  readonly #spool: RecordingSpool;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #kept: Buffer[] | undefined;
  #buffer: Buffer = NOTHING;
  #start = 0;
  #end = 0;

  constructor(socket: net.Socket, spool: RecordingSpool) {
    this.#socket = socket;
    this.#spool = spool;
  }

  /** Bytes for the client so far, those that wait included. */
  get bytes(): number {
    return this.#spool.bytes + this.#partBytes + this.#end - this.#start;
  }

  /** Whether the client takes its bytes too slowly for more to be fetched. */
  get isSlow(): boolean {
    return this.#socket.writableLength > POSTGRES_LIMITS.clientBacklogBytes;
  }

  /** From now on what is added is kept back, until it is released or dropped. */
  keep(): void {
    this.#kept ??= [];
  }

  release(): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    for (const part of kept) this.add(part);
  }

  drop(): void {
    this.#kept = undefined;
  }

  /** Bytes that are kept back. */
  get keptBytes(): number {
    return (this.#kept ?? []).reduce((sum, { length }) => sum + length, 0);
  }

  /** Adds `buffer` from `start` to `end`, as it is. */
  add(buffer: Buffer, start = 0, end = buffer.length): void {
    if (this.#kept) return void this.#kept.push(buffer.subarray(start, end));
    if (buffer === this.#buffer && start === this.#end) {
      this.#end = end;
      return;
    }
    this.#close();
    this.#buffer = buffer;
    this.#start = start;
    this.#end = end;
  }

  flush(): void {
    this.#close();
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    this.#partBytes = 0;
    for (const part of parts) this.#spool.write(part);
    if (this.#socket.destroyed) return;
    if (parts.length > 1) this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    if (parts.length > 1) this.#socket.uncork();
  }

  #close(): void {
    if (this.#end === this.#start) return;
    this.#parts.push(this.#start === 0 && this.#end === this.#buffer.length ? this.#buffer : this.#buffer.subarray(this.#start, this.#end));
    this.#partBytes += this.#end - this.#start;
    this.#buffer = NOTHING;
    this.#start = 0;
    this.#end = 0;
  }
}
