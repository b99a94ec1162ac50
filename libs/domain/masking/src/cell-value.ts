import { unreachable } from '@interlock/kernel';
import type { CipherBook } from './cipher.js';
import { beginsAlike, otherDigits } from './digits.js';
import type { SensitiveColumn } from './plan.js';
import { issueToken } from './token.js';

/** One value out of its wire form, as far as transforms tell values apart. */
export type CellValue =
  | { readonly kind: 'text'; readonly text: string }
  /** A whole number between the bounds of its type. */
  | { readonly kind: 'integer'; readonly value: bigint; readonly least: bigint; readonly most: bigint }
  /** A number of any length in plain digits, with sign and point. */
  | { readonly kind: 'decimal'; readonly text: string }
  | { readonly kind: 'float'; readonly value: number }
  /** A day or a moment in UTC, of the years 1 to 9999: no more of it than transforms look at. */
  | { readonly kind: 'date'; readonly year: number; readonly month: number };

/**
 * What a reader sees of one value by `token`, `format-preserving` or `generalise`; undefined where there is no such form of it, or no key: then it
 * is redacted like any other.
 */
export function maskValue(column: Pick<SensitiveColumn, 'transform' | 'kind' | 'generalise'>, value: CellValue, ciphers: CipherBook): CellValue | undefined {
  switch (column.transform) {
    case 'token':
      return withToken(column.kind, value, ciphers);
    case 'format-preserving':
      return withOtherDigits(column.kind, value, ciphers);
    case 'generalise':
      return column.generalise && generalised(column.generalise, value);
    default:
      return undefined;
  }
}

/** A word, so only texts can hold it. */
function withToken(kind: string | undefined, value: CellValue, ciphers: CipherBook): CellValue | undefined {
  const cipher = kind === undefined ? undefined : ciphers.newest(kind);
  const text = cipher && value.kind === 'text' ? issueToken(cipher, Buffer.from(value.text, 'utf8')) : undefined;
  return text === undefined ? undefined : { kind: 'text', text };
}

function withOtherDigits(kind: string | undefined, value: CellValue, ciphers: CipherBook): CellValue | undefined {
  const cipher = kind === undefined ? undefined : ciphers.newest(kind);
  if (!cipher) return undefined;
  switch (value.kind) {
    case 'text': {
      const text = otherDigits(cipher, value.text);
      return text === undefined ? undefined : { kind: 'text', text };
    }
    case 'integer': {
      const before = String(value.value);
      const text = otherDigits(cipher, before, (result) => beginsAlike(result, before) && isWithin(BigInt(result), value));
      return text === undefined ? undefined : { ...value, value: BigInt(text) };
    }
    case 'decimal': {
      const text = otherDigits(cipher, value.text, (result) => beginsAlike(result, value.text));
      return text === undefined ? undefined : { kind: 'decimal', text };
    }
    case 'float':
    case 'date':
      return undefined;
    default:
      return unreachable(value);
  }
}

function generalised(how: NonNullable<SensitiveColumn['generalise']>, value: CellValue): CellValue | undefined {
  if ('to' in how) return value.kind === 'date' ? { ...value, month: how.to === 'year' ? 1 : value.month } : undefined;
  if ('first' in how) return value.kind === 'text' ? firstOf(value.text, how.first) : undefined;
  switch (value.kind) {
    case 'integer': {
      const floor = floorTo(value.value, BigInt(how.bucket));
      return isWithin(floor, value) ? { ...value, value: floor } : undefined;
    }
    case 'decimal':
      return { kind: 'decimal', text: String(floorTo(wholeBelow(value.text), BigInt(how.bucket))) };
    case 'float':
      return { kind: 'float', value: Math.floor(value.value / how.bucket) * how.bucket };
    case 'text':
    case 'date':
      return undefined;
    default:
      return unreachable(value);
  }
}

/** The first characters and a mark that does not tell how many follow. A text that has no more than those would be shown whole. */
function firstOf(text: string, count: number): CellValue | undefined {
  const characters = [...text];
  return characters.length > count ? { kind: 'text', text: `${characters.slice(0, count).join('')}*` } : undefined;
}

function floorTo(value: bigint, bucket: bigint): bigint {
  const rest = value % bucket;
  return value - (rest < 0n ? rest + bucket : rest);
}

/** The greatest whole number that is not above it. */
function wholeBelow(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(whole) - (decimal.startsWith('-') && /[1-9]/.test(fraction) ? 1n : 0n);
}

function isWithin(value: bigint, { least, most }: { readonly least: bigint; readonly most: bigint }): boolean {
  return value >= least && value <= most;
}
