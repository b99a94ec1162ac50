import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codecOf } from './cell-codec.js';
import { numericBytes, numericText } from './numeric-cells.js';

const OID = { int8: 20, int2: 21, int4: 23, text: 25, json: 114, float4: 700, float8: 701, date: 1082, timestamp: 1114, timestamptz: 1184, numeric: 1700, uuid: 2950 };
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const days = (iso: string): Buffer => {
  const cell = Buffer.alloc(4);
  cell.writeInt32BE((Date.parse(iso) - Date.UTC(2000, 0, 1)) / 86_400_000);
  return cell;
};
const again = (oid: number, format: 'text' | 'binary', cell: Buffer): Buffer | undefined => {
  const codec = codecOf(oid, format);
  const value = codec?.read(cell);
  return value && codec?.write(value);
};

describe('cells are written as they were read', () => {
  it.each<[string, number, 'text' | 'binary', Buffer]>([
    ['text', OID.text, 'text', Buffer.from('ü 😀')],
    ['int2, binary', OID.int2, 'binary', hex('8000')],
    ['int4, binary', OID.int4, 'binary', hex('ffffffff')],
    ['int8, binary', OID.int8, 'binary', hex('7fffffffffffffff')],
    ['int8', OID.int8, 'text', Buffer.from('-9223372036854775808')],
    ['float4, binary', OID.float4, 'binary', hex('3fc00000')],
    ['float8, binary', OID.float8, 'binary', hex('bff8000000000000')],
    ['float8', OID.float8, 'text', Buffer.from('1.5')],
    ['numeric', OID.numeric, 'text', Buffer.from('-97411.50')],
    // As PostgreSQL sends 12345678.90 and -0.00012.
    ['numeric, binary', OID.numeric, 'binary', hex('0003 0001 0000 0002 04d2 162e 2328')],
    ['numeric below one, binary', OID.numeric, 'binary', hex('0002 ffff 4000 0005 0001 07d0')],
    ['numeric zero, binary', OID.numeric, 'binary', hex('0000 0000 0000 0002')],
    ['the first of a month', OID.date, 'text', Buffer.from('1985-10-01')],
    ['the same, binary', OID.date, 'binary', days('1985-10-01')],
  ])('%s', (_, oid, format, cell) => expect(again(oid, format, cell)).toEqual(cell));

  it('numerics of any digits', () => {
    fc.assert(fc.property(fc.stringMatching(/^-?(0|[1-9]\d{0,30})(\.\d{1,20})?$/), (text) => {
      const isZero = !/[1-9]/.test(text);
      return numericText(numericBytes(text)) === (isZero ? text.replace('-', '') : text);
    }));
  });
});

describe('a moment is read as its day in UTC', () => {
  it.each<[string, number, 'text' | 'binary', Buffer, string]>([
    ['late in the year', OID.timestamptz, 'text', Buffer.from('2026-12-31 23:30:00.5-01'), '2027-01-01 00:00:00+00'],
    ['early in the year', OID.timestamptz, 'text', Buffer.from('2027-01-01 00:30:00+00:45'), '2026-12-01 00:00:00+00'],
    ['by any offset that a session may set', OID.timestamptz, 'text', Buffer.from('2027-01-07 00:00:00+167:59:59'), '2026-12-01 00:00:00+00'],
    ['without a zone', OID.timestamp, 'text', Buffer.from('2026-12-31 23:30:00'), '2026-12-01 00:00:00'],
  ])('%s', (_, oid, format, cell, expected) => expect(again(oid, format, cell)?.toString()).toBe(expected));

  it('in binary, before and after 2000', () => {
    const micros = (iso: string): Buffer => {
      const cell = Buffer.alloc(8);
      cell.writeBigInt64BE(BigInt(Date.parse(iso) - Date.UTC(2000, 0, 1)) * 1_000n);
      return cell;
    };
    expect(again(OID.timestamptz, 'binary', micros('1985-10-26T08:21:00.123Z'))).toEqual(micros('1985-10-01T00:00:00Z'));
    expect(again(OID.timestamp, 'binary', micros('2026-11-28T17:00:00Z'))).toEqual(micros('2026-11-01T00:00:00Z'));
    expect(again(OID.timestamp, 'binary', micros('1999-12-31T23:59:59Z'))).toEqual(micros('1999-12-01T00:00:00Z'));
  });
});

describe('what cannot be told for sure is not read', () => {
  it.each<[string, number, 'text' | 'binary', Buffer]>([
    ['invalid UTF-8', OID.text, 'text', hex('c328')],
    ['infinity', OID.timestamp, 'text', Buffer.from('infinity')],
    ['infinity, binary', OID.date, 'binary', hex('7fffffff')],
    ['minus infinity, binary', OID.timestamp, 'binary', hex('8000000000000000')],
    ['a date in another style', OID.date, 'text', Buffer.from('26/10/1985')],
    ['a date before Christ', OID.date, 'text', Buffer.from('0044-03-15 BC')],
    ['NaN', OID.numeric, 'text', Buffer.from('NaN')],
    ['NaN, binary', OID.numeric, 'binary', hex('0000 0000 c000 0000')],
    ['a numeric that is cut off', OID.numeric, 'binary', hex('0002 0000 0000 0000 0001')],
    ['a float without end', OID.float8, 'text', Buffer.from('Infinity')],
    ['an integer of another length', OID.int4, 'binary', hex('0001')],
    ['no number', OID.int4, 'text', Buffer.from('1e3')],
  ])('%s', (_, oid, format, cell) => expect(codecOf(oid, format)!.read(cell)).toBeUndefined());

  it.each([OID.json, OID.uuid, 99_999])('values of type %i', (oid) => expect(codecOf(oid, 'text')).toBeUndefined());
});
