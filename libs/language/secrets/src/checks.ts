const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECK_LENGTH = 6;

/** Whether the last six characters are the CRC-32 of those before, in base 62, as GitHub and npm write it. */
export function crcBase62(text: string): boolean {
  return text.length > CHECK_LENGTH && text.slice(-CHECK_LENGTH) === checkOf(text.slice(0, -CHECK_LENGTH));
}

export function checkOf(text: string): string {
  let left = crc32(text);
  let digits = '';
  for (let count = 0; count < CHECK_LENGTH; count += 1) {
    digits = BASE62[left % 62]! + digits;
    left = Math.floor(left / 62);
  }
  return digits;
}

/** CRC-32 of ISO-HDLC, bit by bit: it is computed for a find alone. */
function crc32(text: string): number {
  let crc = 0xffff_ffff;
  for (const byte of Buffer.from(text, 'latin1')) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) * 0xedb8_8320);
  }
  return ~crc >>> 0;
}

/** Whether the first part of a token says by which algorithm it is signed (RFC 7519). */
export function isJwt(token: string): boolean {
  return /"alg"\s*:\s*"/.test(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString('latin1'));
}

/** Whether it is a user and a password in base 64 (RFC 7617): printed characters with a colon between. */
export function isBasic(text: string): boolean {
  return /^[\x20-\x7e\x80-\xff]*:[\x20-\x7e\x80-\xff]+$/.test(Buffer.from(text, 'base64').toString('latin1'));
}
