import { digitAt, isDateAt, isDay, isDayFirstAt, isUniform, numberAt, passesLuhn, passesModulo1110, weighted, type Token } from './checks.js';
import type { FormSpec } from './form.js';
import { ANY_IDENTITY } from './words.js';

/** National identity numbers of northern and eastern Europe. */
export const NORTH_EAST: readonly FormSpec[] = [
  { kind: 'se-personnummer', forms: ['000000-0000', '000000+0000'], score: 0.9, valid: isSwedish },
  { kind: 'se-personnummer', forms: ['00000000-0000', '0000000000', '000000000000'], score: 0.85, near: [['personnummer', 'samordningsnummer', ...ANY_IDENTITY]], valid: isSwedish },
  { kind: 'no-fodselsnummer', forms: ['000000 00000'], score: 0.95, valid: isNorwegian },
  { kind: 'no-fodselsnummer', forms: ['00000000000'], score: 0.9, near: [['fødselsnummer', 'fodselsnummer', 'personnummer', 'fnr', ...ANY_IDENTITY]], valid: isNorwegian },
  { kind: 'dk-cpr', forms: ['000000-0000', '0000000000'], score: 0.85, near: [['cpr', 'personnummer']], valid: (token) => isDayFirstAt(token, 0) },
  { kind: 'fi-hetu', forms: ['000000-000*', '000000+000*', '000000A000*'], score: 1, valid: isFinnish },
  { kind: 'pl-pesel', forms: ['00000000000'], score: 0.9, near: [['pesel', ...ANY_IDENTITY]], valid: isPesel },
  { kind: 'cz-rodne-cislo', forms: ['000000/0000'], score: 0.95, valid: isRodneCislo },
  { kind: 'ro-cnp', forms: ['0000000000000'], score: 0.9, near: [['cnp', ...ANY_IDENTITY]], valid: isCnp },
  { kind: 'bg-egn', forms: ['0000000000'], score: 0.85, near: [['egn', 'егн', 'ЕГН']], valid: isEgn },
  { kind: 'hr-oib', forms: ['00000000000'], score: 0.85, near: [['oib', ...ANY_IDENTITY]], valid: (token) => passesModulo1110(token, 11) },
  { kind: 'gr-amka', forms: ['00000000000'], score: 0.85, near: [['amka', 'αμκα', 'ΑΜΚΑ']], valid: (token) => isDayFirstAt(token, 0) && passesLuhn(token, 11) },
  { kind: 'tr-tckn', forms: ['00000000000'], score: 0.9, near: [['tckn', 'kimlik', ...ANY_IDENTITY]], valid: isTurkish },
  { kind: 'baltic-personal-code', forms: ['00000000000'], score: 0.85, near: [['isikukood', 'asmens', ...ANY_IDENTITY]], valid: isBaltic },
];

/** Luhn over the last ten digits; days of coordination numbers are raised by 60. */
function isSwedish(token: Token, count: number): boolean {
  const from = count - 10;
  if (from === 2 && (numberAt(token, 0, 2) < 18 || numberAt(token, 0, 2) > 21)) return false;
  return isDay(numberAt(token, from + 2, 2), numberAt(token, from + 4, 2) % 60) && passesLuhn(token, 10, from);
}

/** Two digits modulo 11; days may be raised by 40 (D number). */
function isNorwegian(token: Token): boolean {
  return isDay(numberAt(token, 2, 2), numberAt(token, 0, 2) % 40)
    && weighted(token, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 && weighted(token, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
}

const FINNISH_CHECKS = '0123456789ABCDEFHJKLMNPRSTUVWXY';

/** The check character is the number modulo 31; the sign is of the century, with its letters of 2023. */
function isFinnish(token: Token, count: number): boolean {
  const sign = count - 11;
  if (sign === 0 && !'ABCDEFUVWXY'.includes(String.fromCharCode(token[6]!))) return false;
  const number = numberAt(token, 0, 6) * 1_000 + numberAt(token, 7 + sign, 3);
  return isDayFirstAt(token, 0) && FINNISH_CHECKS[number % 31] === String.fromCharCode(token[count - 1]!);
}

/** Months are raised by 20, 40, 60 or 80 with the century. */
function isPesel(token: Token): boolean {
  return isDay(numberAt(token, 2, 2) % 20, numberAt(token, 4, 2)) && weighted(token, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0;
}

/** Divisible by 11; months of women are raised by 50, of full days by 20. */
function isRodneCislo(token: Token): boolean {
  const month = (numberAt(token, 2, 2) % 50) % 20;
  return isDay(month, numberAt(token, 4, 2)) && numberAt(token, 0, 10) % 11 === 0;
}

function isCnp(token: Token): boolean {
  const rest = weighted(token, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return token[0] !== 0x30 && isDateAt(token, 1) && rest % 10 === digitAt(token, 12) && (rest !== 10 || token[12] === 0x31);
}

/** Months are raised by 20 for those born before 1900, by 40 since 2000. */
function isEgn(token: Token): boolean {
  const check = (weighted(token, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10;
  return isDay(numberAt(token, 2, 2) % 20, numberAt(token, 4, 2)) && check === digitAt(token, 9);
}

function isTurkish(token: Token): boolean {
  if (token[0] === 0x30 || isUniform(token, 11)) return false;
  const [odd, even] = [weighted(token, [1, 0, 1, 0, 1, 0, 1, 0, 1]), weighted(token, [0, 1, 0, 1, 0, 1, 0, 1])];
  return (odd * 7 - even + 10) % 10 === digitAt(token, 9) && (odd + even + digitAt(token, 9)) % 10 === digitAt(token, 10);
}

/** Of Estonia and Lithuania: a second row of weights where the first leaves ten. */
function isBaltic(token: Token): boolean {
  if (token[0] === 0x30 || token[0] === 0x39 || !isDateAt(token, 1)) return false;
  const first = weighted(token, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  const check = first < 10 ? first : (weighted(token, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11) % 10;
  return check === digitAt(token, 10);
}
