import { findNames, MOST_BYTES_AT_ONCE } from '@interlock/language-names';
import type { Finding } from './scanner.js';

/** How much of a text has to be in hand after a place, so that the names of its page are found. */
export const PAGE_BYTES = MOST_BYTES_AT_ONCE;
const [LINE, SPACE] = [0x0a, 0x20];

/** Names of persons and places in one text, which may come in pieces: it is read in pages, whose ends its own bytes alone decide. */
export class NamePages {
  /** Where the next page begins, counted from the start of the text. */
  #next = 0;

  constructor(private readonly kinds: ReadonlySet<string>) {}

  /** Reads the pages that begin before `stop`, in `bytes` of which the first is the text's byte `base`; places are counted in `bytes`. */
  scan(bytes: Uint8Array, base: number, stop: number): Finding[] {
    const found: Finding[] = [];
    for (let start = this.#next - base; start < stop; start = this.#next - base) {
      const end = pageEnd(bytes, start);
      for (const name of findNames(bytes.subarray(start, end))) if (this.kinds.has(name.kind)) found.push({ ...name, start: start + name.start, end: start + name.end });
      this.#next = base + end;
    }
    return found;
  }
}

/** After the last line that ends in the second half of a page, else after its last space, else between two characters. */
function pageEnd(bytes: Uint8Array, start: number): number {
  const most = start + PAGE_BYTES;
  if (most >= bytes.length) return bytes.length;
  const half = bytes.subarray(start + PAGE_BYTES / 2, most);
  const cut = Math.max(half.lastIndexOf(LINE), -1) >= 0 ? half.lastIndexOf(LINE) : half.lastIndexOf(SPACE);
  if (cut >= 0) return start + PAGE_BYTES / 2 + cut + 1;
  let end = most;
  while (end > most - 4 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return end;
}
