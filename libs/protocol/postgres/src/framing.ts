import { STREAM_ABOVE_BYTES } from './limits.js';
import type { MessageTypes, TypeSet } from './message-types.js';
import { typeSet } from './message-types.js';
import type { Violation, ViolationReason } from './violation.js';

/** The type byte and the length field of a typed message. */
export const HEADER_BYTES = 5;

/** The length field counts itself, so no message may declare less. */
const LENGTH_FIELD_BYTES = 4;

/** First capacity of a carry: enough for most messages, so that a slow sender does not cause a copy per byte. */
const CARRY_FIRST_BYTES = 256;

const EMPTY = Buffer.alloc(0);
const NOTHING = typeSet('');

/**
 * What {@link FrameReader.next} found:
 *
 * - `frame`: one whole message, `type`, in `buffer` from `start` to `end`; its payload begins at `payloadStart`.
 * - `run`: `frames` whole messages side by side, all of them of the types that the caller lets pass; forward
 *   `buffer` from `start` to `end` in one write.
 * - `head`: the five header bytes of a message too long to hold; `bodyLeft` bytes of body follow as pieces.
 * - `piece`: the next bytes of that body; `bodyLeft` is what remains behind it.
 * - `more`: the chunk is used up; push the next one.
 * - `violation`: the stream cannot be read any further; `violation` says why, and every later call says it again.
 */
export type FrameStep = 'frame' | 'run' | 'head' | 'piece' | 'more' | 'violation';

/**
 * Splits a byte stream into typed messages (type byte, Int32 length that counts itself, payload), in place.
 *
 * One reader is one cursor: it hands out positions, makes no object per message, and copies only the message that a
 * chunk's edge cuts in two. It pulls: nothing behind the message just handed out has been looked at, so that a caller
 * may change {@link FrameReader.expect} or {@link FrameReader.streamAbove} between two messages.
 *
 * Bytes handed out are never written again by the reader; a caller may keep them, at the price of keeping the
 * chunk they lie in.
 *
 * Source: PostgreSQL documentation, "Frontend/Backend Protocol", "Message Formats".
 */
export class FrameReader {
  /** Type byte of the message that `frame`, `head` and `piece` speak of. */
  type = 0;
  /** Where the bytes handed out last lie, from `start` to `end`. */
  buffer: Buffer = EMPTY;
  start = 0;
  end = 0;
  /** Whole messages in the run handed out last. */
  frames = 0;
  /** Bytes of a streamed body that have not been handed out yet. */
  bodyLeft = 0;
  /** Why the stream cannot be read any further. */
  violation: Violation | undefined;

  private types: MessageTypes;
  private streamAboveBytes: number;
  private chunk: Buffer = EMPTY;
  private at = 0;
  /** The beginning of a message whose end has not arrived; `carryBytes` of it are filled. */
  private carry: Buffer = EMPTY;
  private carryBytes = 0;
  /** Length of that whole message; 0 while its length field is incomplete. */
  private carryTotal = 0;

  constructor(types: MessageTypes, streamAboveBytes: number = STREAM_ABOVE_BYTES) {
    this.types = types;
    this.streamAboveBytes = streamAboveBytes;
  }

  /** The first payload byte of the message in `frame`. */
  get payloadStart(): number {
    return this.start + HEADER_BYTES;
  }

  /** True when the stream may end here: no message is half read. */
  get atBoundary(): boolean {
    return this.bodyLeft === 0 && this.carryBytes === 0 && this.at === this.chunk.length;
  }

  /** Judges the messages that follow by another table: the dialogue has entered another phase. */
  expect(types: MessageTypes): void {
    this.types = types;
  }

  /** From the next message on, streams those longer than `bytes` (type byte included) where their type allows it. */
  streamAbove(bytes: number): void {
    this.streamAboveBytes = bytes;
  }

  /** Takes the next chunk. Legal only after {@link FrameReader.next} has answered `more`, or at the very beginning. */
  push(chunk: Buffer): void {
    if (this.at < this.chunk.length && this.violation === undefined) {
      throw new Error('FrameReader.push: the last chunk is not drained; call next() until it answers "more"');
    }
    this.chunk = chunk;
    this.at = 0;
  }

  /** Advances to the next message, or over all adjacent messages whose types are in `pass`. */
  next(pass: TypeSet = NOTHING): FrameStep {
    if (this.violation !== undefined) return 'violation';
    if (this.bodyLeft > 0) return this.nextPiece();
    if (this.carryBytes > 0) return this.nextFromCarry(pass);
    return this.nextFromChunk(pass);
  }

  /**
   * Shows the whole messages of `type` that lie side by side behind the one handed out, as far as they have come in the same chunk, and takes none of them: their payloads,
   * `buffer` from `start` to `end`.
   */
  ahead(type: number, look: (buffer: Buffer, start: number, end: number) => void): void {
    const { chunk, at: from, types: { ceilings } } = this;
    for (let at = from; at + HEADER_BYTES <= chunk.length && chunk[at] === type;) {
      const declared = readLength(chunk, at);
      const next = at + declared + 1;
      if (declared < LENGTH_FIELD_BYTES || declared > ceilings[type]! || next > chunk.length) return;
      look(chunk, at + HEADER_BYTES, next);
      at = next;
    }
  }

  private nextFromChunk(pass: TypeSet): FrameStep {
    if (this.takeRun(pass)) return 'run';
    const { chunk, at } = this;
    const left = chunk.length - at;
    if (left === 0) return this.drained();
    const type = chunk[at]!;
    if (!this.acceptType(type)) return 'violation';
    if (left < HEADER_BYTES) return this.stash(0);
    const total = this.acceptLength(chunk, at);
    if (total === 0) return 'violation';
    const whole = left >= total;
    if (!whole && !this.isStreamed(type, total)) return this.stash(total);
    this.type = type;
    this.take(whole ? total : HEADER_BYTES);
    return whole ? 'frame' : this.beginBody(total);
  }

  /** Extends over whole, lawful messages in `pass`; whatever is anything else is left for the caller to meet alone. */
  private takeRun(pass: TypeSet): boolean {
    const { chunk } = this;
    const { ceilings } = this.types;
    const last = chunk.length - HEADER_BYTES;
    let at = this.at;
    let frames = 0;
    while (at <= last) {
      const type = chunk[at]!;
      if (pass[type] === 0) break;
      const declared = readLength(chunk, at);
      if (declared < LENGTH_FIELD_BYTES || declared > ceilings[type]! || at + declared >= chunk.length) break;
      at += declared + 1;
      frames += 1;
    }
    if (frames === 0) return false;
    this.frames = frames;
    this.take(at - this.at);
    return true;
  }

  private nextFromCarry(pass: TypeSet): FrameStep {
    if (this.carryTotal === 0 && !this.measureCarry()) return this.violation === undefined ? this.drained() : 'violation';
    const type = this.carry[0]!;
    const total = this.carryTotal;
    const streamed = this.carryBytes === HEADER_BYTES && this.isStreamed(type, total);
    if (!streamed && !this.fillCarry(total)) return this.drained();
    this.type = type;
    this.setRange(this.releaseCarry(), 0, streamed ? HEADER_BYTES : total);
    if (streamed) return this.beginBody(total);
    this.frames = 1;
    return pass[type] === 0 ? 'frame' : 'run';
  }

  /** Completes the header of a message that was cut within it; false while bytes are missing or when it is unlawful. */
  private measureCarry(): boolean {
    if (!this.fillCarry(HEADER_BYTES)) return false;
    const total = this.acceptLength(this.carry, 0);
    this.carryTotal = total;
    return total > 0;
  }

  private nextPiece(): FrameStep {
    const size = Math.min(this.bodyLeft, this.chunk.length - this.at);
    if (size === 0) return this.drained();
    this.bodyLeft -= size;
    this.take(size);
    return 'piece';
  }

  private beginBody(total: number): FrameStep {
    this.bodyLeft = total - HEADER_BYTES;
    return 'head';
  }

  /** Hands out `size` bytes of the chunk and steps behind them. */
  private take(size: number): void {
    this.setRange(this.chunk, this.at, this.at + size);
    this.at += size;
  }

  private setRange(buffer: Buffer, start: number, end: number): void {
    this.buffer = buffer;
    this.start = start;
    this.end = end;
  }

  /** Lets go of the chunk, so that an idle connection holds no memory for it. */
  private drained(): FrameStep {
    this.chunk = EMPTY;
    this.at = 0;
    return 'more';
  }

  private isStreamed(type: number, total: number): boolean {
    return total > this.streamAboveBytes && this.types.streamed[type] === 1;
  }

  /** Keeps the rest of the chunk as the beginning of a message of `total` bytes (0: not known yet). */
  private stash(total: number): FrameStep {
    this.carryTotal = total;
    this.fillCarry(total === 0 ? HEADER_BYTES : total);
    return this.drained();
  }

  /**
   * Copies from the chunk until the carry holds `upTo` bytes; answers whether it does.
   * Memory grows with what has arrived (at most doubling), never with what was declared.
   */
  private fillCarry(upTo: number): boolean {
    const size = Math.min(upTo - this.carryBytes, this.chunk.length - this.at);
    const filled = this.carryBytes + size;
    if (filled > this.carry.length) {
      const grown = Buffer.allocUnsafe(Math.max(filled, Math.min(upTo, Math.max(CARRY_FIRST_BYTES, 2 * this.carry.length))));
      this.carry.copy(grown, 0, 0, this.carryBytes);
      this.carry = grown;
    }
    this.chunk.copy(this.carry, this.carryBytes, this.at, this.at + size);
    this.carryBytes = filled;
    this.at += size;
    return filled === upTo;
  }

  private releaseCarry(): Buffer {
    const { carry } = this;
    this.carry = EMPTY;
    this.carryBytes = 0;
    this.carryTotal = 0;
    return carry;
  }

  private acceptType(type: number): boolean {
    if (this.types.ceilings[type] !== 0) return true;
    return this.break('unknown-type', `message type 0x${type.toString(16).padStart(2, '0')} does not exist here`);
  }

  /** The whole length of the message at `at`, type byte included, or 0 when its declaration breaks a rule. */
  private acceptLength(buffer: Buffer, at: number): number {
    const declared = readLength(buffer, at);
    const ceiling = this.types.ceilings[buffer[at]!]!;
    if (declared < LENGTH_FIELD_BYTES) this.break('length-too-small', `a message declares ${declared} bytes`);
    else if (declared > ceiling) this.break('length-too-large', `a message declares ${declared} bytes; its ceiling is ${ceiling}`);
    else return declared + 1;
    return 0;
  }

  private break(reason: ViolationReason, detail: string): false {
    this.violation = { reason, detail };
    this.chunk = EMPTY;
    this.at = 0;
    this.releaseCarry();
    return false;
  }
}

/** Unsigned, so that a negative length shows as one above every ceiling. */
function readLength(buffer: Buffer, at: number): number {
  return ((buffer[at + 1]! << 24) | (buffer[at + 2]! << 16) | (buffer[at + 3]! << 8) | buffer[at + 4]!) >>> 0;
}
