import type { LineageReport, ReportedColumn } from '../src/index.js';

/** One block of lineage-cases.txt. */
export interface LineageCase {
  readonly sql: string;
  readonly expected: string;
}

/** What lineage-cases.txt holds: blocks are parted by empty lines; those that begin with `--` are headings. */
export function lineageCases(text: string): LineageCase[] {
  const blocks = text.trimEnd().split('\n\n').filter((block) => !block.startsWith('--'));
  return blocks.map((block) => {
    const [sql = '', ...lines] = block.split('\n');
    return { sql, expected: lines.join('\n') };
  });
}

/** A report as lineage-cases.txt writes it. */
export function written({ columns, writes, shaping }: LineageReport): string {
  return [
    ...columns.map((column) => `  ${column.name} = ${origins(column)}`.trimEnd()),
    ...writes.map((write) => `  > ${short(write.into)} = ${origins(write)}`.trimEnd()),
    ...(shaping.length === 0 ? [] : [`  / ${shaping.map(({ column, where, generatedFrom }) => `${short(column)}${made(generatedFrom)} (${where.join(', ')})`).join(', ')}`]),
  ].join('\n');
}

function origins({ origins: from, readsUnknown }: Omit<ReportedColumn, 'name'>): string {
  const listed = from.map(({ column, derivation, generatedFrom }) => `${derivation === 'direct' ? '' : '~'}${short(column)}${made(generatedFrom)}`);
  return [...listed, ...(readsUnknown ? ['?'] : [])].join(' ');
}

function made(from: readonly string[] | undefined): string {
  return from === undefined ? '' : `{${from.map(short).join(' ')}}`;
}

function short(column: string): string {
  return column.replace(/^public\./, '');
}
