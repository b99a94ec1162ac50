import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FACTS, VERBS, type Action, type Decision, type FactSpec, type Verb } from '@interlock/contracts';
import { CATALOG_QUERIES, catalogFromRows, interpretText, loadParser, type CatalogRows } from '@interlock/language-postgres';
import { beforeAll, describe, expect, it } from 'vitest';
import { actionOf, circumstancesFor, gatheredFor, readTable, type Row } from './table.js';
import { worldOf, type World } from './world.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const table = (name: string): Row[] => readTable(readFileSync(here(`tables/${name}`), 'utf8'));

const DEMO = here('../../deploy/local/demo');
const DUTIES = here('configurations/duties');
const RISKY = here('configurations/risky');
const NO_CATALOG = catalogFromRows(Object.fromEntries(Object.keys(CATALOG_QUERIES).map((query) => [query, []])) as unknown as CatalogRows);

function decide(world: World, row: Row, action: Action): Decision {
  return world.judge.judge({ principal: world.principal(row.principal), target: world.target(row.target), action, gathered: gatheredFor(row, action) ?? [], circumstances: circumstancesFor(row, (world.judge.wants?.recent ?? []).map((wanted) => ({ ...wanted, value: 0 }))) });
}

function check(decision: Decision, row: Row): void {
  expect({ outcome: decision.outcome, reasons: [...new Set(decision.reasons.map((reason) => reason.rule))].toSorted() }).toEqual({ outcome: row.outcome, reasons: row.reasons.toSorted() });
}

const titled = (rows: readonly Row[]): [string, Row][] => rows.map((row) => [`${row.line}: ${row.principal} at ${row.target}: ${row.what}${row.facts && `, ${row.facts}`} -> ${row.outcome}`, row]);

describe.each([['demo.actions', DEMO], ['duties.actions', DUTIES], ['risky.actions', RISKY]])('%s', (name, folder) => {
  let world: World;
  beforeAll(() => {
    world = worldOf(folder);
  });
  it.each(titled(table(name)))('%s', (_, row) => check(decide(world, row, actionOf(row)), row));
});

describe('demo.statements', () => {
  let world: World;
  beforeAll(async () => {
    await loadParser();
    world = worldOf(DEMO);
  });
  it.each(titled(table('demo.statements')))('%s', (_, row) => check(decide(world, row, statement(row, world)), row));
  it.each(titled(table('demo.statements')))('%s: is told in words that rules know', (_, row) => expect(foreign(statement(row, world))).toEqual([]));
});

/** The SQL as the language means it, without a catalog: names in these tables are qualified. */
function statement(row: Row, world: World): Action {
  const interpreted = interpretText(row.what, { catalog: NO_CATALOG, target: row.target, database: world.target(row.target).database, searchPath: ['public'], user: 'app' });
  if (!interpreted.ok) throw new Error(interpreted.refusal.detail);
  const [meaning] = interpreted.value;
  return { protocol: 'postgres', verb: meaning!.verb, text: row.what, parameters: [], accesses: [...meaning!.accesses], facts: { ...meaning!.facts }, context: {} };
}

/** Verbs, duties and types of facts that the vocabulary has otherwise. */
function foreign({ accesses, facts }: Action): string[] {
  const verbs = accesses.filter(({ verb, duty }) => VERBS[verb as Verb] !== duty).map(({ verb, duty }) => `${verb} is ${duty}`);
  const specs = Object.entries<FactSpec>(FACTS).filter(([name]) => name in facts);
  return [...verbs, ...specs.filter(([name, spec]) => typeOf(facts[name]) !== spec.type).map(([name]) => `${name} is ${typeOf(facts[name])}`)];
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'set' : typeof value === 'string' ? 'text' : typeof value;
}

describe('a table', () => {
  it('with a cell too few is refused, not skipped', () => expect(() => readTable('a | b | c | d | allow')).toThrow(/5 cells/));
  it('with a verb of nobody is refused', () => expect(() => actionOf({ line: 1, principal: 'a', target: 'b', what: 'divine table x.y', facts: '', outcome: 'deny', reasons: [] })).toThrow(/no verb/));
});
