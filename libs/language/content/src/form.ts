import { DASH, DOT, endsClean, isDigit, isLetter, OPEN, CLOSE, PLUS, SLASH, SPACE, startsAlone } from './bytes.js';
import type { Token } from './checks.js';
import type { FoundKind } from './kinds.js';
import { BARE, type After, type Recognizer } from './recognizer.js';

/** What a kind of number looks like, in a notation of its own: `0` a digit, `A` a letter, `*` either, anything else itself. */
export interface FormSpec {
  readonly kind: FoundKind;
  readonly forms: readonly string[];
  readonly score: number;
  readonly near?: readonly (readonly string[])[];
  /** Whether the letters and digits of the candidate (upper-case, without what joins them) are such a number. */
  readonly valid: (token: Token, count: number) => boolean;
}

const LONGEST_TOKEN = 40;
/** The candidate in hand: most numbers are nothing, so none costs an array of its own. */
const TOKEN = new Uint8Array(LONGEST_TOKEN);
const [DIGIT, LETTER] = [1, 2];
/** Of ASCII alone. */
const CLASS = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x80 ? 0 : isDigit(byte) ? DIGIT : isLetter(byte) ? LETTER : 0));

/** A form, place by place: the classes that a byte may be of, or, where that is 0, the mark that it is. */
interface Template {
  readonly classes: Uint8Array;
  readonly marks: Uint8Array;
}

function templateOf(form: string): Template {
  return {
    classes: Uint8Array.from(form, (character) => (character === '0' ? DIGIT : character === 'A' ? LETTER : character === '*' ? DIGIT | LETTER : 0)),
    marks: Uint8Array.from(form, (character) => character.charCodeAt(0)),
  };
}

/** One recognizer for each way of writing. */
export function recognizersOf({ kind, forms, score, near, valid }: FormSpec): Recognizer[] {
  return forms.map((form) => {
    const template = templateOf(form);
    const lead = /[0*]/.exec(form)!.index;
    const blanks = form.includes(' ');
    const runs = runsOf(form.slice(lead));
    return {
      kind, score, runs, afterLetter: lead > 0 && /[A*]/.test(form[lead - 1]!), ...(near && { near }), ...(lead > 0 && { startOf: (_bytes: Uint8Array, run: number) => run - lead }),
      match(bytes, run) {
        const count = blanks && isGroupOfMore(bytes, run - lead, form.length) ? 0 : matchAt(bytes, run - lead, template);
        return count > 0 && valid(TOKEN, count) ? run - lead + form.length : -1;
      },
    };
  });
}

/** `*` may be a digit or a letter, so that the run may end before each of them. */
function runsOf(form: string): Recognizer['runs'] {
  const sure = /^0*/.exec(form)![0].length;
  const most = /^[0*]*/.exec(form)![0].length;
  const after = form.length > most ? afterOf(form.charCodeAt(most)) : BARE;
  if (most === sure) return { lengths: [sure], followedBy: after };
  const from = Math.max(sure, 1);
  return { lengths: Array.from({ length: most - from + 1 }, (_, index) => from + index), followedBy: [...after, 'letter'] };
}

function afterOf(byte: number): readonly After[] {
  switch (byte) {
    case DASH: return ['dash'];
    case DOT: return ['dot'];
    case SPACE: return ['space'];
    case SLASH: return ['slash'];
    case PLUS: return ['plus'];
    case OPEN: case CLOSE: return ['bracket'];
    case 0x41: return ['letter'];
    default: return ['end'];
  }
}

/** Whether groups go on before or after the candidate, as in an account number written in fours. */
function isGroupOfMore(bytes: Uint8Array, start: number, length: number): boolean {
  const end = start + length;
  return (start > 1 && bytes[start - 1] === SPACE && isDigit(bytes[start - 2])) || (end + 1 < bytes.length && bytes[end] === SPACE && isDigit(bytes[end + 1]));
}

/** How many letters and digits the candidate has, or 0 where it does not look so. */
function matchAt(bytes: Uint8Array, start: number, { classes, marks }: Template): number {
  const end = start + classes.length;
  if (start < 0 || end > bytes.length || !startsAlone(bytes, start)) return 0;
  let count = 0;
  for (let index = 0; index < classes.length; index += 1) {
    const byte = bytes[start + index]!;
    const wanted = classes[index]!;
    if (wanted === 0) {
      if (byte !== marks[index]) return 0;
      continue;
    }
    if ((CLASS[byte]! & wanted) === 0) return 0;
    TOKEN[count] = byte > 0x60 ? byte - 0x20 : byte;
    count += 1;
  }
  return endsClean(bytes, end) ? count : 0;
}
