import { allBut, charactersOf, inBothCases, NO_LINE_END, type Characters } from './characters.js';
import { readEscape } from './escape.js';
import { PATTERN_LIMITS } from './limits.js';
import { mayBeEmpty } from './measure.js';
import type { Node } from './node.js';
import { Reader } from './reader.js';
import { Unfit } from './unfit.js';

const COUNT = /\{(\d{1,5})(?:(,)(\d{1,5})?)?\}/y;
const LOOKS = ['(?=', '(?!', '(?<=', '(?<!'];

/**
 * Reads a pattern: the part of ECMAScript's regular expressions that an automaton has, as with its flag `u`. @throws Unfit
 */
export function parsePattern(text: string, ignoreCase: boolean): Node {
  if (text.length > PATTERN_LIMITS.textLength) throw new Unfit('pattern_too_large', PATTERN_LIMITS.textLength, `a pattern has at most ${PATTERN_LIMITS.textLength} characters`);
  const parser = new Parser(new Reader(text), ignoreCase);
  return parser.whole();
}

class Parser {
  #depth = 0;

  constructor(private readonly reader: Reader, private readonly ignoreCase: boolean) {}

  whole(): Node {
    const node = this.#choice();
    if (!this.reader.done) throw this.reader.malformed('this bracket closes nothing; write \\) for the character');
    return node;
  }

  #choice(): Node {
    const options = [this.#sequence()];
    while (this.reader.takes('|')) options.push(this.#sequence());
    return options.length === 1 ? options[0]! : { kind: 'choice', options };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (!this.reader.done && !this.reader.sees('|') && !this.reader.sees(')')) parts.push(this.#repeated());
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts };
  }

  #repeated(): Node {
    const of = this.#atom();
    const at = this.reader.at;
    const count = this.#count();
    if (!count) return of;
    const [min, max] = count;
    if (max < min) throw this.reader.malformed('at most is less than at least', at);
    if (mayBeEmpty(of)) throw this.reader.notLinear('what is repeated may be empty; write what it repeats so that it is not', at);
    const greedy = !this.reader.takes('?');
    if (this.#count()) throw this.reader.malformed('a repetition is repeated; put a group around it', at);
    return { kind: 'repeat', of, min, max, greedy };
  }

  #count(): readonly [number, number] | undefined {
    if (this.reader.takes('*')) return [0, Infinity];
    if (this.reader.takes('+')) return [1, Infinity];
    if (this.reader.takes('?')) return [0, 1];
    const count = this.reader.takesMatch(COUNT);
    if (!count) return undefined;
    const min = Number(count[1]);
    return [min, count[2] === undefined ? min : Number(count[3] ?? Infinity)];
  }

  #atom(): Node {
    const at = this.reader.at;
    if (this.reader.sees('(')) return this.#group();
    if (this.reader.takes('[')) return this.#characters(this.#class(at));
    if (this.reader.takes('.')) return { kind: 'character', of: NO_LINE_END };
    if (this.reader.takes('\\b')) return { kind: 'edge', negated: false };
    if (this.reader.takes('\\B')) return { kind: 'edge', negated: true };
    if (this.reader.takes('\\')) return this.#characters(readEscape(this.reader));
    if (/[\^$]/.test(this.reader.now)) throw this.reader.notLinear('a value may stand anywhere in a text, so nothing stands for its ends; \\b is the edge of a word');
    if (/[*+?{}\]]/.test(this.reader.now)) throw this.reader.malformed(`${this.reader.now} stands for itself only as \\${this.reader.now}`);
    return this.#literal();
  }

  #literal(): Node {
    const at = this.reader.at;
    const character = this.reader.next().codePointAt(0)!;
    if (character >= 0xd800 && character <= 0xdfff) throw this.reader.malformed('this is half a character', at);
    return this.#characters([[character, character]]);
  }

  #group(): Node {
    const at = this.reader.at;
    if (LOOKS.some((look) => this.reader.sees(look))) throw this.reader.notLinear('looking ahead or behind needs a search that backtracks; \\b is the edge of a word');
    if (!this.reader.takes('(?:')) {
      if (this.reader.sees('(?')) throw this.reader.malformed('a group begins with ( or (?:', at);
      this.reader.next();
    }
    if ((this.#depth += 1) > PATTERN_LIMITS.depth) throw new Unfit('pattern_too_large', at, `groups go at most ${PATTERN_LIMITS.depth} deep`);
    const node = this.#choice();
    if (!this.reader.takes(')')) throw this.reader.malformed('this group is not closed', at);
    this.#depth -= 1;
    return node;
  }

  #class(at: number): Characters {
    const negated = this.reader.takes('^');
    const ranges: (readonly [number, number])[] = [];
    while (!this.reader.takes(']')) {
      if (this.reader.done) throw this.reader.malformed('this class is not closed', at);
      ranges.push(...this.#range());
    }
    const characters = charactersOf(ranges);
    if (!negated) return characters;
    return allBut(this.ignoreCase ? inBothCases(characters) : characters);
  }

  #range(): Characters {
    const at = this.reader.at;
    const first = this.#member();
    if (!this.reader.sees('-') || this.reader.sees('-]')) return first;
    this.reader.next();
    const last = this.#member();
    if (first.length !== 1 || last.length !== 1 || first[0]![0] !== first[0]![1] || last[0]![0] !== last[0]![1]) throw this.reader.malformed('a range goes from one character to another; write \\- for the character', at);
    if (first[0]![0] > last[0]![0]) throw this.reader.malformed('this range ends before it begins', at);
    return [[first[0]![0], last[0]![0]]];
  }

  #member(): Characters {
    const at = this.reader.at;
    if (this.reader.takes('\\b')) return [[0x08, 0x08]];
    if (this.reader.takes('\\')) return readEscape(this.reader);
    const character = this.reader.next().codePointAt(0);
    if (character === undefined || (character >= 0xd800 && character <= 0xdfff)) throw this.reader.malformed('this class is not closed', at);
    return [[character, character]];
  }

  #characters(of: Characters): Node {
    return { kind: 'character', of: this.ignoreCase ? inBothCases(of) : of };
  }
}
