import { digitAt, isDateAt, isUniform, numberAt, passesLuhn, weighted, type Token } from './checks.js';
import type { FormSpec } from './form.js';
import { ANY_IDENTITY, TAX } from './words.js';

/** National identity numbers of the Americas. */
export const AMERICAS: readonly FormSpec[] = [
  { kind: 'us-ssn', forms: ['000-00-0000'], score: 0.95, valid: isSsn },
  { kind: 'us-itin', forms: ['000-00-0000'], score: 0.95, valid: isTaxpayer },
  { kind: 'us-ssn', forms: ['000 00 0000', '000000000'], score: 0.85, near: [['ssn', 'ssns', 'social', 'socialsecurity', 'socialsecuritynumber']], valid: isSsn },
  { kind: 'us-itin', forms: ['000 00 0000', '000000000'], score: 0.85, near: [['itin', ...TAX]], valid: isTaxpayer },
  { kind: 'ca-sin', forms: ['000-000-000', '000 000 000', '000000000'], score: 0.85, near: [['sin', 'nas', 'social', 'insurance']], valid: isSin },
  { kind: 'mx-curp', forms: ['AAAA000000AAAAAA*0'], score: 1, valid: isCurp },
  { kind: 'br-cpf', forms: ['000.000.000-00'], score: 1, valid: isCpf },
  { kind: 'br-cpf', forms: ['00000000000'], score: 0.85, near: [['cpf', ...ANY_IDENTITY]], valid: isCpf },
  { kind: 'br-cnpj', forms: ['00.000.000/0000-00'], score: 1, valid: isCnpj },
  { kind: 'br-cnpj', forms: ['00000000000000'], score: 0.85, near: [['cnpj']], valid: isCnpj },
  { kind: 'cl-rut', forms: ['00.000.000-*', '0.000.000-*'], score: 0.95, valid: isRut },
  { kind: 'cl-rut', forms: ['00000000-*', '0000000-*'], score: 0.85, near: [['rut', 'run']], valid: isRut },
  { kind: 'ar-cuit', forms: ['00-00000000-0'], score: 0.95, valid: isCuit },
];

/** Areas 000 and 666 belong to nobody, 9xx are taxpayer numbers; no group 00, no serial 0000 (Social Security Administration). */
function isSsn(token: Token): boolean {
  const area = numberAt(token, 0, 3);
  return area !== 0 && area !== 666 && area < 900 && numberAt(token, 3, 2) !== 0 && numberAt(token, 5, 4) !== 0;
}

/** Every number of the taxpayer range; groups outside of those that are given out today may be given out tomorrow. */
function isTaxpayer(token: Token): boolean {
  return token[0] === 0x39 && numberAt(token, 3, 2) !== 0 && numberAt(token, 5, 4) !== 0;
}

function isSin(token: Token): boolean {
  return token[0] !== 0x38 && !isUniform(token, 9) && passesLuhn(token, 9);
}

const CURP_ALPHABET = '0123456789ABCDEFGHIJKLMN';

/** The 18th digit checks the others, by a base of 37 letters in which Ñ stands after N (RENAPO). */
function isCurp(token: Token): boolean {
  if (!isDateAt(token, 4) || (token[10] !== 0x48 && token[10] !== 0x4d && token[10] !== 0x58)) return false;
  let sum = 0;
  for (let index = 0; index < 17; index += 1) {
    const character = String.fromCharCode(token[index]!);
    const plain = CURP_ALPHABET.indexOf(character);
    sum += (plain >= 0 ? plain : token[index]! - 0x41 + 11) * (18 - index);
  }
  return (10 - (sum % 10)) % 10 === digitAt(token, 17);
}

/** Two digits modulo 11 (Receita Federal). */
function isCpf(token: Token): boolean {
  if (isUniform(token, 11)) return false;
  return checksAt(token, 9, [10, 9, 8, 7, 6, 5, 4, 3, 2]) && checksAt(token, 10, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
}

function isCnpj(token: Token): boolean {
  if (isUniform(token, 14)) return false;
  return checksAt(token, 12, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) && checksAt(token, 13, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
}

function checksAt(token: Token, index: number, weights: readonly number[]): boolean {
  const rest = weighted(token, weights) % 11;
  return (rest < 2 ? 0 : 11 - rest) === digitAt(token, index);
}

/** The character after the dash is the number modulo 11, K for ten (Registro Civil). */
function isRut(token: Token, count: number): boolean {
  let sum = 0;
  for (let index = 0; index < count - 1; index += 1) sum += digitAt(token, count - 2 - index) * (2 + (index % 6));
  const check = 11 - (sum % 11);
  return token[count - 1] === (check === 10 ? 0x4b : check === 11 ? 0x30 : 0x30 + check);
}

function isCuit(token: Token): boolean {
  if (![20, 23, 24, 25, 26, 27, 30, 33, 34].includes(numberAt(token, 0, 2))) return false;
  const check = 11 - (weighted(token, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11);
  return check !== 10 && check % 11 === digitAt(token, 10);
}
