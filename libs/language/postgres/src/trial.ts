import { VERBS } from '@interlock/contracts';
import { childNodes } from './analysis/children.js';
import type { Catalog, CatalogRelation } from './catalog/model.js';
import type { Interpretation } from './interpret.js';
import { leavesOut } from './long-literals.js';
import { parseStatements, type ParsedStatement } from './parser/parse.js';
import { as, type Node, type Tag } from './parser/tree.js';
import { quotedName } from './quoted.js';

/** How far the rows that a statement changes can be counted and taken back, on another connection than its session's. */
export interface Holding {
  /** Why they cannot, as a clause; absent where they can. */
  readonly unbounded?: string;
  /** What counting its rows does not cover, one sentence each. */
  readonly beside: readonly string[];
}

const CHANGES_ROWS = new Set<string>(['insert', 'update', 'delete', 'merge']);
const HOLDS_ROWS = new Set(['table', 'partitioned_table', 'view']);
const WRITES = new Set<string>(['create', 'modify', 'delete']);

/** What a session holds; another connection has its own. */
const OF_A_SESSION = ['transaction', 'searchPath', 'prepares', 'executes', 'deallocates', 'declaresCursor', 'closesCursor', 'fetches', 'discards'] as const;
const ON_A_SESSION = new Set(['set', 'reset', 'discard', 'listen', 'unlisten']);

/** Whether only its own session can run a statement: it changes or uses what that holds, or takes its data from the client while it runs. */
export function isOfItsSession({ effects, accesses, sessionMatters }: Interpretation): boolean {
  return sessionMatters || effects.copy?.direction === 'in' || OF_A_SESSION.some((effect) => effects[effect] !== undefined) || accesses.some(({ verb }) => ON_A_SESSION.has(verb));
}

/** What can be held of a statement's effect. */
export function holdingOf(meaning: Interpretation, catalog: Catalog): Holding {
  const unbounded = notHeld(meaning, catalog);
  return { ...(unbounded !== undefined && { unbounded }), beside: besides(meaning) };
}

function notHeld(meaning: Interpretation, catalog: Catalog): string | undefined {
  const { verb, text, sessionMatters } = meaning;
  if (!CHANGES_ROWS.has(verb)) return `of what ${verb} does no rows can be counted, or it is not taken back with a transaction`;
  if (leavesOut(text)) return 'its text is too long to be sent on a connection of its own';
  const parsed = parseStatements(text);
  if (!parsed.ok || parsed.value.length !== 1) return 'its text is not one statement';
  if (sessionMatters || has(parsed.value[0]!.node, 'CurrentOfExpr')) return 'it depends on what its session has prepared or declared';
  const objects = meaning.accesses.filter(({ object }) => object.kind === 'table' || object.kind === 'view');
  if (objects.some(({ object }) => object.id === undefined)) return 'it names what only its session may know';
  const odd = relationsOf(meaning, catalog).find(({ kind }) => !HOLDS_ROWS.has(kind));
  return odd && `the target does not count the rows of ${odd.schema}.${odd.name}`;
}

function besides({ facts }: Interpretation): string[] {
  const beside: string[] = [];
  const volatile = [facts['volatileFunctions'], facts['dangerousFunctions']].flatMap((names) => (Array.isArray(names) ? names : []));
  if (volatile.length > 0) beside.push(`It calls ${[...new Set(volatile)].join(', ')}, which may do more than change rows: that is not bounded, and not all of it is taken back.`);
  else if (facts['opaque'] === true) beside.push('Some of what it does cannot be looked into: what that does beside changing rows is not bounded.');
  return beside;
}

/** Relations that a statement writes to, as the catalog knows them. */
export function relationsOf({ accesses }: Interpretation, catalog: Catalog): CatalogRelation[] {
  const written = accesses.filter(({ verb }) => WRITES.has(VERBS[verb as keyof typeof VERBS]));
  return written.flatMap(({ object: { id } }) => catalog.relationByOid(Number(/^relation:(\d+)$/.exec(id ?? '')?.[1])) ?? []);
}

/** Why a statement must not be tried in a transaction that is rolled back, as a clause; undefined where nothing in its text stands against it. */
export function untriable(meaning: Interpretation, catalog: Catalog): string | undefined {
  const { unbounded, beside } = holdingOf(meaning, catalog);
  if (unbounded !== undefined) return unbounded;
  if (beside.length > 0 || listed(meaning.facts['unknownFunctions'])) return 'it runs code whose effects a rollback may not take back';
  const verbs = new Set(meaning.accesses.map(({ verb }) => verb));
  if (verbs.has('insert') || meaning.verb === 'merge') return 'what it inserts may draw numbers from sequences, which a rollback does not give back';
  if (relationsOf(meaning, catalog).some(({ kind }) => kind === 'view')) return 'it writes through a view';
  const parsed = parseStatements(meaning.text);
  if (!parsed.ok || parsed.value.length !== 1) return 'its text is not one statement';
  return has(parsed.value[0]!.node, 'SetToDefault') ? 'what it sets to its default may draw numbers from sequences, which a rollback does not give back' : undefined;
}

function listed(fact: unknown): boolean {
  return Array.isArray(fact) && fact.length > 0;
}

function has(node: Node, wanted: Tag): boolean {
  return childNodes({ node }, (tag) => tag === wanted).length > 0;
}

/** A statement that gives the rows back that it changes. */
export interface Returning {
  readonly text: string;
  /** The same without the columns that tell their identity. */
  readonly shown: string;
  /** How many columns in front tell which very rows they are, beside what the statement returns: table, place and writing transaction. */
  readonly identity: 0 | 3;
}

/**
 * The statement with the rows that it changes given back, all their columns where it returns none of its own; undefined where it has a form
 * that this does not know. Their identity is that of before the change: of updated rows only servers from 18 on tell it.
 */
export function withReturning(text: string, serverMajor: number): Returning | undefined {
  const parsed = parseStatements(text);
  if (!parsed.ok || parsed.value.length !== 1) return undefined;
  const [statement] = parsed.value as [ParsedStatement];
  const deletion = as(statement.node, 'DeleteStmt');
  const { relation, returningClause: clause } = deletion ?? as(statement.node, 'UpdateStmt') ?? {};
  if (relation === undefined || clause?.options !== undefined) return undefined;
  const name = quotedName(relation.alias?.aliasname ?? relation.relname ?? '');
  const tellsOld = deletion !== undefined || (serverMajor >= 18 && !JSON.stringify(statement.node).includes('"old"'));
  const before = deletion ? name : 'old';
  const identity = tellsOld ? [`${before}.tableoid`, `${before}.ctid`, `${before}.xmin`] : [];
  const some = { identity: tellsOld ? 3 : 0 } as const;
  if (clause?.exprs === undefined) return { ...some, text: `${statement.text}\nRETURNING ${[...identity, `${name}.*`].join(', ')}`, shown: `${statement.text}\nRETURNING ${name}.*` };
  const returning = withColumns(text, statement, clause.exprs, identity);
  return returning === undefined ? undefined : { ...some, text: returning, shown: statement.text };
}

/** Puts columns in front of those that a statement returns. Places in the tree are bytes of the whole text. */
function withColumns(text: string, { startByte, endByte }: ParsedStatement, expressions: readonly Node[], columns: readonly string[]): string | undefined {
  const at = as(expressions[0], 'ResTarget')?.location;
  if (at === undefined) return undefined;
  const bytes = Buffer.from(text);
  return [bytes.subarray(startByte, at).toString(), ...columns.map((column) => `${column}, `), bytes.subarray(at, endByte).toString()].join('');
}
