/**
 * Check digits over tokens: upper-case ASCII bytes of letters and digits, separators left out. Every function reads from
 * `token` what it is told to and changes nothing.
 */
export type Token = Uint8Array;

export function digitAt(token: Token, index: number): number {
  return token[index]! - 0x30;
}

/** The number that `count` digits from `from` write. */
export function numberAt(token: Token, from: number, count: number): number {
  let number = 0;
  for (let index = from; index < from + count; index += 1) number = number * 10 + digitAt(token, index);
  return number;
}

/** The check of ISO/IEC 7812-1, annex B. */
export function passesLuhn(token: Token, count: number, from = 0): boolean {
  let sum = 0;
  for (let index = from + count - 1, double = false; index >= from; index -= 1, double = !double) {
    const digit = digitAt(token, index) * (double ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** The sum of digits times their weights, the first digit by the first weight. */
export function weighted(token: Token, weights: readonly number[], from = 0): number {
  let sum = 0;
  for (let index = 0; index < weights.length; index += 1) sum += digitAt(token, from + index) * weights[index]!;
  return sum;
}

/** Remainder of `count` digits by 97, whatever their number. */
export function modulo97(token: Token, count: number, from = 0): number {
  let rest = 0;
  for (let index = from; index < from + count; index += 1) rest = (rest * 10 + digitAt(token, index)) % 97;
  return rest;
}

/** ISO 7064, MOD 11,10. */
export function passesModulo1110(token: Token, count: number): boolean {
  let product = 10;
  for (let index = 0; index < count - 1; index += 1) {
    const sum = (digitAt(token, index) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - product) % 10 === digitAt(token, count - 1);
}

const DIHEDRAL = ['0123456789', '1234067895', '2340178956', '3401289567', '4012395678', '5987604321', '6598710432', '7659821043', '8765932104', '9876543210'];
const PERMUTED = ['0123456789', '1576283094', '5803796142', '8916043527', '9453126870', '4286573901', '2793806415', '7046913258'];

/** Verhoeff's check, over the dihedral group of order ten. */
export function passesVerhoeff(token: Token, count: number): boolean {
  let check = 0;
  for (let index = 0; index < count; index += 1) {
    const permuted = Number(PERMUTED[index % 8]![digitAt(token, count - 1 - index)]);
    check = Number(DIHEDRAL[check]![permuted]);
  }
  return check === 0;
}

/** Whether all digits are the same, as in numbers that are typed to fill a field. */
export function isUniform(token: Token, count: number): boolean {
  for (let index = 1; index < count; index += 1) if (token[index] !== token[0]) return false;
  return true;
}

/** Whether there is such a day in some year (leap years are not looked at). */
export function isDay(month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= (month === 2 ? 29 : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31);
}

/** `YYMMDD` or, with `yearDigits` 4, `YYYYMMDD`, at `from`. */
export function isDateAt(token: Token, from: number, yearDigits: 2 | 4 = 2): boolean {
  return isDay(numberAt(token, from + yearDigits, 2), numberAt(token, from + yearDigits + 2, 2));
}

/** `DDMMYY` at `from`. */
export function isDayFirstAt(token: Token, from: number): boolean {
  return isDay(numberAt(token, from + 2, 2), numberAt(token, from, 2));
}
