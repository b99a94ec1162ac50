import type { Content, ContentRecognizer } from '@interlock/contracts';
import { SECRET_REACH_BYTES, secretsTold, tellsOfSecret } from '@interlock/language-secrets';
import { compileRecognizer, RECOGNIZER_REACH, type Custom } from './custom.js';
import { NamePages, PAGE_BYTES } from './names.js';
import type { Finding } from './scanner.js';

const NAMES = ['person', 'place'] as const;

/** What is not told by single bytes, as the scanner's kinds are, but by words and patterns: secrets, names, and recognizers of the configuration. */
export class Others {
  readonly #secrets: boolean;
  readonly #names: ReadonlySet<string>;
  readonly #customs: readonly Custom[];
  /** How much of a text a look may read before the byte in hand, and after it. */
  readonly behind: number;
  readonly ahead: number;

  /** @throws RangeError for a recognizer that does not compile: the configuration was to be checked before it was taken. */
  constructor(contents: readonly Content[]) {
    this.#secrets = contents.includes('secret');
    this.#names = new Set(NAMES.filter((kind) => contents.includes(kind)));
    this.#customs = contents.filter(isRecognizer).map(compiled);
    const reaches = [...(this.#secrets ? [SECRET_REACH_BYTES] : []), ...(this.#names.size > 0 ? [{ before: 0, after: PAGE_BYTES }] : []), ...(this.#customs.length > 0 ? [RECOGNIZER_REACH] : [])];
    this.behind = Math.max(0, ...reaches.map(({ before }) => before));
    this.ahead = Math.max(0, ...reaches.map(({ after }) => after));
  }

  get isEmpty(): boolean {
    return !this.#secrets && this.#names.size === 0 && this.#customs.length === 0;
  }

  begin(column?: string): OthersScan {
    return new OthersScan(this.#secrets, this.#names.size > 0 ? new NamePages(this.#names) : undefined, this.#customs, column);
  }
}

/** One text, which may come in pieces: each stretch of it is looked through once. */
export class OthersScan {
  /** Where each recognizer goes on, counted from the start of the text. */
  readonly #next: number[];
  #told = 0;

  constructor(private readonly secrets: boolean, private readonly names: NamePages | undefined, private readonly customs: readonly Custom[], private readonly column: string | undefined) {
    this.#next = customs.map(() => 0);
  }

  /** Goes on to `stop` in `bytes`, of which the first is the text's byte `base`; places are counted from the start of the text. */
  scan(bytes: Uint8Array, base: number, stop: number): readonly Finding[] {
    const found: Finding[] = [];
    this.customs.forEach((custom, index) => {
      const from = this.#next[index]! - base;
      if (from < stop) this.#next[index] = base + custom.find(bytes, from, stop, this.column, found);
    });
    if (this.secrets) for (const { start, end, score } of this.#secretsTo(bytes, base, stop)) found.push({ start, end, kind: 'secret', score });
    if (this.names) found.push(...this.names.scan(bytes, base, stop));
    this.#told = base + stop;
    return base === 0 ? found : found.map((one) => ({ ...one, start: one.start + base, end: one.end + base }));
  }

  /** The name of a column tells of a secret as a name before a value does, so it is read as one. */
  #secretsTo(bytes: Uint8Array, base: number, stop: number): ReturnType<typeof secretsTold> {
    const told = secretsTold(bytes, this.#told - base, stop);
    if (this.column === undefined || this.#told > 0 || !tellsOfSecret(this.column)) return told;
    const name = Buffer.from(`${this.column}: `);
    const named = secretsTold(Buffer.concat([name, bytes.subarray(0, SECRET_REACH_BYTES.after)]), 0, name.length);
    return [...told, ...named.filter(({ start }) => start >= name.length).map((one) => ({ ...one, start: one.start - name.length, end: one.end - name.length }))];
  }
}

function isRecognizer(content: Content): content is ContentRecognizer {
  return typeof content !== 'string';
}

function compiled(recognizer: ContentRecognizer): Custom {
  const made = compileRecognizer(recognizer);
  if (!made.ok) throw new RangeError(made.refusal.detail);
  return made.value;
}
