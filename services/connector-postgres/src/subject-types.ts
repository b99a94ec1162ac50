import type { Catalog, SubjectColumn } from '@interlock/language-postgres';
import { OID } from './type-oids.js';

const asItIs = (cell: Buffer): string => cell.toString('latin1');
const WHOLE = /^-?\d+$/;

/** How values of a type are read so that the same one reads the same in every format. */
interface SubjectType {
  readonly text: (cell: Buffer) => string;
  readonly binary?: (cell: Buffer) => string;
  /** What its values look like in COPY, of which nobody says of which type it is: a sum of two types may be a third one, which rounds. */
  readonly copied?: RegExp;
}

/** Types of which different values never look alike. */
const TYPES: Readonly<Record<number, SubjectType>> = {
  [OID.int2]: { text: asItIs, binary: (cell) => String(cell.readInt16BE()), copied: WHOLE },
  [OID.int4]: { text: asItIs, binary: (cell) => String(cell.readInt32BE()), copied: WHOLE },
  [OID.int8]: { text: asItIs, binary: (cell) => String(cell.readBigInt64BE()), copied: WHOLE },
  [OID.text]: { text: asItIs, binary: asItIs, copied: /^/ },
  [OID.bpchar]: { text: asItIs, binary: asItIs, copied: /^/ },
  [OID.varchar]: { text: asItIs, binary: asItIs, copied: /^/ },
  [OID.numeric]: { text: asItIs },
  [OID.uuid]: { text: asItIs, binary: (cell) => cell.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), copied: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/ },
};

export function subjectType(oid: number): SubjectType | undefined {
  return TYPES[oid];
}

/** The type of a column of subjects; 0 where the target does not have it in a table. */
export function typeIn(catalog: Catalog, { schema, table, column }: SubjectColumn): number {
  const relation = catalog.relation(schema, table);
  const isTable = relation?.kind === 'table' || relation?.kind === 'partitioned_table' || relation?.kind === 'foreign_table';
  return (isTable && relation.columns.find(({ name }) => name === column)?.typeOid) || 0;
}
