/** The line ends of one COPY stream in text or CSV format. */
export type NewlineKind = 'lf' | 'cr' | 'crlf';

export const LF = 0x0a;
export const CR = 0x0d;

/** A line end of `size` bytes; 0 while the next byte must be seen; -1 where it contradicts the earlier ones. */
export type Newline = { readonly size: -1 | 0 | 1 | 2; readonly kind: NewlineKind | undefined };

const CONTRADICTION: Newline = { size: -1, kind: undefined };
const UNDECIDED: Newline = { size: 0, kind: undefined };
const LF_END: Newline = { size: 1, kind: 'lf' };
const CR_END: Newline = { size: 1, kind: 'cr' };
const CRLF_END: Newline = { size: 2, kind: 'crlf' };

/**
 * Reads the line end whose first byte is `byte`, as PostgreSQL's COPY FROM does: the first one of a stream settles
 * the kind, and any other is refused. `following` is the byte behind it, `'end'` behind the last byte of the stream,
 * `undefined` while it is not known.
 */
export function readNewline(known: NewlineKind | undefined, byte: number, following: number | 'end' | undefined): Newline {
  if (byte === LF) return known === undefined || known === 'lf' ? LF_END : CONTRADICTION;
  if (known === 'lf') return CONTRADICTION;
  if (known === 'cr') return CR_END;
  if (following === undefined) return UNDECIDED;
  if (following === LF) return CRLF_END;
  return known === 'crlf' ? CONTRADICTION : CR_END;
}
