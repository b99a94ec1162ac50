/** Told of each keyword found: its index, and where it ends, exclusive. */
export type OnKeyword = (keyword: number, end: number) => void;

interface Branch {
  readonly children: Map<number, number>;
  /** Keywords that end here, those that end as suffixes of it included. */
  ends: number[];
  /** The longest proper suffix of what leads here that is a branch too. */
  fall: number;
}

/**
 * Many words looked for in one pass (Aho and Corasick, 1975), ASCII letters in both cases. The automaton is one flat table;
 * states in which no word ends come first, so one comparison a byte tells whether there is anything to do.
 */
export class Keywords {
  readonly #table: Uint16Array;
  readonly #classes: Uint8Array;
  readonly #shift: number;
  readonly #firstEnding: number;
  readonly #longest: number;
  /** By state, from the first ending one on. */
  readonly #ends: readonly (readonly number[])[];

  /** @throws RangeError where a word is empty or holds something else than ASCII, or all together are too long for the table. */
  constructor(words: readonly string[]) {
    if (words.some((word) => !/^[\0-\x7f]+$/.test(word))) throw new RangeError('a keyword is ASCII, and not empty');
    const branches = grow(words.map((word) => Buffer.from(word.toLowerCase(), 'latin1')));
    if (branches.length > 0xffff) throw new RangeError('these are too many keywords for one table');
    this.#longest = Math.max(0, ...words.map((word) => word.length));
    const [classes, width] = classesOf(words);
    this.#shift = Math.ceil(Math.log2(width));
    this.#classes = classes;
    const order = [...branches.keys()].toSorted((one, other) => Number(branches[one]!.ends.length > 0) - Number(branches[other]!.ends.length > 0) || one - other);
    this.#firstEnding = order.findIndex((branch) => branches[branch]!.ends.length > 0);
    if (this.#firstEnding < 0) this.#firstEnding = order.length;
    this.#ends = order.slice(this.#firstEnding).map((branch) => branches[branch]!.ends);
    this.#table = tableOf(branches, order, classes, this.#shift);
  }

  /** Tells `found` of every keyword in the bytes between `from` and `until`, in the order of their ends. */
  scan(bytes: Uint8Array, found: OnKeyword, from = 0, until = bytes.length): void {
    if (until - from < LANES_BYTES) this.#inOneLane(bytes, found, from, until);
    else this.#inTwoLanes(bytes, found, from, until);
  }

  #inOneLane(bytes: Uint8Array, found: OnKeyword, from: number, until: number, begun = 0): number {
    const table = this.#table;
    const classes = this.#classes;
    const shift = this.#shift;
    const firstEnding = this.#firstEnding;
    let state = begun;
    for (let at = from; at < until; at += 1) {
      state = table[(state << shift) | classes[bytes[at]!]!]!;
      if (state >= firstEnding) this.#tell(found, state, at + 1);
    }
    return state;
  }

  /**
   * Each step waits for the state that the one before it reads from memory. Two halves of a text do not wait for each other, so that side by side
   * they take hardly longer than one.
   */
  #inTwoLanes(bytes: Uint8Array, found: OnKeyword, from: number, until: number): void {
    const table = this.#table;
    const classes = this.#classes;
    const shift = this.#shift;
    const firstEnding = this.#firstEnding;
    const half = (until - from) >> 1;
    const later: number[] = [];
    let first = 0;
    let second = this.#inOneLane(bytes, UNTOLD, Math.max(from, from + half - this.#longest), from + half);
    for (let at = from, end = from + half; at < end; at += 1) {
      first = table[(first << shift) | classes[bytes[at]!]!]!;
      second = table[(second << shift) | classes[bytes[at + half]!]!]!;
      if (first >= firstEnding) this.#tell(found, first, at + 1);
      if (second >= firstEnding) later.push(second, at + half + 1);
    }
    for (let index = 0; index < later.length; index += 2) this.#tell(found, later[index]!, later[index + 1]!);
    this.#inOneLane(bytes, found, from + 2 * half, until, second);
  }

  #tell(found: OnKeyword, state: number, end: number): void {
    for (const keyword of this.#ends[state - this.#firstEnding]!) found(keyword, end);
  }
}

/** Shorter texts are looked through at once. */
const LANES_BYTES = 512;
const UNTOLD: OnKeyword = () => undefined;

/** Every byte that occurs in a word has a class of its own, both cases of a letter the same; all others have class 0. */
function classesOf(words: readonly string[]): readonly [Uint8Array, number] {
  const classes = new Uint8Array(256);
  let width = 1;
  for (const byte of new Set(Buffer.from(words.join('').toLowerCase(), 'latin1'))) {
    classes[byte] = width;
    if (byte >= 0x61 && byte <= 0x7a) classes[byte - 0x20] = width;
    width += 1;
  }
  return [classes, width];
}

/** The tree of all words, breadth first, with what each branch falls back to. */
function grow(words: readonly Uint8Array[]): readonly Branch[] {
  const branches: Branch[] = [{ children: new Map(), ends: [], fall: 0 }];
  words.forEach((word, index) => {
    let at = 0;
    for (const byte of word) {
      const { children } = branches[at]!;
      if (!children.has(byte)) children.set(byte, branches.push({ children: new Map(), ends: [], fall: 0 }) - 1);
      at = children.get(byte)!;
    }
    branches[at]!.ends.push(index);
  });
  for (const [branch, byte, child] of breadthFirst(branches)) {
    let fall = branch;
    do fall = branches[fall]!.fall;
    while (fall !== 0 && !branches[fall]!.children.has(byte));
    const suffix = branch === 0 ? 0 : (branches[fall]!.children.get(byte) ?? 0);
    branches[child]!.fall = suffix;
    branches[child]!.ends = [...branches[child]!.ends, ...branches[suffix]!.ends];
  }
  return branches;
}

function* breadthFirst(branches: readonly Branch[]): Iterable<readonly [branch: number, byte: number, child: number]> {
  const open = [0];
  for (const branch of open) {
    for (const [byte, child] of branches[branch]!.children) {
      yield [branch, byte, child];
      open.push(child);
    }
  }
}

function tableOf(branches: readonly Branch[], order: readonly number[], classes: Uint8Array, shift: number): Uint16Array {
  const states = new Uint16Array(order.length);
  order.forEach((branch, state) => (states[branch] = state));
  const table = new Uint16Array(order.length << shift);
  // What a branch falls back to is nearer to the root, so its row is written before.
  const rows = [0, ...[...breadthFirst(branches)].map(([, , child]) => child)];
  for (const branch of rows) {
    const row = states[branch]! << shift;
    if (branch !== 0) table.copyWithin(row, states[branches[branch]!.fall]! << shift, (states[branches[branch]!.fall]! + 1) << shift);
    for (const [byte, child] of branches[branch]!.children) table[row | classes[byte]!] = states[child]!;
  }
  return table;
}
