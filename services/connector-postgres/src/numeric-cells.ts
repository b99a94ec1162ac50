/** Decimal digits in one digit of a numeric, and what it counts to (PostgreSQL, `numeric_send`). */
const DIGITS = 4;
const BASE = 10_000;
const HEADER_BYTES = 8;
const [POSITIVE, NEGATIVE] = [0x0000, 0x4000];
/** Longer numbers are not treated: nobody writes them down, and their cost grows with the square. */
const DIGITS_MAX = 1_000;

/** A binary numeric in plain digits; undefined for NaN, the infinities, what is malformed and what is longer than anyone needs. */
export function numericText(cell: Buffer): string | undefined {
  if (cell.length < HEADER_BYTES) return undefined;
  const [count, weight, sign, scale] = [cell.readUInt16BE(0), cell.readInt16BE(2), cell.readUInt16BE(4), cell.readUInt16BE(6)];
  if (cell.length !== HEADER_BYTES + 2 * count || (sign !== POSITIVE && sign !== NEGATIVE) || Math.abs(weight) > DIGITS_MAX || scale > DIGITS_MAX || count > DIGITS_MAX) return undefined;
  const digitAt = (place: number): number => (place >= 0 && place < count ? cell.readUInt16BE(HEADER_BYTES + 2 * place) : 0);
  const groups = (from: number, to: number): string => Array.from({ length: Math.max(0, to - from) }, (_, index) => String(digitAt(from + index)).padStart(DIGITS, '0')).join('');
  const whole = groups(0, weight + 1).replace(/^0+(?=\d)/, '') || '0';
  const fraction = groups(weight + 1, weight + 1 + Math.ceil(scale / DIGITS)).slice(0, scale);
  return `${sign === NEGATIVE ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The other way. */
export function numericBytes(text: string): Buffer {
  const isNegative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const before = whole.padStart(Math.ceil(whole.length / DIGITS) * DIGITS, '0');
  const after = fraction.padEnd(Math.ceil(fraction.length / DIGITS) * DIGITS, '0');
  const digits = ((before + after).match(/\d{4}/g) ?? []).map(Number);
  let weight = before.length / DIGITS - 1;
  while (digits.length > 0 && digits[0] === 0) {
    digits.shift();
    weight -= 1;
  }
  while (digits.at(-1) === 0) digits.pop();
  const isZero = digits.length === 0;
  const cell = Buffer.alloc(HEADER_BYTES + 2 * digits.length);
  cell.writeUInt16BE(digits.length, 0);
  cell.writeInt16BE(isZero ? 0 : weight, 2);
  cell.writeUInt16BE(isNegative && !isZero ? NEGATIVE : POSITIVE, 4);
  cell.writeUInt16BE(fraction.length, 6);
  for (const [index, digit] of digits.entries()) cell.writeUInt16BE(digit % BASE, HEADER_BYTES + 2 * index);
  return cell;
}
