/**
 * What a token can be. A name that goes over several tokens begins with `B-` and goes on with `I-`; what is short or of one kind only
 * (a house number, a flat, a state, a postal code, a title) has one label. Organisations and titles are told apart so that they are kept out.
 */
export const LABELS = [
  'O', 'B-PERSON', 'I-PERSON', 'TITLE', 'B-ORGANISATION', 'I-ORGANISATION', 'NUMBER', 'B-STREET', 'I-STREET', 'UNIT',
  'B-CITY', 'I-CITY', 'STATE', 'B-COUNTRY', 'I-COUNTRY', 'ZIP',
] as const;

export type Label = (typeof LABELS)[number];

export const LABEL_COUNT = LABELS.length;

/** What stands between a token and the one before it. */
export const SEPARATORS = { none: 0, comma: 1, line: 2, paragraph: 3 } as const;
export const SEPARATOR_COUNT = 4;

/** Whether a token labelled `next` may follow one labelled `previous`, which a separator parts from it. `previous` is -1 at the beginning. */
export function mayFollow(previous: number, next: number, separator: number): boolean {
  const name = LABELS[next]!;
  if (!name.startsWith('I-')) return true;
  if (previous < 0 || separator >= SEPARATORS.line) return false;
  if (separator === SEPARATORS.comma && name !== 'I-PERSON') return false;
  return LABELS[previous]!.slice(1) === name.slice(1) && LABELS[previous]!.length === name.length;
}
