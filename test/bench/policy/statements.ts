import { CATALOG_QUERIES, catalogFromRows, createInterpreter, loadParser, type CatalogRow, type CatalogRows, type InterpretationContext } from '@interlock/language-postgres';
import { timed, type Times } from './measure.js';
import type { Random } from './random.js';

export interface StatementTimes {
  readonly cold: Times;
  /** Another text of a known shape: only its values differ. */
  readonly alike: Times;
  readonly cached: Times;
}

const TABLES = 200;
const COLUMNS = ['id', 'state', 'amount', 'owner', 'note', 'made_at', 'kind', 'place'];
const INT = '23';

/** Statement to action with its facts: never seen, seen with other values, seen as it is. */
export async function measureStatements(count: number, random: Random): Promise<StatementTimes> {
  await loadParser();
  const context: InterpretationContext = { catalog: catalog(), target: 'shop', database: 'shop', searchPath: ['public'], user: 'agent' };
  const interpreter = createInterpreter();
  const interpret = (sql: string): unknown => {
    const meaning = interpreter.interpret(sql, context);
    if (!meaning.ok) throw new Error(`${sql}: ${meaning.refusal.detail}`);
    return meaning;
  };
  for (let warm = 0; warm < 200; warm += 1) interpret(statement(warm, `warm_${warm}`, 1, random));
  const shapes = Array.from({ length: count }, (_, at) => ({ at, table: random(TABLES) }));
  const texts = (value: number) => shapes.map(({ at, table }) => statement(at, `a${at}`, value, () => table));
  return { cold: timed(texts(1), interpret), alike: timed(texts(2), interpret), cached: timed(Array.from({ length: count }, () => statement(7, 'known', 3, () => 7)), interpret) };
}

function statement(at: number, alias: string, value: number, random: Random): string {
  const table = `t${random(TABLES)}`;
  switch (at % 4) {
    case 0: return `select ${alias}.id, ${alias}.state from ${table} ${alias} where ${alias}.id = ${value}`;
    case 1: return `select ${alias}.kind, ${alias}.amount from ${table} ${alias} join t0 other on other.id = ${alias}.owner where ${alias}.amount > ${value} order by 2 limit 10`;
    case 2: return `update ${table} ${alias} set state = ${value} where ${alias}.id in (select id from t1 where kind = ${value})`;
    default: return `with ${alias} as (select id, owner from ${table} where place = ${value}) delete from t2 using ${alias} where t2.owner = ${alias}.owner`;
  }
}

function catalog() {
  const empty = Object.fromEntries(Object.keys(CATALOG_QUERIES).map((query) => [query, []])) as unknown as CatalogRows;
  const oids = Array.from({ length: TABLES }, (_, at) => String(100_000 + at));
  return catalogFromRows({
    ...empty,
    schemas: ['pg_catalog', 'public'].map((name, at) => ({ oid: String(at + 1), name })),
    relations: oids.map((oid, at): CatalogRow => ({ oid, schema: 'public', name: `t${at}`, kind: 'r', has_rules: 'false', definition: null })),
    columns: oids.flatMap((relation) => COLUMNS.map((name, at): CatalogRow => ({ relation, attnum: String(at + 1), name, type: INT, not_null: 'false', is_unique: 'false' }))),
  });
}
