import { applyTransform, maskValue, redacted, type CellShape, type CipherBook, type SensitiveColumn } from '@interlock/domain-masking';
import { codecOf } from './cell-codec.js';

/** What a reader sees of one cell that is not NULL; null for SQL NULL. */
export type CellMask = (cell: Buffer) => Buffer | null;

/** The mask of a sensitive column, for cells as they lie on the wire. Whatever its transform cannot treat is redacted. */
export function maskOf(column: SensitiveColumn, shape: CellShape, typeOid: number, format: 'text' | 'binary', ciphers: CipherBook): CellMask {
  switch (column.transform) {
    case 'redact':
    case 'partial':
    case 'null':
      return (cell) => applyTransform(column, cell, shape);
    default: {
      const codec = codecOf(typeOid, format);
      return (cell) => {
        const value = codec?.read(cell);
        const masked = value && maskValue(column, value, ciphers);
        return (masked && codec?.write(masked)) ?? redacted(shape);
      };
    }
  }
}
