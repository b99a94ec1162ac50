import type { Transform } from '@interlock/contracts';
import { unreachable } from '@interlock/kernel';

/** How a cell's bytes may be rewritten so that a client can still read the result. */
export type CellShape = 'text' | 'json' | 'jsonb-binary' | 'other';

const REDACTED = Buffer.from('[redacted]');
const REDACTED_JSON = Buffer.from('"[redacted]"');
/** A binary jsonb value begins with its format version, 1 (PostgreSQL, `jsonb_send`). */
const REDACTED_JSONB_BINARY = Buffer.concat([Buffer.from([1]), REDACTED_JSON]);
const LAST_FOUR = 4;
/** Shorter values would be told by their last four. */
const PARTIAL_MINIMUM_CHARACTERS = 8;

/**
 * The masked form of one cell, or null for SQL NULL. A type that cannot hold a word (numbers, dates, arrays, bytes) becomes
 * NULL under every transform, so that drivers still parse the row.
 */
export function applyTransform(transform: Transform, value: Buffer, shape: CellShape): Buffer | null {
  switch (transform) {
    case 'null':
      return null;
    case 'redact':
      return redacted(shape);
    case 'partial':
      return shape === 'text' ? partial(value) : redacted(shape);
    default:
      return unreachable(transform);
  }
}

/** What a derived value becomes: nothing of it is left. */
export function redacted(shape: CellShape): Buffer | null {
  switch (shape) {
    case 'text':
      return REDACTED;
    case 'json':
      return REDACTED_JSON;
    case 'jsonb-binary':
      return REDACTED_JSONB_BINARY;
    case 'other':
      return null;
    default:
      return unreachable(shape);
  }
}

function partial(value: Buffer): Buffer {
  const characters = [...value.toString('utf8')];
  if (characters.length < PARTIAL_MINIMUM_CHARACTERS) return REDACTED;
  return Buffer.from('*'.repeat(characters.length - LAST_FOUR) + characters.slice(-LAST_FOUR).join(''));
}
