import type net from 'node:net';
import { decodeFrontend, FrameReader, frontendTypes, type Violation } from '@interlock/protocol-postgres';
import { POSTGRES_LIMITS } from './limits.js';
import type { ClientMessage } from './segment.js';

/** The next thing a client said. `copy` is data of a COPY, whole messages or parts of one; `more`: nothing yet. */
export type InputStep =
  | { readonly kind: 'message'; readonly one: ClientMessage }
  | { readonly kind: 'copy'; readonly raw: Buffer }
  | { readonly kind: 'more' }
  | { readonly kind: 'violation'; readonly violation: Violation };

const MORE: InputStep = { kind: 'more' };
const COPY_DATA = 'd'.charCodeAt(0);

/** Reads a client's messages one at a time, as they are asked for; what is not asked for waits, bounded by pausing the socket. */
export class ClientInput {
  readonly #socket: net.Socket;
  readonly #reader = new FrameReader(frontendTypes(POSTGRES_LIMITS.clientMessageBytes));
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(socket: net.Socket) {
    this.#socket = socket;
  }

  push(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes > POSTGRES_LIMITS.heldBytes && !this.#socket.isPaused()) this.#socket.pause();
  }

  next(): InputStep {
    for (;;) {
      const step = this.#reader.next();
      if (step === 'more') {
        if (!this.#takeHeld()) return MORE;
      } else if (step === 'violation') return { kind: 'violation', violation: this.#reader.violation! };
      else if (step === 'frame' && this.#reader.type !== COPY_DATA) return this.#message();
      else return { kind: 'copy', raw: this.#reader.buffer.subarray(this.#reader.start, this.#reader.end) };
    }
  }

  #takeHeld(): boolean {
    const chunk = this.#held.shift();
    if (!chunk) return false;
    this.#heldBytes -= chunk.length;
    if (this.#heldBytes <= POSTGRES_LIMITS.heldBytes && this.#socket.isPaused()) this.#socket.resume();
    this.#reader.push(chunk);
    return true;
  }

  #message(): InputStep {
    const { type, buffer, start, payloadStart, end } = this.#reader;
    const decoded = decodeFrontend(type, buffer, payloadStart, end);
    return decoded.ok ? { kind: 'message', one: { message: decoded.value, raw: buffer.subarray(start, end) } } : { kind: 'violation', violation: decoded.violation };
  }
}
