import { allBut, DIGITS, SPACE, WORD, type Characters } from './characters.js';
import type { Reader } from './reader.js';

const CLASSES: Readonly<Record<string, Characters>> = { d: DIGITS, D: allBut(DIGITS), w: WORD, W: allBut(WORD), s: SPACE, S: allBut(SPACE) };
const CONTROLS: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, f: 0x0c, v: 0x0b, 0: 0 };
const HEX = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}/y;
const LAST = 0x10ffff;

/** What the escape after a backslash stands for, edges of words aside. */
export function readEscape(reader: Reader): Characters {
  const at = reader.at - 1;
  const hex = reader.takesMatch(HEX);
  if (hex) return one(Number.parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16), reader, at);
  const character = reader.next();
  const known = CLASSES[character];
  if (known) return known;
  if (character === '0' && /\d/.test(reader.now)) throw reader.malformed('write \\x00 for NUL before a digit', at);
  const control = CONTROLS[character];
  if (control !== undefined) return one(control, reader, at);
  if (/[1-9k]/.test(character)) throw reader.notLinear('a back-reference needs a search that backtracks; write what it should repeat', at);
  if (character === '' || /[A-Za-z0-9]/.test(character)) throw reader.malformed(`there is no escape \\${character}; there are \\d \\w \\s \\b, their opposites, \\n \\r \\t \\f \\v \\0, \\xHH, \\uHHHH and \\u{H}`, at);
  return one(character.codePointAt(0)!, reader, at);
}

function one(character: number, reader: Reader, at: number): Characters {
  if (character > LAST || (character >= 0xd800 && character <= 0xdfff)) throw reader.malformed('there is no such character', at);
  return [[character, character]];
}
