/**
 * What a person would not see as it is, or not at all: controls, marks of direction, characters without width, every space but the plain one,
 * private and unpaired ones.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/** Text from outside with everything unseen written as this writes it. */
export function escapeUnseen(text: string, escape: (mark: string) => string): string {
  return text.replace(UNSEEN, (mark) => escape(mark));
}

/** The same with escapes such as `\u{202e}`; printed twice it is the same. */
export function printable(text: string): string {
  return escapeUnseen(text, escaped);
}

/** One character as an escape, `\u{202e}`. */
export function escaped(mark: string): string {
  return `\\u{${mark.codePointAt(0)!.toString(16)}}`;
}

/** As {@link printable}, keeping line breaks and tabs. */
export function printableLines(text: string): string {
  return text.split('\n').map((line) => line.split('\t').map(printable).join('\t')).join('\n');
}

/** As {@link printableLines}, of a text that people agree to: two texts that differ are shown differently, also one that holds such escapes itself. */
export function faithful(text: string): string {
  return printableLines(text.replaceAll('\\u{', '\\u{5c}u{'));
}
