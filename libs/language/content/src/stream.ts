import { joined, SHORTEST_REST } from './joined.js';
import type { ContentNet } from './net.js';
import type { OthersScan } from './others.js';
import { BEHIND, LOOKBACK, Scanner, type Finding } from './scanner.js';

/** Takes a text as it was, in order: stretches without findings, and findings with their bytes. The bytes are good until the call returns. */
export interface ContentSink {
  clear(bytes: Uint8Array): void;
  found(finding: Finding, bytes: Uint8Array): void;
}

const WINDOW_BYTES = 256 * 1_024;
/** A text may be short: the window begins with this. */
const FIRST_BYTES = 4 * 1_024;

/**
 * A text that comes in pieces, of any length. What is found does not depend on where it was cut, and no more is held than a window and the longest
 * candidate.
 */
export class ContentStream {
  readonly #scanner: Scanner;
  readonly #sink: ContentSink;
  readonly #aheadBytes: number;
  readonly #behindBytes: number;
  /** Beside the scanner, where there is something for it. */
  readonly #others: OthersScan | undefined;
  /** What it found and was not handed out. */
  #told: Finding[] = [];
  #window: Buffer;
  #filled = 0;
  /** The text's byte that the window begins with, and the next one to hand out. */
  #base = 0;
  #released = 0;

  constructor(net: ContentNet, sink: ContentSink) {
    this.#scanner = new Scanner(net.table);
    this.#sink = sink;
    this.#aheadBytes = Math.max(net.table.aheadBytes, net.others.ahead);
    this.#behindBytes = Math.max(BEHIND, net.others.behind);
    this.#others = net.others.isEmpty ? undefined : net.others.begin();
    this.#window = Buffer.allocUnsafe(FIRST_BYTES + this.#behindBytes + 2 * this.#aheadBytes);
  }

  push(chunk: Uint8Array): void {
    for (let taken = 0; taken < chunk.length; ) {
      if (chunk.length - taken > this.#window.length - this.#filled) this.#grow(chunk.length - taken);
      const part = chunk.subarray(taken, taken + this.#window.length - this.#filled);
      this.#window.set(part, this.#filled);
      this.#filled += part.length;
      taken += part.length;
      this.#advance(this.#filled - this.#aheadBytes, false);
    }
  }

  /** The text ends here. */
  finish(): void {
    this.#advance(this.#filled, true);
  }

  #advance(stop: number, isEnd: boolean): void {
    if (stop <= 0 && !isEnd) return;
    const bytes = this.#window.subarray(0, this.#filled);
    this.#scanner.scan(bytes, this.#base, stop);
    if (this.#others) this.#told.push(...this.#others.scan(bytes, this.#base, stop));
    this.#release(bytes, isEnd ? Infinity : this.#settled(stop));
    if (this.#filled === this.#window.length) this.#forget();
  }

  /** Where the first of what may still be found begins. */
  #settled(stop: number): number {
    const at = this.#scanner.at - LOOKBACK;
    return this.#others ? Math.min(at, this.#base + stop - this.#behindBytes) : at;
  }

  /** Hands out what no later byte can change: findings that end, or where the scanner is alone begin, before `settled`. */
  #release(bytes: Buffer, settled: number): void {
    const { found } = this.#scanner;
    const all = this.#told.length > 0 ? joined([...found, ...this.#told]) : found;
    let given = 0;
    for (; given < all.length && (this.#others ? all[given]!.end : all[given]!.start + 1) <= settled; given += 1) {
      const finding = all[given]!;
      this.#clear(bytes, finding.start);
      this.#sink.found(finding, bytes.subarray(finding.start - this.#base, finding.end - this.#base));
      this.#released = finding.end;
    }
    this.#clear(bytes, Math.min(settled, this.#base + bytes.length, all[given]?.start ?? settled));
    found.splice(0, found.filter(({ end }) => end <= this.#released).length);
    this.#told = this.#told.flatMap((one) => this.#left(one));
  }

  /** What is still to be told of a finding: of a name that another finding cut, the rest. */
  #left(one: Finding): Finding[] {
    const start = Math.max(one.start, this.#released);
    return one.end <= start || (start > one.start && one.end - start < SHORTEST_REST) ? [] : [{ ...one, start }];
  }

  #clear(bytes: Buffer, to: number): void {
    if (to <= this.#released) return;
    this.#sink.clear(bytes.subarray(this.#released - this.#base, to - this.#base));
    this.#released = to;
  }

  #grow(wanted: number): void {
    const size = Math.min(this.#filled + wanted, WINDOW_BYTES + this.#behindBytes + 2 * this.#aheadBytes);
    if (size <= this.#window.length) return;
    const larger = Buffer.allocUnsafe(Math.min(size * 2, WINDOW_BYTES + this.#behindBytes + 2 * this.#aheadBytes));
    larger.set(this.#window.subarray(0, this.#filled));
    this.#window = larger;
  }

  #forget(): void {
    const from = Math.max(0, Math.min(this.#released, this.#scanner.at) - this.#behindBytes - this.#base);
    this.#window.copyWithin(0, from, this.#filled);
    this.#base += from;
    this.#filled -= from;
  }
}
