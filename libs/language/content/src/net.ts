import type { Content, ContentKind } from '@interlock/contracts';
import { joined } from './joined.js';
import { Others } from './others.js';
import { Scanner, type Finding, type Hint } from './scanner.js';
import { ContentTable, TRIGGER } from './table.js';

const NONE: readonly Finding[] = [];

/** Kinds of content, made ready to be looked for in any number of texts. */
export class ContentNet {
  readonly table: ContentTable;
  /** What the table does not tell of. */
  readonly others: Others;
  readonly #scanner: Scanner;
  readonly #hints = new Map<string, Hint>();

  constructor(contents: readonly Content[]) {
    this.table = new ContentTable(contents.filter((one): one is ContentKind => typeof one === 'string'));
    this.others = new Others(contents);
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
    const others = this.others.isEmpty ? NONE : this.others.begin(column).scan(bytes, 0, bytes.length);
    if (others.length > 0) return joined([...scanner.found, ...others]);
    return scanner.found.length === 0 ? NONE : scanner.found;
  }

  /** Whether a text may hold anything: most texts end here, without a view of their own. */
  mayHold(bytes: Uint8Array, start: number, end: number): boolean {
    if (!this.others.isEmpty) return true;
    if (end - start < SHORTEST_BYTES) return false;
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
/** Shorter than every kind that comes with Interlock: `::1` alone is, and tells nobody apart. A recognizer may look for less. */
const SHORTEST_BYTES = 6;
const NETS_MAX = 100;
const nets = new Map<string, ContentNet>();
const byList = new WeakMap<readonly Content[], ContentNet>();

/** The net for these kinds: the same for the same kinds. */
export function netFor(contents: readonly Content[]): ContentNet {
  const known = byList.get(contents);
  if (known) return known;
  const key = [...new Set(contents.map((one) => JSON.stringify(one)))].sort().join();
  const net = nets.get(key) ?? new ContentNet(contents);
  // Each configuration may bring recognizers of its own.
  if (nets.size >= NETS_MAX) nets.clear();
  nets.set(key, net);
  byList.set(contents, net);
  return net;
}
