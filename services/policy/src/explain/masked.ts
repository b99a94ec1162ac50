import type { Refusal } from '@interlock/kernel';
import type { RpcResponse, Target } from '@interlock/contracts';
import type { MaskingPlan } from '@interlock/domain-masking';
import { interpretText, maskable, type ColumnFinding, type Interpretation } from '@interlock/language-postgres';
import { assumedCatalog, type Assumed } from './assumed-catalog.js';
import { HYPOTHETICAL_SEARCH_PATH, UNKNOWN_SCHEMA } from './hypothesis.js';

type Masking = NonNullable<RpcResponse<'policy.explain'>['masking']>;

export interface Masked {
  readonly masking: Masking;
  readonly refusal?: Refusal;
  readonly assumptions: readonly string[];
}

/** Each reading may find columns that the one before could not see; a text that needs more is refused as one that cannot be followed. */
const READINGS = 5;

/**
 * What of a text's answer would be masked, or why it would be refused. The target's tables are taken to have the columns that masking rules and the
 * text itself name; those decide, since no other column is masked. Undefined where nothing is masked.
 */
export function maskedIn(text: string, target: Target, plan: MaskingPlan): Masked | undefined {
  if (plan.isEmpty) return undefined;
  const content = plan.contentKinds.map((one) => (typeof one === 'string' ? one : one.id));
  if (plan.sensitive.length === 0) return { masking: { columns: [], content }, assumptions: [] };
  const { meanings, tables } = read(text, target, plan);
  const assumptions = tables.map((table) => `Table ${table} is taken to have the columns that masking rules and this text name.`);
  const columns: Masking['columns'] = [];
  for (const meaning of meanings) {
    const found = maskable(meaning, plan, ({ schema, table, column }) => plan.columnRule(schema, table, column)?.transform === 'token');
    if (!found.ok) return { masking: { columns: [], content, refused: refusedBy(found.refusal) }, refusal: found.refusal, assumptions };
    columns.push(...maskedColumns(meaning, found.value.columns, plan));
  }
  return { masking: { columns, content }, assumptions };
}

function maskedColumns({ lineage }: Interpretation, findings: readonly ColumnFinding[], plan: MaskingPlan): Masking['columns'] {
  return findings.flatMap((finding, index) => {
    if (!lineage.ok || finding === 'clear' || !('direct' in finding)) return [];
    const { schema, table, column } = finding.direct;
    const rule = plan.columnRule(schema, table, column);
    return rule ? [{ name: lineage.value.columns[index]!.name, column: `${schema}.${table}.${column}`, rule: rule.rule, transform: rule.transform }] : [];
  });
}

function refusedBy({ rule, detail, hint }: Refusal): NonNullable<Masking['refused']> {
  return { detail, ...(rule !== undefined && { rule }), ...(hint !== undefined && { hint }) };
}

/** Reads the text until everything that it names is known. */
function read(text: string, target: Target, plan: MaskingPlan): { readonly meanings: readonly Interpretation[]; readonly tables: readonly string[] } {
  const known = { tables: new Map<string, Table>(), functions: new Map<string, Name>() };
  let meanings: readonly Interpretation[] = [];
  for (let reading = 0; reading < READINGS; reading += 1) {
    meanings = meaningsOf(text, target, known);
    const before = sizeOf(known);
    for (const meaning of meanings) learn(meaning, known, plan);
    if (sizeOf(known) === before) break;
  }
  return { meanings, tables: [...known.tables.keys()] };
}

interface Name {
  readonly schema: string;
  readonly name: string;
}

interface Table extends Name {
  readonly columns: Set<string>;
}

interface Known extends Assumed {
  readonly tables: Map<string, Table>;
  readonly functions: Map<string, Name>;
}

function meaningsOf(text: string, target: Target, assumed: Assumed): readonly Interpretation[] {
  const meanings = interpretText(text, { catalog: assumedCatalog(assumed), target: target.name, database: target.database, searchPath: HYPOTHETICAL_SEARCH_PATH, user: '' });
  return meanings.ok ? meanings.value : [];
}

/** Adds what the text names and is not known yet. */
function learn({ accesses, facts }: Interpretation, { tables, functions }: Known, plan: MaskingPlan): void {
  const relations = listed(facts['unknownRelations']);
  for (const { object: { path: [, given = '', ...rest] } } of accesses) {
    const name = rest.join('.');
    if (!relations.includes(`${given}.${name}`)) continue;
    const schema = given === UNKNOWN_SCHEMA ? 'public' : given;
    const columns = plan.sensitive.filter((one) => one.schema === schema && one.table === name).map(({ column }) => column);
    tables.set(`${schema}.${name}`, { schema, name, columns: new Set(columns) });
  }
  for (const called of listed(facts['unknownFunctions'])) {
    const [name = '', schema = 'pg_catalog'] = called.split('.').reverse();
    functions.set(called, { schema, name });
  }
  // A column of no rule is masked nowhere, so it matters not which of the tables has it.
  for (const column of listed(facts['unknownColumns'])) for (const { columns } of tables.values()) columns.add(column.split('.').at(-1)!);
}

function sizeOf({ tables, functions }: Known): number {
  return functions.size + [...tables.values()].reduce((sum, { columns }) => sum + 1 + columns.size, 0);
}

function listed(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}
