import { isWord } from './bytes.js';
import { passesLuhn } from './card.js';

const LONGEST_TOKEN = 24;
const SHORTEST_TOKEN = 9;
const JOINERS = new Set([0x2d, 0x2e, 0x2b]);

interface Form {
  readonly pattern: RegExp;
  readonly isValid: (token: string) => boolean;
}

/** National identity numbers whose form or check digit is strong enough to fire without context. */
const FORMS: readonly Form[] = [
  // United States, Social Security number: areas 000, 666 and 9xx belong to no person, 9xx is the taxpayer range (ITIN).
  { pattern: /^\d{3}-\d{2}-\d{4}$/, isValid: (token) => !/^(000|666)|-00-|-0000$/.test(token) },
  // United Kingdom, National Insurance number (HMRC NIM39110).
  { pattern: /^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/, isValid: () => true },
  // Spain, DNI and NIE: letter is the number modulo 23.
  { pattern: /^[XYZ\d]\d{7}-?[A-Z]$/, isValid: isSpanish },
  // Italy, codice fiscale (D.M. 23.12.1976): last letter checks the other fifteen.
  { pattern: /^[A-Z]{6}[\dLMNP-V]{2}[ABCDEHLMPRST][\dLMNP-V]{2}[A-Z][\dLMNP-V]{3}[A-Z]$/, isValid: isCodiceFiscale },
  // France, NIR: key is 97 minus the number modulo 97.
  { pattern: /^[12]\d{2}(0[1-9]|1[0-2]|[2-9]\d)\d{10}$/, isValid: (token) => 97 - Number(BigInt(token.slice(0, 13)) % 97n) === Number(token.slice(13)) },
  // Finland, henkilötunnus: check character is the number modulo 31.
  { pattern: /^(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])\d{2}[-+A-FU-Y]\d{3}[\dA-FHJ-NPR-Y]$/, isValid: isFinnish },
  // Sweden, personnummer with its separator: Luhn over ten digits.
  { pattern: /^\d{2}(0[1-9]|1[0-2])([06][1-9]|[1278]\d|[39][01])[-+]\d{4}$/, isValid: (token) => passesLuhn([...token.replace(/[-+]/, '')].map(Number)) },
  // Brazil, CPF in its written form: two digits modulo 11.
  { pattern: /^\d{3}\.\d{3}\.\d{3}-\d{2}$/, isValid: isCpf },
];

/** The token (letters, digits, dash, dot, plus) around a digit, where it is a national identity number; undefined otherwise. */
export function nationalIdAround(bytes: Uint8Array, digit: number): { readonly start: number; readonly end: number } | undefined {
  let start = digit;
  let end = digit + 1;
  while (start > 0 && end - start <= LONGEST_TOKEN && isTokenByte(bytes[start - 1])) start -= 1;
  while (end < bytes.length && end - start <= LONGEST_TOKEN && isTokenByte(bytes[end])) end += 1;
  while (end > start && !isWord(bytes[end - 1])) end -= 1;
  while (start < end && !isWord(bytes[start])) start += 1;
  const length = end - start;
  if (length < SHORTEST_TOKEN || length > LONGEST_TOKEN) return undefined;
  const token = String.fromCharCode(...bytes.subarray(start, end)).toUpperCase();
  return FORMS.some((form) => form.pattern.test(token) && form.isValid(token)) ? { start, end } : undefined;
}

/** End of the token around `at`: the rest of it holds nothing that was not looked at. */
export function tokenEnd(bytes: Uint8Array, at: number): number {
  let end = at + 1;
  while (isTokenByte(bytes[end])) end += 1;
  return end;
}

function isTokenByte(byte: number | undefined): boolean {
  return isWord(byte) || (byte !== undefined && JOINERS.has(byte));
}

function isSpanish(token: string): boolean {
  const plain = token.replace('-', '');
  const number = Number(plain.slice(0, -1).replace(/^[XYZ]/, (first) => String('XYZ'.indexOf(first))));
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23] === plain.at(-1);
}

const CODICE_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

function isCodiceFiscale(token: string): boolean {
  let sum = 0;
  for (let index = 0; index < 15; index += 1) {
    const character = token.charCodeAt(index);
    const value = character < 0x41 ? character - 0x30 : character - 0x41;
    sum += index % 2 === 0 ? CODICE_ODD[value]! : value;
  }
  return String.fromCharCode(0x41 + (sum % 26)) === token[15];
}

function isFinnish(token: string): boolean {
  const number = Number(token.slice(0, 6) + token.slice(7, 10));
  return '0123456789ABCDEFHJKLMNPRSTUVWXY'[number % 31] === token[10];
}

function isCpf(token: string): boolean {
  const digits = [...token.replace(/[.-]/g, '')].map(Number);
  if (digits.every((digit) => digit === digits[0])) return false;
  return [9, 10].every((count) => {
    const sum = digits.slice(0, count).reduce((total, digit, index) => total + digit * (count + 1 - index), 0);
    return ((sum * 10) % 11) % 10 === digits[count];
  });
}
