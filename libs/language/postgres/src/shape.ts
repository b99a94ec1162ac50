import { SQL_LIMITS } from './limits.js';

/**
 * The shape of a text: the text with every plain literal replaced by a mark of its kind. Texts of one shape parse to the
 * same tree but for the literals' values.
 *
 * The scanner knows only what it is sure of: white space, names, quoted names, `$1`, decimal numbers, '…' strings (as with
 * `standard_conforming_strings` on) and punctuation. Anything else (comments, E'…', dollar quotes, exponents, control
 * codes) gives undefined: such a text has no shape and is interpreted by itself. Its agreement with PostgreSQL's own
 * lexer is a test.
 */
export interface Shape {
  readonly text: string;
  /** Where the literals were, in order: start and end of the first, start and end of the second, … */
  readonly spans: readonly number[];
}

const STRING = '\u0001s';
const INTEGER = '\u0001i';
const DECIMAL = '\u0001d';

/** Digits of an integer that fits four bytes whatever they are: a longer one is another kind of token to the parser. */
const SAFE_DIGITS = 9;

const OTHER = 0;
const NAME = 1;
const DIGIT = 2;
const QUOTE = 3;
const DOUBLE_QUOTE = 4;
const DOLLAR = 5;
const DASH = 6;
const SLASH = 7;
const DOT = 8;
const UNSURE = 9;

/** Class of each code unit below 128; above, every character is part of a name to PostgreSQL. */
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => classOf(String.fromCharCode(code)));

function classOf(character: string): number {
  const special = '\'"$-/.'.indexOf(character);
  if (special >= 0) return QUOTE + special;
  if (/[A-Za-z_]/.test(character)) return NAME;
  if (/[0-9]/.test(character)) return DIGIT;
  return /[ \t\n\r\f\v!#%&()*+,:;<=>?@[\]^|~{}]/.test(character) ? OTHER : UNSURE;
}

function classAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < 128 ? CLASSES[code] ?? UNSURE : code >= 128 ? NAME : OTHER;
}

/**
 * The shape of a text, or undefined when it holds anything that the scanner does not know for sure, or more literals than fit a text that can be
 * told: beside each stands a character at least.
 */
export function shapeOf(text: string): Shape | undefined {
  const spans: number[] = [];
  let shape = '';
  let copied = 0;
  for (let index = 0; index < text.length;) {
    const kind = classAt(text, index);
    const end = tokenEnd(text, index, kind);
    if (end < 0) return undefined;
    if (kind === QUOTE || kind === DIGIT) {
      const mark = markOf(text, index, end, kind);
      if (mark === undefined) return undefined;
      shape += text.slice(copied, index) + mark;
      spans.push(index, end);
      if (spans.length > SQL_LIMITS.textBytes) return undefined;
      copied = end;
    }
    index = end;
  }
  return { text: copied === 0 ? text : shape + text.slice(copied), spans };
}

/** Where the token that starts here ends; -1 when unsure. */
function tokenEnd(text: string, start: number, kind: number): number {
  switch (kind) {
    case OTHER: return start + 1;
    case NAME: return nameEnd(text, start);
    case DIGIT: return numberEnd(text, start);
    case QUOTE: return quotedEnd(text, start, '\'');
    case DOUBLE_QUOTE: return quotedEnd(text, start, '"');
    case DOLLAR: return parameterEnd(text, start);
    case DASH: return classAt(text, start + 1) === DASH ? -1 : start + 1;
    case SLASH: return text.charCodeAt(start + 1) === 42 ? -1 : start + 1;
    case DOT: return classAt(text, start + 1) === DIGIT ? -1 : start + 1;
    default: return -1;
  }
}

/** A name right before a quote is a prefix (E'', B'', U&''); those are not known here. */
function nameEnd(text: string, start: number): number {
  let end = start + 1;
  for (let kind = classAt(text, end); kind === NAME || kind === DIGIT || kind === DOLLAR; kind = classAt(text, end)) end += 1;
  if (end >= text.length) return end;
  const next = text.charCodeAt(end);
  if (next === 39) return -1;
  return next === 38 && end === start + 1 && (text[start] === 'u' || text[start] === 'U') ? -1 : end;
}

function digitsEnd(text: string, start: number): number {
  let end = start;
  while (classAt(text, end) === DIGIT && end < text.length) end += 1;
  return end;
}

/** Digits, perhaps with a fraction; nothing that could make it another kind of number may follow. */
function numberEnd(text: string, start: number): number {
  let end = digitsEnd(text, start);
  if (end < text.length && classAt(text, end) === DOT) {
    const fraction = digitsEnd(text, end + 1);
    if (fraction === end + 1) return -1;
    end = fraction;
  }
  if (end >= text.length) return end;
  const kind = classAt(text, end);
  return kind === NAME || kind === DOT || kind === DOLLAR || kind === QUOTE ? -1 : end;
}

/** To the closing quote; a doubled quote stays inside. */
function quotedEnd(text: string, start: number, quote: string): number {
  for (let at = text.indexOf(quote, start + 1); at >= 0; at = text.indexOf(quote, at + 2)) {
    if (text[at + 1] !== quote) return at + 1;
  }
  return -1;
}

function parameterEnd(text: string, start: number): number {
  const end = digitsEnd(text, start + 1);
  if (end === start + 1) return -1;
  const kind = end < text.length ? classAt(text, end) : OTHER;
  return kind === NAME || kind === DOLLAR || kind === QUOTE ? -1 : end;
}

function markOf(text: string, start: number, end: number, kind: number): string | undefined {
  if (kind === QUOTE) return STRING;
  for (let at = start; at < end; at += 1) if (classAt(text, at) === DOT) return DECIMAL;
  return end - start > SAFE_DIGITS ? undefined : INTEGER;
}
