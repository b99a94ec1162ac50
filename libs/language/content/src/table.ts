import type { ContentKind } from '@interlock/contracts';
import { IPV4 } from './address.js';
import { isDigit, isLetter } from './bytes.js';
import { CARD } from './card.js';
import { REACH_AFTER, Vocabulary } from './context.js';
import { DATES } from './dates.js';
import { DOCUMENTS } from './documents.js';
import { recognizersOf } from './form.js';
import { AMERICAS } from './identities-americas.js';
import { ASIA_PACIFIC } from './identities-asia-pacific.js';
import { EUROPE } from './identities-europe.js';
import { NORTH_EAST } from './identities-north-east.js';
import { foundKinds, KINDS, type FoundKind } from './kinds.js';
import { PHONE } from './phone.js';
import { AFTER, LONGEST_RUN, type After, type Recognizer } from './recognizer.js';

/** Everything that begins with or around a run of digits. At one place the first strong one that matches counts, or the weak one whose word is nearest. */
const RECOGNIZERS: readonly Recognizer[] = [...CARD, ...IPV4, ...[...AMERICAS, ...EUROPE, ...NORTH_EAST, ...ASIA_PACIFIC].flatMap(recognizersOf), ...DATES, ...DOCUMENTS.flatMap(recognizersOf), ...PHONE];

/** A recognizer with the classes of the words that it needs, and of those that it shuns (or -1). */
export interface Supported extends Recognizer {
  readonly needs: readonly number[];
  readonly shunned: number;
}

/** What a byte starts looking for. */
export const TRIGGER = { none: 0, digit: 1, at: 2, colon: 3, dot: 4, plus: 5 } as const;

/** Lengths of runs by what follows; twice: with a letter before the run, and without. */
const SLOTS = (LONGEST_RUN + 1) * AFTER.length;
const NO_RECOGNIZERS: readonly Supported[] = [];
const CLASS_OF_AFTER = new Uint8Array(256);
for (let byte = 0; byte < 256; byte += 1) CLASS_OF_AFTER[byte] = AFTER.indexOf(afterOf(byte));

/** Kinds of content, made ready to be looked for: a table from bytes to what may begin there. */
export class ContentTable {
  readonly kinds: ReadonlySet<FoundKind>;
  readonly vocabulary = new Vocabulary();
  /** By byte: a value of `TRIGGER`. */
  readonly triggers = new Uint8Array(256);
  /** How many bytes after the byte in hand a look may reach. */
  readonly aheadBytes: number;
  readonly #byRun: (readonly Supported[])[];

  constructor(kinds: readonly ContentKind[]) {
    this.kinds = foundKinds(kinds);
    const supported = RECOGNIZERS.filter(({ kind }) => this.kinds.has(kind)).map((recognizer) => this.#supported(recognizer));
    const wanted = [...supported.filter(({ needs }) => needs.length === 0), ...supported.filter(({ needs }) => needs.length > 0)];
    this.#byRun = Array.from({ length: 2 * SLOTS }, (_, slot) => wanted.filter((recognizer) => fits(recognizer, slot)));
    const longest = Math.max(0, ...[...this.kinds].map((kind) => KINDS[kind].longest));
    this.aheadBytes = longest + REACH_AFTER + LONGEST_RUN;
    [this.hasIbans, this.hasWallets, this.hasMacs, this.hasIps] = [this.has('iban'), this.has('crypto-address'), this.has('mac'), this.has('ip')];
    this.#setTriggers(wanted.length > 0);
  }

  /** Asked at every number, so it is no set. */
  readonly hasIbans: boolean;
  readonly hasWallets: boolean;
  readonly hasMacs: boolean;
  readonly hasIps: boolean;

  has(kind: FoundKind): boolean {
    return this.kinds.has(kind);
  }

  /** What may begin with, or just before, a run of so many digits, followed by this byte, with a letter right before it or not. */
  startingWith(runLength: number, follows: number | undefined, afterLetter: boolean): readonly Supported[] {
    if (runLength > LONGEST_RUN) return NO_RECOGNIZERS;
    return this.#byRun[(afterLetter ? SLOTS : 0) + runLength * AFTER.length + (follows === undefined ? 0 : CLASS_OF_AFTER[follows]!)]!;
  }

  #supported(recognizer: Recognizer): Supported {
    return {
      ...recognizer,
      needs: (recognizer.near ?? []).map((words) => this.vocabulary.classOf(words)),
      shunned: recognizer.notAfter ? this.vocabulary.classOf(recognizer.notAfter) : -1,
    };
  }

  #setTriggers(digits: boolean): void {
    const hasUrls = this.has('url') || this.has('url-credentials');
    if (digits || this.hasIbans || this.hasWallets || this.hasMacs) for (let byte = 0x30; byte <= 0x39; byte += 1) this.triggers[byte] = TRIGGER.digit;
    if (this.has('email')) this.triggers[0x40] = TRIGGER.at;
    if (hasUrls || this.hasIps || this.hasMacs) this.triggers[0x3a] = TRIGGER.colon;
    if (this.has('url')) this.triggers[0x2e] = TRIGGER.dot;
    if (this.has('phone')) this.triggers[0x2b] = TRIGGER.plus;
  }
}

function fits({ runs, afterLetter = false }: Recognizer, slot: number): boolean {
  const after = AFTER[slot % AFTER.length]!;
  return afterLetter === slot >= SLOTS && runs.lengths.includes(Math.floor((slot % SLOTS) / AFTER.length)) && runs.followedBy.includes(after);
}

function afterOf(byte: number): After {
  if (isLetter(byte)) return 'letter';
  if (isDigit(byte)) return 'end';
  switch (String.fromCharCode(byte)) {
    case '-': return 'dash';
    case '.': return 'dot';
    case ' ': return 'space';
    case '/': return 'slash';
    case '+': return 'plus';
    case '(': case ')': return 'bracket';
    default: return 'end';
  }
}
