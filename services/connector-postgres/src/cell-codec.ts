import { isUtf8 } from 'node:buffer';
import type { CellValue } from '@interlock/domain-masking';
import { fromDays, fromMicros, MICROS_PER_DAY, readTime, toDays, writeDay } from './time-cells.js';
import { numericBytes, numericText } from './numeric-cells.js';
import { OID } from './type-oids.js';

/** Between the cells of one type in one format and their values. What it cannot read is undefined; it writes what it reads, and its like. */
export interface CellCodec {
  read(cell: Buffer): CellValue | undefined;
  write(value: CellValue): Buffer | undefined;
}

const TEXT: CellCodec = {
  read: (cell) => (isUtf8(cell) ? { kind: 'text', text: cell.toString('utf8') } : undefined),
  write: (value) => (value.kind === 'text' ? Buffer.from(value.text, 'utf8') : undefined),
};

const DECIMAL_TEXT: CellCodec = {
  read: (cell) => decimal(cell.toString('latin1')),
  write: (value) => (value.kind === 'decimal' ? Buffer.from(value.text, 'latin1') : undefined),
};

const DECIMAL_BINARY: CellCodec = {
  read: (cell) => decimal(numericText(cell)),
  write: (value) => (value.kind === 'decimal' ? numericBytes(value.text) : undefined),
};

const BY_TYPE: ReadonlyMap<number, Readonly<Record<'text' | 'binary', CellCodec>>> = new Map([
  ...[OID.name, OID.text, OID.xml, OID.unknown, OID.bpchar, OID.varchar, OID.cstring].map((oid) => [oid, { text: TEXT, binary: TEXT }] as const),
  ...([[OID.int2, 2], [OID.int4, 4], [OID.int8, 8]] as const).map(([oid, bytes]) => [oid, { text: integerText(bytes), binary: integerBinary(bytes) }] as const),
  ...([[OID.float4, 4], [OID.float8, 8]] as const).map(([oid, bytes]) => [oid, { text: floatText(), binary: floatBinary(bytes) }] as const),
  [OID.numeric, { text: DECIMAL_TEXT, binary: DECIMAL_BINARY }],
  ...([[OID.date, ''], [OID.timestamp, ' 00:00:00'], [OID.timestamptz, ' 00:00:00+00']] as const).map(([oid, rest]) => [oid, { text: timeText(rest), binary: oid === OID.date ? dateBinary() : momentBinary() }] as const),
]);

/** Undefined for types whose values no transform but a fixed word or NULL treats. */
export function codecOf(typeOid: number, format: 'text' | 'binary'): CellCodec | undefined {
  return BY_TYPE.get(typeOid)?.[format];
}

function decimal(text: string | undefined): CellValue | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? { kind: 'decimal', text } : undefined;
}

function integer(value: bigint, bytes: 2 | 4 | 8): CellValue {
  const most = (1n << BigInt(bytes * 8 - 1)) - 1n;
  return { kind: 'integer', value, least: -most - 1n, most };
}

function integerText(bytes: 2 | 4 | 8): CellCodec {
  return {
    read: (cell) => (/^-?\d{1,19}$/.test(cell.toString('latin1')) ? integer(BigInt(cell.toString('latin1')), bytes) : undefined),
    write: (value) => (value.kind === 'integer' ? Buffer.from(String(value.value), 'latin1') : undefined),
  };
}

function integerBinary(bytes: 2 | 4 | 8): CellCodec {
  return {
    read: (cell) => (cell.length === bytes ? integer(bytes === 8 ? cell.readBigInt64BE() : BigInt(cell.readIntBE(0, bytes)), bytes) : undefined),
    write: (value) => {
      if (value.kind !== 'integer') return undefined;
      const cell = Buffer.alloc(8);
      cell.writeBigInt64BE(value.value);
      return cell.subarray(8 - bytes);
    },
  };
}

function floatText(): CellCodec {
  return {
    read: (cell) => float(Number(cell.toString('latin1'))),
    write: (value) => (value.kind === 'float' ? Buffer.from(String(value.value), 'latin1') : undefined),
  };
}

function floatBinary(bytes: 4 | 8): CellCodec {
  return {
    read: (cell) => (cell.length === bytes ? float(bytes === 4 ? cell.readFloatBE() : cell.readDoubleBE()) : undefined),
    write: (value) => {
      if (value.kind !== 'float') return undefined;
      const cell = Buffer.alloc(bytes);
      if (bytes === 4) cell.writeFloatBE(value.value);
      else cell.writeDoubleBE(value.value);
      return cell;
    },
  };
}

function float(value: number): CellValue | undefined {
  return Number.isFinite(value) ? { kind: 'float', value } : undefined;
}

/** Of the ISO style alone: others are not told apart safely. */
function timeText(rest: string): CellCodec {
  return {
    read: (cell) => readTime(cell.toString('latin1')),
    write: (value) => (value.kind === 'date' ? Buffer.from(writeDay(value) + rest, 'latin1') : undefined),
  };
}

function dateBinary(): CellCodec {
  return {
    read: (cell) => (cell.length === 4 ? fromDays(cell.readInt32BE()) : undefined),
    write: (value) => {
      if (value.kind !== 'date') return undefined;
      const cell = Buffer.alloc(4);
      cell.writeInt32BE(toDays(value));
      return cell;
    },
  };
}

function momentBinary(): CellCodec {
  return {
    read: (cell) => (cell.length === 8 ? fromMicros(cell.readBigInt64BE()) : undefined),
    write: (value) => {
      if (value.kind !== 'date') return undefined;
      const cell = Buffer.alloc(8);
      cell.writeBigInt64BE(BigInt(toDays(value)) * MICROS_PER_DAY);
      return cell;
    },
  };
}
