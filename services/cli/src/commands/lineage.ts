import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Refusal } from '@interlock/kernel';
import type { Context, Register } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import { printableJson } from '../output.js';

interface LineageOptions {
  readonly schema: string;
}

/** Works here alone: nothing is sent anywhere, no server is needed. */
export const registerLineage: Register = (program, run) => {
  program.command('lineage').argument('[statement]', 'the SQL; from standard input without it').requiredOption('--schema <file>', 'definitions of the tables, as written by hand or by pg_dump')
    .description('where each column of a PostgreSQL statement comes from, and what shapes its rows: one line of JSON per statement; docs/lineage.md has the form')
    .action(run<LineageOptions>(lineage));
};

async function lineage(context: Context & { readonly options: LineageOptions }, statement?: string): Promise<void> {
  const { loadParser, readSchema, reportLineage } = await import('@interlock/language-postgres');
  const file = context.options.schema;
  const script = readFileSync(resolve(context.cwd, file), 'utf8');
  const sql = statement ?? await context.readStandardInput();
  await loadParser();
  const schema = readSchema(script);
  if (!schema.ok) throw refusal(schema.refusal, `${file}:${schema.refusal.line}: `);
  const reports = reportLineage(sql, schema.value);
  if (!reports.ok) throw refusal(reports.refusal, '');
  for (const report of reports.value) context.output.record(report, () => printableJson(report));
}

function refusal({ detail, hint, ...problem }: Refusal, where: string): CliError {
  const sentence = `${where}${detail}${/[.!?]$/.test(detail) ? '' : '.'}`;
  return new CliError(EXIT.refused, sentence, hint, { ...problem, detail: sentence, ...(hint === undefined ? {} : { hint }) });
}
