import type { CopyReader, CopyStep } from '../src/index.js';

/** A COPY stream as read: the values of each row (latin1, so that every byte shows), the steps that are no rows, and all bytes handed out. */
export type Copied = { readonly rows: (string | null)[][]; readonly others: CopyStep[]; readonly bytes: Buffer; readonly violation: string | undefined };

export function readCopy(reader: CopyReader, chunks: readonly Buffer[]): Copied {
  const rows: (string | null)[][] = [];
  const others: CopyStep[] = [];
  const bytes: Buffer[] = [];
  const drain = (): void => {
    for (let step = reader.next(); step !== 'more' && step !== 'end' && step !== 'violation'; step = reader.next()) {
      bytes.push(reader.buffer.subarray(reader.start, reader.end));
      if (step === 'row') rows.push(Array.from({ length: reader.count }, (_, column) => reader.value(column)?.toString('latin1') ?? null));
      else others.push(step);
    }
  };
  for (const chunk of chunks) {
    reader.push(chunk);
    drain();
  }
  reader.finish();
  drain();
  return { rows, others, bytes: Buffer.concat(bytes), violation: reader.violation?.reason };
}

/** All rows of a stream, each rewritten with the same replacements. */
export function rewriteCopy(reader: CopyReader, stream: Buffer, replacements: readonly (Buffer | null | undefined)[]): Buffer {
  const parts: Buffer[] = [];
  reader.push(stream);
  reader.finish();
  for (let step = reader.next(); step !== 'end'; step = reader.next()) {
    if (step === 'violation' || step === 'more') throw new Error(reader.violation?.detail ?? step);
    parts.push(step === 'row' ? reader.rewrite(replacements) : reader.buffer.subarray(reader.start, reader.end));
  }
  return Buffer.concat(parts);
}
