import type { Content } from '@interlock/contracts';
import { redacted, type CellShape } from '@interlock/domain-masking';
import { maskContent, netFor, type ContentNet } from '@interlock/language-content';
import type { DataRowCursor, FieldDescription } from '@interlock/protocol-postgres';
import type { CellMask } from './mask-cell.js';
import { OID } from './type-oids.js';

/** What happens to the cells of one column. */
export type CellRule =
  | { readonly kind: 'transform'; readonly mask: CellMask }
  | {
    readonly kind: 'content';
    readonly form: ContentForm;
    /** Name of the column, which speaks for kinds that say too little by themselves. */
    readonly column?: string;
  };

/** How content lies in a cell: as text, as JSON, as JSON behind a version byte, as hexadecimal digits, or somewhere inside a structure. */
export type ContentForm = 'text' | 'json' | 'jsonb-binary' | 'hex' | 'structure';

const TEXTS = new Set<number>([OID.name, OID.text, OID.xml, OID.unknown, OID.bpchar, OID.varchar, OID.cstring]);
/** Types whose values are numbers, times or identifiers by form: no text can hide in them. */
const BARREN = new Set<number>([
  16, 20, 21, 23, 26, 28, 29, 27, 700, 701, 790, 1082, 1083, 1114, 1184, 1186, 1266, 1700, 2278, 2950, 3220,
  1000, 1005, 1007, 1016, 1021, 1022, 1028, 1115, 1182, 1183, 1185, 1187, 1231, 2951,
]);

/** How a masked cell of a type may look so that a client can still read it. */
export function shapeOf(typeOid: number, format: 'text' | 'binary'): CellShape {
  if (TEXTS.has(typeOid)) return 'text';
  if (typeOid === OID.json) return 'json';
  if (typeOid === OID.jsonb) return format === 'text' ? 'json' : 'jsonb-binary';
  return 'other';
}

/** How content is looked for in cells of a type; undefined where none can be. */
export function contentFormOf(typeOid: number, format: 'text' | 'binary'): ContentForm | undefined {
  if (BARREN.has(typeOid)) return undefined;
  if (typeOid === OID.json) return 'json';
  if (typeOid === OID.jsonb) return format === 'text' ? 'json' : 'jsonb-binary';
  if (typeOid === OID.bytea) return format === 'text' ? 'hex' : 'text';
  return format === 'text' || TEXTS.has(typeOid) ? 'text' : 'structure';
}

export function contentRule({ typeOid, name }: FieldDescription, format: 'text' | 'binary'): CellRule | undefined {
  const form = contentFormOf(typeOid, format);
  return form && { kind: 'content', form, column: name };
}

/** Masks the rows of one answer, column by column. One replacement list is used again for every row. */
export class RowMask {
  readonly #rules: readonly (CellRule | undefined)[];
  readonly #kinds: readonly Content[];
  readonly #net: ContentNet;
  readonly #replacements: (Uint8Array | null | undefined)[];

  constructor(rules: readonly (CellRule | undefined)[], kinds: readonly Content[]) {
    this.#rules = rules;
    this.#kinds = kinds;
    this.#net = netFor(kinds);
    this.#replacements = rules.map(() => undefined);
  }

  get columns(): number {
    return this.#rules.length;
  }

  get replacements(): readonly (Uint8Array | null | undefined)[] {
    return this.#replacements;
  }

  /** Looks at one row and notes what replaces its cells; how many are replaced. */
  apply(row: DataRowCursor): number {
    let masked = 0;
    for (let column = 0; column < this.#rules.length; column += 1) {
      const rule = this.#rules[column];
      const replacement = rule === undefined || row.isNull(column) ? undefined : this.#cell(row, column);
      this.#replacements[column] = replacement;
      if (replacement !== undefined) masked += 1;
    }
    return masked;
  }

  /** Whether a cell, as it stands in the stream from `start` to `end`, has to be looked at more closely. */
  mayChange(column: number, buffer: Buffer, start: number, end: number): boolean {
    const rule = this.#rules[column];
    if (!rule) return false;
    return rule.kind === 'transform' || rule.form === 'hex' || this.#net.mayHold(buffer, start, end);
  }

  /** The same for a value of its own, as COPY has them. Undefined keeps it. */
  value(column: number, value: Buffer): Uint8Array | null | undefined {
    const rule = this.#rules[column];
    if (!rule) return undefined;
    return rule.kind === 'transform' ? rule.mask(value) : withoutContent(value, rule, this.#kinds);
  }

  #cell(row: DataRowCursor, column: number): Uint8Array | null | undefined {
    if (!this.mayChange(column, row.buffer, row.start(column), row.end(column))) return undefined;
    return this.value(column, row.buffer.subarray(row.start(column), row.end(column)));
  }
}

/** The value with its content replaced; undefined where there is none. */
function withoutContent(value: Buffer, { form, column }: CellRule & { kind: 'content' }, kinds: readonly Content[]): Uint8Array | null | undefined {
  switch (form) {
    case 'text':
    case 'json':
      return changed(value, maskContent(value, kinds, form, column));
    case 'jsonb-binary':
      return changedJsonb(value, kinds, column);
    case 'hex':
      return changedHex(value, kinds, column);
    case 'structure':
      return maskContent(value, kinds, 'text', column) === value ? undefined : redacted('other');
  }
}

function changed(value: Buffer, masked: Buffer): Buffer | undefined {
  return masked === value ? undefined : masked;
}

function changedJsonb(value: Buffer, kinds: readonly Content[], column?: string): Buffer | undefined {
  const document = value.subarray(1);
  const masked = maskContent(document, kinds, 'json', column);
  return masked === document ? undefined : Buffer.concat([value.subarray(0, 1), masked]);
}

/** `\x` and two digits a byte, as bytea_output hex writes it; the older escape form reads as text. */
function changedHex(value: Buffer, kinds: readonly Content[], column?: string): Buffer | undefined {
  if (value.length < 2 || value[0] !== 0x5c || value[1] !== 0x78) return changed(value, maskContent(value, kinds, 'text', column));
  const bytes = Buffer.from(value.toString('latin1', 2), 'hex');
  const masked = maskContent(bytes, kinds, 'text', column);
  return masked === bytes ? undefined : Buffer.from(`\\x${masked.toString('hex')}`, 'latin1');
}
