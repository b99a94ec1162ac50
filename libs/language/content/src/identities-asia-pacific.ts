import { digitAt, isDateAt, numberAt, passesLuhn, passesVerhoeff, weighted, type Token } from './checks.js';
import type { FormSpec } from './form.js';
import { ANY_IDENTITY, TAX } from './words.js';

/** National identity numbers of Asia, Africa and the Pacific. */
export const ASIA_PACIFIC: readonly FormSpec[] = [
  { kind: 'in-aadhaar', forms: ['0000 0000 0000', '0000-0000-0000'], score: 0.85, valid: isAadhaar },
  { kind: 'in-aadhaar', forms: ['000000000000'], score: 0.9, near: [['aadhaar', 'aadhar', 'uidai', ...ANY_IDENTITY]], valid: isAadhaar },
  { kind: 'in-pan', forms: ['AAAAA0000A'], score: 0.85, valid: isPan },
  { kind: 'cn-resident-id', forms: ['00000000000000000*'], score: 0.95, valid: isChinese },
  { kind: 'tw-national-id', forms: ['A000000000'], score: 0.85, valid: isTaiwanese },
  { kind: 'kr-rrn', forms: ['000000-0000000'], score: 0.95, valid: (token) => isDateAt(token, 0) && token[6] !== 0x39 && token[6] !== 0x30 },
  { kind: 'jp-my-number', forms: ['0000 0000 0000', '000000000000'], score: 0.85, near: [['mynumber', 'マイナンバー', '個人番号']], valid: isMyNumber },
  { kind: 'sg-nric', forms: ['A0000000A'], score: 0.9, valid: isNric },
  { kind: 'th-national-id', forms: ['0-0000-00000-00-0'], score: 1, valid: isThai },
  { kind: 'th-national-id', forms: ['0000000000000'], score: 0.85, near: [ANY_IDENTITY], valid: isThai },
  { kind: 'my-nric', forms: ['000000-00-0000'], score: 0.9, valid: (token) => isDateAt(token, 0) },
  { kind: 'il-national-id', forms: ['000000000'], score: 0.8, near: [['teudat', 'zehut', 'תעודת', 'זהות']], valid: (token) => passesLuhn(token, 9) },
  { kind: 'za-id', forms: ['0000000000000'], score: 0.9, near: [['rsa', 'african', ...ANY_IDENTITY]], valid: (token) => isDateAt(token, 0) && token[10]! <= 0x32 && passesLuhn(token, 13) },
  { kind: 'au-tfn', forms: ['000 000 000', '000000000'], score: 0.9, near: [['tfn', ...TAX]], valid: (token) => weighted(token, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0 && token[0] !== 0x30 },
  { kind: 'au-medicare', forms: ['0000 00000 0', '0000000000'], score: 0.9, near: [['medicare']], valid: isMedicare },
];

/** Verhoeff; the first digit is two to nine (UIDAI). */
function isAadhaar(token: Token): boolean {
  return token[0]! >= 0x32 && passesVerhoeff(token, 12);
}

/** The fourth letter says what the holder is (Income Tax Department). */
function isPan(token: Token): boolean {
  return 'ABCFGHJLPT'.includes(String.fromCharCode(token[3]!));
}

/** ISO 7064, MOD 11-2 over seventeen digits, with a date of birth in them (GB 11643). */
function isChinese(token: Token): boolean {
  const year = numberAt(token, 6, 4);
  if (token[0] === 0x30 || year < 1_900 || year > 2_099 || !isDateAt(token, 6, 4)) return false;
  const rest = weighted(token, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
  return '10X98765432'[rest] === String.fromCharCode(token[17]!);
}

/** Letters count in the order in which the counties were numbered. */
const TAIWANESE_LETTERS = 'ABCDEFGHJKLMNPQRSTUVXYWZIO';

function isTaiwanese(token: Token): boolean {
  const letter = TAIWANESE_LETTERS.indexOf(String.fromCharCode(token[0]!)) + 10;
  if (letter < 10 || !'1289'.includes(String.fromCharCode(token[1]!))) return false;
  return (Math.floor(letter / 10) + (letter % 10) * 9 + weighted(token, [8, 7, 6, 5, 4, 3, 2, 1, 1], 1)) % 10 === 0;
}

function isMyNumber(token: Token): boolean {
  const rest = weighted(token, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest <= 1 ? 0 : 11 - rest) === digitAt(token, 11);
}

/** One alphabet of check letters for citizens (S, T), one for foreigners (F, G), one for M. */
function isNric(token: Token): boolean {
  const first = String.fromCharCode(token[0]!);
  const alphabet = 'ST'.includes(first) ? 'JZIHGFEDCBA' : 'FG'.includes(first) ? 'XWUTRQPNMLK' : first === 'M' ? 'XWUTRQPNJLK' : undefined;
  if (!alphabet) return false;
  const rest = (weighted(token, [2, 7, 6, 5, 4, 3, 2], 1) + ('TG'.includes(first) ? 4 : first === 'M' ? 3 : 0)) % 11;
  return alphabet[first === 'M' ? 10 - rest : rest] === String.fromCharCode(token[8]!);
}

function isThai(token: Token): boolean {
  return token[0] !== 0x30 && (11 - (weighted(token, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === digitAt(token, 12);
}

/** The ninth digit checks the first eight; the tenth counts how often the card was issued. */
function isMedicare(token: Token): boolean {
  return token[0]! >= 0x32 && token[0]! <= 0x36 && weighted(token, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === digitAt(token, 8);
}
