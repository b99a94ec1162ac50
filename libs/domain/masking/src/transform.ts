import { unreachable } from '@interlock/kernel';
import { LAST_CHARACTERS, type SensitiveColumn } from './plan.js';

/** How a cell's bytes may be rewritten so that a client can still read the result. */
export type CellShape = 'text' | 'json' | 'jsonb-binary' | 'other';

const REDACTED = Buffer.from('[redacted]');
const REDACTED_JSON = Buffer.from('"[redacted]"');
/** A binary jsonb value begins with its format version, 1 (PostgreSQL, `jsonb_send`). */
const REDACTED_JSONB_BINARY = Buffer.concat([Buffer.from([1]), REDACTED_JSON]);
/** At least half of a value stays hidden, and of short ones all. */
const PARTIAL_MINIMUM_CHARACTERS = 8;

/**
 * The masked form of one cell by the transforms that need neither its type nor a key, or null for SQL NULL. A type that cannot hold a word (numbers,
 * dates, arrays, bytes) becomes NULL under every one of them, so that drivers still parse the row. The other transforms work on values
 * (`maskValue`); a cell that they cannot treat is redacted, which is what this gives for them.
 */
export function applyTransform({ transform, last }: Pick<SensitiveColumn, 'transform' | 'last'>, cell: Buffer, shape: CellShape): Buffer | null {
  switch (transform) {
    case 'null':
      return null;
    case 'partial':
      return shape === 'text' ? partial(cell, last ?? LAST_CHARACTERS) : redacted(shape);
    case 'redact':
    case 'token':
    case 'format-preserving':
    case 'generalise':
      return redacted(shape);
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

function partial(value: Buffer, last: number): Buffer {
  const characters = [...value.toString('utf8')];
  if (characters.length < Math.max(PARTIAL_MINIMUM_CHARACTERS, 2 * last)) return REDACTED;
  return Buffer.from('*'.repeat(characters.length - last) + characters.slice(-last).join(''));
}
