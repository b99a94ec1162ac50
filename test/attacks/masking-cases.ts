import { readFileSync } from 'node:fs';

/** One line of a file of masking attacks. */
export interface MaskingCase {
  readonly id: string;
  readonly category: string;
  readonly steps: readonly string[];
  /** `mask_or_deny`: no sensitive value in any byte; anything else: byte for byte as at the bare target. */
  readonly expected: string;
  /** Changes the database for those who come after. */
  readonly destructive?: boolean;
  /** May fail at the bare target, which then shows nothing. */
  readonly optional?: boolean;
}

export interface MaskingSuite {
  readonly name: string;
  readonly schema: string;
  /** Masked columns, `public.table.column`. */
  readonly masked: readonly string[];
  /** Columns of free text, where only the content net can find something; their seeded values are those of the masked columns. */
  readonly cases: readonly MaskingCase[];
}

/**
 * Reads `<name>.jsonl` and `<name>.schema.sql` beside it. The schema says in a comment which columns are sensitive:
 * `-- ... sensitive columns: table.column, column, ...;` where a column without a table is of the table before it.
 */
export function readSuite(file: string): MaskingSuite {
  const schema = readFileSync(file.replace(/\.jsonl$/, '.schema.sql'), 'utf8');
  const cases = readFileSync(file, 'utf8').split('\n').filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as MaskingCase);
  return { name: file.split('/').at(-1)!.replace(/\.jsonl$/, ''), schema, masked: maskedColumns(schema), cases };
}

function maskedColumns(schema: string): string[] {
  const listed = /sensitive columns: ([^;\n]+)/.exec(schema)?.[1];
  if (listed === undefined) throw new Error('the schema does not say which columns are sensitive');
  let table = '';
  return listed.split(',').map((text) => {
    const parts = text.trim().split('.');
    if (parts.length > 1) table = parts[0]!;
    return `public.${table}.${parts.at(-1)!}`;
  });
}
