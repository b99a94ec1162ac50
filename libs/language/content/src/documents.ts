import { numberAt, weighted } from './checks.js';
import type { FormSpec } from './form.js';

const ACCOUNT: readonly string[] = ['account', 'acct', 'accounts', 'konto', 'kontonummer', 'accountnumber'];
const BANK: readonly string[] = ['bank', 'banking', 'checking', 'savings', 'routing', 'deposit', 'wire', 'acct', 'konto', 'kontonummer'];
const ROUTING: readonly string[] = ['routing', 'aba', 'rtn', 'routingnumber'];
const PASSPORT: readonly string[] = ['passport', 'passports', 'reisepass', 'passeport', 'pasaporte', 'passaporto', 'paspoort', 'passportnumber'];
const DRIVER: readonly string[] = ['driver', 'drivers', 'driving', 'dl', 'dmv', 'führerschein', 'permis'];
const LICENCE: readonly string[] = ['license', 'licence', 'licenses', 'permit', 'conduire', 'dl', 'dmv', 'führerschein', 'driverlicense'];

/** Numbers of accounts and documents, which have no check of their own: each needs a word beside it that says what it is. */
export const DOCUMENTS: readonly FormSpec[] = [
  { kind: 'bank-account', forms: ['000000000'], score: 0.9, near: [ROUTING], valid: isRouting },
  { kind: 'bank-account', forms: Array.from({ length: 11 }, (_, index) => '0'.repeat(index + 7)), score: 0.6, near: [ACCOUNT, BANK], valid: () => true },
  { kind: 'passport', forms: ['000000000', 'A00000000', 'A0000000', 'AA000000', 'AA0000000', '00AA00000'], score: 0.8, near: [PASSPORT], valid: () => true },
  { kind: 'driver-licence', forms: ['0000000', '00000000', '000000000', '0000000000', 'A0000000', 'A00000000', 'A000000000000', 'A0000000000000', 'A00000000000000', 'A000-0000-0000', 'AA000000'], score: 0.7, near: [DRIVER, LICENCE], valid: () => true },
];

/** Three, seven and one, three times over (American Bankers Association); the first two digits are of a district. */
function isRouting(token: Uint8Array): boolean {
  const district = numberAt(token, 0, 2);
  return (district <= 12 || (district >= 21 && district <= 32) || (district >= 61 && district <= 72) || district === 80) && weighted(token, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0;
}
