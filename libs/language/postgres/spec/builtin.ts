import type { CatalogRow, CatalogRows } from '../src/index.js';
import type { BuiltinTexts } from '../src/schema/builtin.js';

const SCHEMAS = ['pg_catalog', 'information_schema'];
const KINDS = new Set(['r', 'v']);

/** The file of the server's own catalog, as `src/schema/builtin-data.ts` holds it. */
export function builtinFile(rows: CatalogRows, version: string): string {
  const { schemas, types, relations, functions } = encodeBuiltin(rows);
  return [
    `// Written from PostgreSQL ${version} by builtin.spec.ts (\`npx vitest run <that file> --update\` writes it anew); builtin.ts has the form.`,
    ...Object.entries({ SCHEMAS: schemas, TYPES: types, RELATIONS: relations, FUNCTIONS: functions }).map(([name, text]) => `export const BUILTIN_${name} = ${quoted(text)};`),
    '',
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** The texts of a server's own catalog, from the answers of its probes. */
function encodeBuiltin(rows: CatalogRows): BuiltinTexts {
  const own = (row: CatalogRow): boolean => SCHEMAS.includes(row['schema'] ?? '');
  const columns = new Map<string, string[]>();
  for (const row of rows.columns) columns.set(row['relation'] ?? '', [...columns.get(row['relation'] ?? '') ?? [], `${row['name']}:${row['type']}`]);
  return {
    schemas: written(rows.schemas.filter((row) => SCHEMAS.includes(row['name'] ?? '')).map((row) => [row['name'], row['oid']])),
    types: written(rows.types.filter(own).map((row) => [`${schemaMark(row)}${row['kind']}`, row['name'], row['oid'], row['relation'], row['element']])),
    relations: written(rows.relations.filter((row) => own(row) && KINDS.has(row['kind'] ?? '')).map((row) => [
      `${schemaMark(row)}${row['kind']}`, row['name'], row['oid'], (columns.get(row['oid'] ?? '') ?? []).join(','),
    ])),
    functions: written(rows.functions.filter(own).map(functionRecord)),
  };
}

function functionRecord(row: CatalogRow): (string | null | undefined)[] {
  const flag = (value: string | null | undefined, mark: string): string => (value === 'true' || value === 't' ? mark : '-');
  const modes = JSON.parse(row['modes'] ?? '[]') as string[];
  const names = JSON.parse(row['names'] ?? '[]') as string[];
  const types = JSON.parse(row['all_types'] ?? '[]') as string[];
  const outs = modes.flatMap((mode, index) => ('obt'.includes(mode) ? [`${names[index]}:${types[index]}`] : []));
  const taken = (row['argument_types'] ?? '').split(' ').filter((type) => type !== '').length;
  const marks = `${schemaMark(row)}${row['kind']}${row['volatility']}${flag(row['variadic'], 'v')}${flag(row['returns_set'], 's')}`;
  return [marks, row['name'], `${taken},${row['defaults']}`, row['return_type'], outs.join(',')];
}

function schemaMark(row: CatalogRow): number {
  return SCHEMAS.indexOf(row['schema'] ?? '');
}

/** Records that say the same (overloads that differ in types alone) are written once. */
function written(parts: readonly (readonly (string | null | undefined)[])[]): string {
  return [...new Set(parts.map((record) => record.join(' ')))].join(';');
}
