import { DASH, isDigit, isLetter, isWord, SPACE, startsClean } from './bytes.js';

/** Countries with the length of their numbers (ISO 13616, registry of SWIFT, and the partial ones in use). */
const LENGTHS = new Map(
  `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28
   IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24
   SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
   AO25 BF28 BJ28 CF27 CG27 CI28 CM27 CV25 DZ26 GA27 GQ27 GW25 IR26 KM27 MA28 MG27 ML28 MZ25 NE28 SN28 TD27 TG28`
    .trim().split(/\s+/).map((entry) => [(entry.charCodeAt(0) << 8) | entry.charCodeAt(1), Number(entry.slice(2))]));

/**
 * End of the international bank account number whose check digits begin at `run`, or -1: two letters of a country, two check digits, and as many more
 * letters and digits as that country has, in one piece or in groups of four, modulo 97 (ISO 13616). It begins two bytes before `run`.
 */
export function ibanEnd(bytes: Uint8Array, run: number): number {
  const start = run - 2;
  if (start < 0 || !isDigit(bytes[run + 1]) || !startsClean(bytes, start)) return -1;
  const length = LENGTHS.get(((bytes[start]! & 0xdf) << 8) | (bytes[start + 1]! & 0xdf));
  if (length === undefined || !isLetter(bytes[start]) || !isLetter(bytes[start + 1])) return -1;
  const end = readBody(bytes, run + 2, length - 4);
  if (end < 0 || (end < bytes.length && isWord(bytes[end]))) return -1;
  // The country and the check digits count last.
  for (let at = start; at < run + 2; at += 1) rest = appended(rest, bytes[at]!);
  return rest === 1 ? end : -1;
}

/** Remainder of the number in hand by 97. */
let rest = 0;

function readBody(bytes: Uint8Array, from: number, count: number): number {
  rest = 0;
  let at = from;
  for (let read = 0; read < count; read += 1) {
    if (read % 4 === 0 && (bytes[at] === SPACE || bytes[at] === DASH)) at += 1;
    const byte = bytes[at];
    if (byte === undefined || byte >= 0x80 || !isWord(byte)) return -1;
    rest = appended(rest, byte);
    at += 1;
  }
  return at;
}

/** A letter counts as two digits, A as 10. */
function appended(number: number, byte: number): number {
  return isDigit(byte) ? (number * 10 + byte - 0x30) % 97 : (number * 100 + (byte & 0xdf) - 0x37) % 97;
}
