import type { ContentKind } from '@interlock/contracts';
import { Scanner, type Finding, type Hint } from './scanner.js';
import { ContentTable, TRIGGER } from './table.js';

const NONE: readonly Finding[] = [];

/** Kinds of content, made ready to be looked for in any number of texts. */
export class ContentNet {
  readonly table: ContentTable;
  readonly #scanner: Scanner;
  readonly #hints = new Map<string, Hint>();

  constructor(kinds: readonly ContentKind[]) {
    this.table = new ContentTable(kinds);
    this.#scanner = new Scanner(this.table);
  }

  /**
   * What one complete text holds, in order, without overlaps. `column` is the name of the column that it comes from: weak kinds count where it,
   * or a word of the text beside them, speaks of them.
   */
  find(bytes: Uint8Array, column?: string): readonly Finding[] {
    const scanner = this.#scanner;
    scanner.reset(column === undefined ? undefined : this.#hintOf(column));
    scanner.scan(bytes, 0, bytes.length);
    return scanner.found.length === 0 ? NONE : scanner.found;
  }

  /** Whether a text may hold anything: most texts end here, without a view of their own. */
  mayHold(bytes: Uint8Array, start: number, end: number): boolean {
    const { triggers } = this.table;
    for (let at = start; at < end; at += 1) if (triggers[bytes[at]!] !== TRIGGER.none) return true;
    return false;
  }

  #hintOf(column: string): Hint {
    const known = this.#hints.get(column);
    if (known) return known;
    const made = this.table.vocabulary.classesIn(column);
    if (this.#hints.size >= HINTS_MAX) this.#hints.clear();
    this.#hints.set(column, made);
    return made;
  }
}

/** Names of columns come from statements, so that there is no end to them. */
const HINTS_MAX = 1_000;
const nets = new Map<string, ContentNet>();
const byList = new WeakMap<readonly ContentKind[], ContentNet>();

/** The net for these kinds: the same for the same kinds. */
export function netFor(kinds: readonly ContentKind[]): ContentNet {
  const known = byList.get(kinds);
  if (known) return known;
  const key = [...new Set(kinds)].sort().join();
  const net = nets.get(key) ?? new ContentNet(kinds);
  nets.set(key, net);
  byList.set(kinds, net);
  return net;
}
