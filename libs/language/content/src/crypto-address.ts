import { createHash } from 'node:crypto';
import { isDigit, isHex, isWord } from './bytes.js';
import { keccak256 } from './keccak.js';

const BASE58 = indexOf('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz');
const BECH32 = indexOf('qpzry9x8gf2tvdw0s3jn54khce6mua7l');
const [SHORTEST_BASE58, LONGEST_BASE58, ADDRESS_BYTES] = [26, 35, 25];
const [SHORTEST_BECH32, LONGEST_BECH32] = [42, 90];
/** Of Bitcoin's main network: to a key, to a script. */
const VERSIONS = new Set([0x00, 0x05]);
const ETHEREUM_DIGITS = 40;

function indexOf(alphabet: string): Int8Array {
  const index = new Int8Array(256).fill(-1);
  for (const [value, character] of [...alphabet].entries()) index[character.charCodeAt(0)] = value;
  return index;
}

/** End of the Bitcoin address in base 58 at `start` (a `1` or a `3`), or -1: version, hash, and four bytes of a double SHA-256. */
export function base58End(bytes: Uint8Array, start: number): number {
  let end = start;
  let hasLetter = false;
  while (end - start <= LONGEST_BASE58 && end < bytes.length && BASE58[bytes[end]!]! >= 0) {
    hasLetter ||= !isDigit(bytes[end]);
    end += 1;
  }
  const length = end - start;
  if (!hasLetter || length < SHORTEST_BASE58 || length > LONGEST_BASE58 || isWord(bytes[end]) || (start > 0 && isWord(bytes[start - 1]))) return -1;
  const decoded = fromBase58(bytes.subarray(start, end));
  return decoded && VERSIONS.has(decoded[0]!) && doubleHash(decoded.subarray(0, 21)).subarray(0, 4).equals(decoded.subarray(21)) ? end : -1;
}

function fromBase58(text: Uint8Array): Uint8Array | undefined {
  const decoded = new Uint8Array(ADDRESS_BYTES);
  for (const character of text) {
    let carry = BASE58[character]!;
    for (let at = ADDRESS_BYTES - 1; at >= 0; at -= 1) {
      carry += decoded[at]! * 58;
      decoded[at] = carry & 0xff;
      carry >>= 8;
    }
    if (carry !== 0) return undefined;
  }
  return decoded;
}

function doubleHash(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();
}

/** End of the Bitcoin address `bc1...` whose `1` is at `one`, or -1 (BIP 173 and BIP 350). */
export function bech32End(bytes: Uint8Array, one: number): number {
  const start = one - 2;
  if (start < 0 || (bytes[start]! | 0x20) !== 0x62 || (bytes[start + 1]! | 0x20) !== 0x63 || (start > 0 && isWord(bytes[start - 1]))) return -1;
  // The expanded prefix: high bits, a zero, low bits.
  let check = [3, 3, 0, 2, 3].reduce(polymod, 1);
  let end = one + 1;
  for (; end - start <= LONGEST_BECH32 && end < bytes.length; end += 1) {
    const byte = bytes[end]!;
    const value = BECH32[byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte]!;
    if (value < 0) break;
    check = polymod(check, value);
  }
  const length = end - start;
  const isWhole = length >= SHORTEST_BECH32 && length <= LONGEST_BECH32 && !isWord(bytes[end]);
  return isWhole && (check === 1 || check === 0x2bc8_30a3) ? end : -1;
}

const GENERATOR = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];

function polymod(check: number, value: number): number {
  const top = check >>> 25;
  let next = ((check & 0x1ff_ffff) << 5) ^ value;
  for (const [bit, generator] of GENERATOR.entries()) if (((top >>> bit) & 1) === 1) next ^= generator;
  return next;
}

/** End of the Ethereum address `0x...` at `start`, or -1: forty digits, which spell their own check by their case where they mix it (EIP-55). */
export function ethereumEnd(bytes: Uint8Array, start: number): number {
  const end = start + 2 + ETHEREUM_DIGITS;
  if (end > bytes.length || (bytes[start + 1]! | 0x20) !== 0x78 || isWord(bytes[end]) || (start > 0 && isWord(bytes[start - 1]))) return -1;
  for (let at = start + 2; at < end; at += 1) if (!isHex(bytes[at])) return -1;
  const digits = Buffer.from(bytes.subarray(start + 2, end)).toString('latin1');
  const [lower, upper] = [digits.toLowerCase(), digits.toUpperCase()];
  return digits === lower || digits === upper || digits === withCheck(lower) ? end : -1;
}

function withCheck(lower: string): string {
  const hash = keccak256(Buffer.from(lower, 'latin1'));
  return [...lower].map((digit, index) => (((hash[index >> 1]! >> (index % 2 === 0 ? 4 : 0)) & 8) === 0 ? digit : digit.toUpperCase())).join('');
}
