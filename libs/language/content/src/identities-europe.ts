import { digitAt, isDay, isDayFirstAt, isUniform, modulo97, numberAt, passesModulo1110, weighted, type Token } from './checks.js';
import type { FormSpec } from './form.js';
import { ANY_IDENTITY, TAX } from './words.js';

/** National identity and tax numbers of western, central and southern Europe. */
export const EUROPE: readonly FormSpec[] = [
  { kind: 'uk-nino', forms: ['AA000000A', 'AA 00 00 00 A'], score: 0.9, valid: isNino },
  { kind: 'uk-nhs', forms: ['000 000 0000', '000-000-0000', '0000000000'], score: 0.85, near: [['nhs']], valid: isNhs },
  { kind: 'ie-pps', forms: ['0000000A', '0000000AA'], score: 0.85, valid: isPps },
  { kind: 'de-tax-id', forms: ['00 000 000 000'], score: 0.95, valid: isSteuerId },
  { kind: 'de-tax-id', forms: ['00000000000'], score: 0.9, near: [['steuer', 'steuerid', 'idnr', 'steueridentifikationsnummer', 'identifikationsnummer', 'tin', ...TAX]], valid: isSteuerId },
  { kind: 'at-svnr', forms: ['0000 000000', '0000000000'], score: 0.85, near: [['svnr', 'sozialversicherungsnummer', 'versicherungsnummer']], valid: isSvnr },
  { kind: 'ch-ahv', forms: ['000.0000.0000.00'], score: 1, valid: isAhv },
  { kind: 'ch-ahv', forms: ['0000000000000'], score: 0.85, near: [['ahv', 'avs', 'ahvn', 'navs', ...ANY_IDENTITY]], valid: isAhv },
  { kind: 'fr-nir', forms: ['000000000000000', '0 00 00 00 000 000 00', '00000A000000000', '0 00 00 0A 000 000 00'], score: 0.95, valid: isNir },
  { kind: 'es-dni', forms: ['00000000A', '00000000-A', '00.000.000-A'], score: 0.85, valid: isDni },
  { kind: 'es-nie', forms: ['A0000000A', 'A-0000000-A', 'A0000000-A'], score: 0.9, valid: isNie },
  { kind: 'pt-nif', forms: ['000000000', '000 000 000'], score: 0.85, near: [['nif', 'contribuinte']], valid: isNif },
  { kind: 'it-codice-fiscale', forms: ['AAAAAA**A**A***A'], score: 1, valid: isCodiceFiscale },
  { kind: 'nl-bsn', forms: ['000000000', '0000.00.000'], score: 0.9, near: [['bsn', 'burgerservicenummer', 'sofinummer']], valid: isBsn },
  { kind: 'be-national-number', forms: ['00.00.00-000.00'], score: 1, valid: isBelgian },
  { kind: 'be-national-number', forms: ['00000000000'], score: 0.85, near: [['rijksregister', 'rijksregisternummer', 'insz', 'niss', 'nrn', ...ANY_IDENTITY]], valid: isBelgian },
];

/** Prefixes that are not given out (HMRC, NIM39110). */
const NINO_UNUSED = new Set(['BG', 'GB', 'KN', 'NK', 'NT', 'TN', 'ZZ']);

function isNino(token: Token): boolean {
  const prefix = String.fromCharCode(token[0]!, token[1]!);
  return !NINO_UNUSED.has(prefix) && /^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]$/.test(prefix) && token[8]! <= 0x44;
}

function isNhs(token: Token): boolean {
  const check = (11 - (weighted(token, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return !isUniform(token, 10) && check === digitAt(token, 9);
}

/** The letter is the number modulo 23; a second letter counts nine times (Department of Social Protection). */
function isPps(token: Token, count: number): boolean {
  const second = count === 9 ? token[8]! - 0x40 : 0;
  if (second > 9 && second !== 23) return false;
  const rest = (weighted(token, [8, 7, 6, 5, 4, 3, 2]) + (second === 23 ? 0 : second * 9)) % 23;
  return token[7] === (rest === 0 ? 0x57 : 0x40 + rest);
}

/** One digit of the first ten stands there twice or three times, the others once at most (Bundeszentralamt für Steuern). */
function isSteuerId(token: Token): boolean {
  if (token[0] === 0x30 || !passesModulo1110(token, 11)) return false;
  let seen = 0;
  for (let index = 0; index < 10; index += 1) seen |= 1 << digitAt(token, index);
  let distinct = 0;
  for (let bits = seen; bits !== 0; bits &= bits - 1) distinct += 1;
  return distinct === 9 || distinct === 8;
}

function isSvnr(token: Token): boolean {
  const check = weighted(token, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
  return token[0] !== 0x30 && check === digitAt(token, 3) && isDayFirstAt(token, 4);
}

function isAhv(token: Token): boolean {
  return numberAt(token, 0, 3) === 756 && weighted(token, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0;
}

/** Key is 97 less the number modulo 97, where 2A and 2B of Corsica count as 19 and 18 (INSEE). */
function isNir(token: Token): boolean {
  const month = numberAt(token, 3, 2);
  if ((token[0] !== 0x31 && token[0] !== 0x32) || month === 0 || (month > 12 && month < 20)) return false;
  const corsica = token[6]! - 0x40;
  const rest = corsica === 1 || corsica === 2 ? (((numberAt(token, 0, 5) % 97) * 100 + 20 - corsica) * 1_000_000 + numberAt(token, 7, 6)) % 97 : corsica < 0 ? modulo97(token, 13) : -1;
  return rest >= 0 && 97 - rest === numberAt(token, 13, 2);
}

const SPANISH_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

function isDni(token: Token): boolean {
  return String.fromCharCode(token[8]!) === SPANISH_LETTERS[numberAt(token, 0, 8) % 23];
}

function isNie(token: Token): boolean {
  const first = token[0]! - 0x58;
  return first >= 0 && first <= 2 && String.fromCharCode(token[8]!) === SPANISH_LETTERS[(first * 10_000_000 + numberAt(token, 1, 7)) % 23];
}

function isNif(token: Token): boolean {
  const check = 11 - (weighted(token, [9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return token[0] !== 0x30 && (check > 9 ? 0 : check) === digitAt(token, 8);
}

const CODICE_ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
/** Letters that stand for digits where two people would have one code. */
const CODICE_DIGITS = /^[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}$/;

/** The last letter checks the other fifteen (D.M. 23.12.1976). */
function isCodiceFiscale(token: Token): boolean {
  if (!CODICE_DIGITS.test(String.fromCharCode(...token.subarray(6, 15)))) return false;
  let sum = 0;
  for (let index = 0; index < 15; index += 1) {
    const value = token[index]! < 0x41 ? token[index]! - 0x30 : token[index]! - 0x41;
    sum += index % 2 === 0 ? CODICE_ODD[value]! : value;
  }
  return token[15] === 0x41 + (sum % 26);
}

/** The eleven test: the last digit counts minus one. */
function isBsn(token: Token): boolean {
  const sum = weighted(token, [9, 8, 7, 6, 5, 4, 3, 2, -1]);
  return sum > 0 && sum % 11 === 0;
}

/** 97 less the first nine digits modulo 97, with a 2 before them for those born since 2000; months may be raised by 20 or 40. */
function isBelgian(token: Token): boolean {
  const [month, check] = [numberAt(token, 2, 2), numberAt(token, 9, 2)];
  if (month > 52 || !isDay(month % 20, numberAt(token, 4, 2))) return false;
  const rest = modulo97(token, 9);
  return 97 - rest === check || 97 - ((rest + 2_000_000_000) % 97) === check;
}
