import { createHash } from 'node:crypto';

/** Shorter values are found everywhere by chance. */
const SHORTEST = 4;
/** Length of a part of a value that already tells too much. */
const PART = 6;

/** One way in which a value can leave. */
export interface Form {
  readonly name: string;
  readonly of: (value: string) => readonly string[];
  readonly ignoreCase?: true;
}

/** In clear, and in every disguise that a query can put on a value without a key. */
export const FORMS: readonly Form[] = [
  { name: 'value', of: (value) => [value] },
  { name: 'case', of: (value) => [value.toLowerCase()], ignoreCase: true },
  { name: 'stripped', of: (value) => [value.replaceAll(/[-\s.]/g, '')] },
  { name: 'reverse', of: (value) => [[...value].toReversed().join('')] },
  { name: 'hex', of: (value) => [Buffer.from(value).toString('hex')] },
  { name: 'base64', of: (value) => [0, 1, 2].map((shift) => unaligned(value, shift)) },
  { name: 'md5', of: (value) => ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((name) => createHash(name).update(value).digest('hex')) },
  { name: 'parts', of: (value) => (value.length >= PART + 3 ? [value.slice(0, PART), value.slice(-PART)] : []) },
  { name: 'utf-16', of: (value) => [Buffer.from(value, 'utf16le').toString('latin1')] },
];

/** Base64 of a value as it looks inside a longer text, whatever precedes it: without the characters that its neighbours share. */
function unaligned(value: string, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)]).toString('base64').replace(/=+$/, '');
  return text.slice(shift === 0 ? 0 : shift + 1, text.length - 1);
}

export interface Leak {
  readonly form: string;
  readonly value: string;
}

/** Every seeded value that is in the bytes, in any form. */
export function leaksIn(bytes: Buffer, values: readonly string[]): Leak[] {
  const text = bytes.toString('latin1');
  const folded = text.toLowerCase();
  const shows = (form: Form, value: string): boolean => form.of(value).some((disguise) => disguise.length >= SHORTEST && (form.ignoreCase ? folded : text).includes(disguise));
  return values.flatMap((value) => FORMS.filter((form) => shows(form, value)).map(({ name }) => ({ form: name, value })));
}
