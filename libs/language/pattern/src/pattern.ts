import { accepted, type Outcome } from '@interlock/kernel';
import { automatonOf, type Automaton } from './automaton.js';
import { extentOf, type Extent } from './measure.js';
import { parsePattern } from './parse.js';
import { prefixesOf } from './prefixes.js';
import { programOf } from './program.js';
import { Unfit, type PatternRefusal } from './unfit.js';

export interface PatternOptions {
  /** ASCII letters match in both cases. */
  readonly ignoreCase?: boolean;
  /** Bytes that a match may have at most; a pattern that may match more is refused. */
  readonly longest?: number;
}

/** Where something lies, in bytes, `end` exclusive. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** A compiled pattern: one step of a table for each byte that it reads. */
export class Pattern {
  readonly #begins: Uint8Array;

  constructor(
    private readonly automaton: Automaton,
    readonly extent: Extent,
    /** Texts in lower case of which every match begins with one; empty where none can be named. */
    readonly prefixes: readonly string[],
  ) {
    this.#begins = automaton.begins;
  }

  /** What it took to compile: at most `PATTERN_LIMITS.steps`. */
  get steps(): number {
    return this.automaton.steps;
  }

  /** The end, exclusive, of the match that begins at `at` and goes no further than `until`; -1 where there is none. */
  endFrom(bytes: Uint8Array, at: number, until = bytes.length): number {
    return this.automaton.endFrom(bytes, at, until);
  }

  /**
   * The first match that begins at `from` or later, before `until`; of those that begin at one place, the one that the pattern prefers. Each place is tried
   * for itself, so it takes at most as many steps a byte as a match has bytes: whoever looks for a pattern says how many (`longest`).
   */
  next(bytes: Uint8Array, from = 0, until = bytes.length): Place | undefined {
    for (let start = from; start < until; start += 1) {
      if (this.#begins[bytes[start]!] === 0) continue;
      const end = this.automaton.endFrom(bytes, start, bytes.length);
      if (end >= 0) return { start, end };
    }
    return undefined;
  }
}

/**
 * The `prefixes` of a pattern, read without compiling it, which takes a hundred times as long.
 *
 * @throws RangeError for what is no pattern.
 */
export function prefixesIn(text: string, { ignoreCase = false }: Pick<PatternOptions, 'ignoreCase'> = {}): readonly string[] {
  try {
    return prefixesOf(parsePattern(text, ignoreCase));
  } catch (fault) {
    if (fault instanceof Unfit) throw new RangeError(`pattern ${text}: ${fault.refusal.detail}`, { cause: fault });
    throw fault;
  }
}

/** Compiles a pattern, or says why it cannot be one and where. */
export function compilePattern(text: string, { ignoreCase = false, longest = Infinity }: PatternOptions = {}): Outcome<Pattern, PatternRefusal> {
  try {
    const node = parsePattern(text, ignoreCase);
    const extent = extentOf(node);
    if (extent.shortest === 0) throw new Unfit('pattern_malformed', 0, 'it may match nothing at all, so it would match everywhere');
    if (extent.longest > longest) throw new Unfit('pattern_too_large', 0, `a match may have at most ${longest} bytes, and this one ${Number.isFinite(extent.longest) ? `has up to ${extent.longest}` : 'has no end'}; write how often, as in {1,32} for +`);
    return accepted(new Pattern(automatonOf(programOf(node)), extent, prefixesOf(node)));
  } catch (fault) {
    if (fault instanceof Unfit) return { ok: false, refusal: fault.refusal };
    throw fault;
  }
}
