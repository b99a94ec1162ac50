import { escaped } from '@interlock/kernel';

/** What shows as itself: letters, digits, punctuation and symbols that stand alone, marks on them, and the plain space. Everything else is written out. */
const PLAIN = /^[\p{L}\p{N}\p{P}\p{S}\p{M} ]$/u;
/** Letters and marks that show as nothing or as another, and pictures, which chats write as words of their own. */
const ODD = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Variation_Selector}]|(?=[^\p{ASCII}])\p{Emoji}/u;
/** More marks than this on one letter cover what stands around it. */
const MARKS_MAX = 2;

/**
 * Text as whoever reads it can trust it: directions, invisible characters, controls, strange spaces and pictures are written out as
 * `\u{202e}`, so that what is read is what is there; a text that holds such an escape itself is shown as another. Line ends are written out
 * as well unless they are to stay. At most `most` characters.
 */
export function shown(text: string, most: number, lines: 'kept' | 'escaped' = 'escaped'): { readonly text: string; readonly cut: boolean } {
  let out = '';
  let marks = 0;
  let at = 0;
  for (const character of text) {
    marks = /\p{M}/u.test(character) ? marks + 1 : 0;
    const isPlain = PLAIN.test(character) && !ODD.test(character) && marks <= MARKS_MAX && !text.startsWith('\\u{', at);
    const next = isPlain || (character === '\n' && lines === 'kept') ? character : escaped(character);
    at += character.length;
    if (out.length + next.length > most) return { text: `${out} ...`, cut: true };
    out += next;
  }
  return { text: out, cut: false };
}
