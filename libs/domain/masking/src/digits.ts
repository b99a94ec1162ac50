import type { ValueCipher } from './cipher.js';

/** A million values: NIST SP 800-38G asks for no less (its second draft revision, section 5.1). */
export const DIGITS_MIN = 6;
/** Longer than any number that people write down. */
const DIGITS_MAX = 64;
const CARD_LENGTHS = { least: 12, most: 19 };
/** What may stand between digits and stays where it is. Anything else would be shown as it is, so a value with it has no such form. */
const PUNCTUATED = /^[\d ().+/-]*$/;

/**
 * Other digits for the digits of a text, punctuation in place, so that `fits` holds for the result. Undefined for fewer than six or more than 64, for a
 * text that holds anything else, and where there is no such result.
 *
 * What passes Luhn as cards do comes to fail it, and nothing else of 12 to 19 digits comes to pass it. No two cards come to look alike, nor do two other
 * values of one form.
 */
export function otherDigits(cipher: ValueCipher, text: string, fits: (text: string) => boolean = () => true): string | undefined {
  const digits = digitsOf(text);
  if (!PUNCTUATED.test(text) || digits.length < DIGITS_MIN || digits.length > DIGITS_MAX) return undefined;
  const others = isCardLike(digits)
    ? otherCard(cipher, digits, (result) => fits(inPlace(text, result)))
    : walk(cipher, 'digits', digits, (result) => !isCardLike(result) && fits(inPlace(text, result)));
  return others && inPlace(text, others);
}

/** Whether one number could stand where another does: it begins with 0 only where that does. For {@link otherDigits}. */
export function beginsAlike(one: string, other: string): boolean {
  return (digitsOf(one)[0] === 0) === (digitsOf(other)[0] === 0);
}

/** All but the check digit is permuted, and a wrong one put behind it. */
function otherCard(cipher: ValueCipher, digits: readonly number[], mayBe: (digits: readonly number[]) => boolean): number[] | undefined {
  const withWrongCheck = (payload: readonly number[]): number[] => [...payload, (luhnDigit(payload) + 1) % 10];
  const payload = walk(cipher, 'card', digits.slice(0, -1), (result) => mayBe(withWrongCheck(result)));
  return payload && withWrongCheck(payload);
}

/** Permutes until the result is one that may be: a permutation of those that may. It ends where it began, where there is none. */
function walk(cipher: ValueCipher, tweak: string, digits: readonly number[], mayBe: (digits: readonly number[]) => boolean): number[] | undefined {
  for (let result = cipher.permute(digits, tweak); ; result = cipher.permute(result, tweak)) {
    if (mayBe(result)) return result;
    if (result.join('') === digits.join('')) return undefined;
  }
}

function isCardLike(digits: readonly number[]): boolean {
  const { least, most } = CARD_LENGTHS;
  return digits.length >= least && digits.length <= most && luhnDigit(digits.slice(0, -1)) === digits.at(-1);
}

/** The check digit that belongs behind these (ISO/IEC 7812-1, annex B). */
function luhnDigit(payload: readonly number[]): number {
  let sum = 0;
  for (const [index, digit] of [...payload].reverse().entries()) {
    const weighed = index % 2 === 0 ? digit * 2 : digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return (10 - (sum % 10)) % 10;
}

function digitsOf(text: string): number[] {
  return (text.match(/\d/g) ?? []).map(Number);
}

function inPlace(text: string, digits: readonly number[]): string {
  let next = 0;
  return text.replace(/\d/g, () => String(digits[next++]));
}
