import type { CatalogColumn, CatalogFunction, CatalogRelation } from '../catalog/model.js';
import { OVERLAY_OID } from '../catalog/overlay.js';
import { completeSearchPath } from '../catalog/search-path.js';
import { parseStatements } from '../parser/parse.js';
import type { Node } from '../parser/tree.js';
import type { Analyst, Surroundings, ViewMeaning } from './analyst.js';
import { passedOver } from './coverage.js';
import { Notes, type Clause, type RelationUse, type Shaping } from './notes.js';
import { EMPTY_SCOPE } from './scope.js';
import { computedOf, renamed, type Value } from './value.js';

type MakeAnalyst = (surroundings: Surroundings, notes: Notes, inside?: readonly CatalogFunction[]) => Analyst;

/** A view means the same as long as its catalog lives: relations belong to one catalog and never change. */
const known = new WeakMap<CatalogRelation, ViewMeaning | Untold>();

/** Why a view's meaning cannot be told. */
interface Untold {
  readonly because: string;
}

const ITSELF: ViewMeaning = { columns: [], shaping: new Map(), uses: [], unread: undefined, reads: new Map(), mixesRows: false };

/** What a view is made of, down to relations that are no views. Views of the system schemas stand for themselves. */
export function viewMeaning(a: Analyst, relation: CatalogRelation, make: MakeAnalyst): ViewMeaning | undefined {
  if (relation.kind !== 'view' && relation.kind !== 'materialized_view') return undefined;
  if (standsForItself(relation)) return ITSELF;
  const remembered = known.get(relation);
  if (remembered !== undefined) return 'because' in remembered ? undefined : remembered;
  if (relation.definition !== undefined) a.notes.budget.parse(relation.definition);
  const parsed = relation.definition === undefined || a.notes.budget.isSpent ? undefined : parseStatements(relation.definition);
  if (parsed?.ok === false && parsed.refusal.retryable === true) return undefined;
  const [statement] = parsed?.ok === true ? parsed.value : [];
  if (statement !== undefined) return bindView(a, relation, statement.node, make);
  if (!a.notes.budget.isSpent) known.set(relation, { because: 'its definition cannot be read' });
  return undefined;
}

/**
 * Reads a view's query now, and remembers what it means: its names are bound from then on, as the server binds them when the view is made. Undefined
 * when it cannot be told.
 */
export function bindView(a: Analyst, relation: CatalogRelation, definition: Node, make: MakeAnalyst): ViewMeaning | undefined {
  known.set(relation, { because: 'it refers to itself' });
  const meaning = readDefinition(a, relation, definition, make);
  if (a.notes.budget.isSpent) known.delete(relation);
  else known.set(relation, meaning);
  return 'because' in meaning ? undefined : meaning;
}

/** Why a view that was asked for has no meaning. */
export function whyUntold(relation: CatalogRelation): string {
  const remembered = known.get(relation);
  return remembered !== undefined && 'because' in remembered ? remembered.because : 'its definition cannot be read';
}

/** Views of the system stand for themselves; so does one that this session made, whose columns were judged when it was. */
function standsForItself(relation: CatalogRelation): boolean {
  return relation.oid === OVERLAY_OID || relation.schema === 'pg_catalog' || relation.schema === 'information_schema';
}

/** Every name in a stored definition is qualified, or means what it meant under the path in force when the view was made. */
function readDefinition(outer: Analyst, relation: CatalogRelation, definition: Node, make: MakeAnalyst): ViewMeaning | Untold {
  const notes = new Notes(outer.notes.budget);
  const a = make({ catalog: outer.catalog.base ?? outer.catalog, database: outer.database, path: relation.definedUnder ?? completeSearchPath([], '') }, notes);
  const { columns } = a.query(definition, EMPTY_SCOPE);
  const lost = notes.tooMuch ?? notes.notUnderstood ?? notes.lineageLost ?? passedOver(notes, definition);
  const [unknown] = notes.unknownColumns;
  if (lost !== undefined || unknown !== undefined) return { because: lost ?? `the column ${unknown} is not known` };
  return {
    columns: renamed(columns, relation.columns.map((column) => column.name)),
    shaping: notes.shaping, uses: [...notes.uses.values()], unread: notes.lineageUnread,
    reads: notes.reads, mixesRows: notes.mixesRows,
  };
}

/** A column followed down to relations that are no views. */
export interface Trace {
  readonly bases: readonly CatalogColumn[];
  /** Those of the bases that do not arrive unchanged. */
  readonly computed: readonly CatalogColumn[];
  /** The views' columns on the way down. */
  readonly through: readonly CatalogColumn[];
  readonly total: boolean;
  /** Code that cannot be looked into is on the way. */
  readonly unread: boolean;
  /** On the way it is one of several values of which another is made from no stored column. */
  readonly withConstants: boolean;
}

/** A view's columns mean the same as long as the view does. */
const traces = new WeakMap<CatalogColumn, Trace>();

/** Follows a column down through views; any other column is its own base. Columns of views are known by their place: a rename moves none. */
export function traceColumn(a: Analyst, column: CatalogColumn): Trace {
  a.notes.look(1);
  const remembered = traces.get(column);
  if (remembered !== undefined) return remembered;
  const meaning = standsForItself(column.relation) ? undefined : a.view(column.relation);
  const field = a.notes.exhausted ? undefined : meaning?.columns[column.attnum - 1];
  if (field === undefined) return { bases: [column], computed: [], through: [], total: true, unread: false, withConstants: false };
  const below = traceValue(a, field.value);
  const trace = { ...below, through: [column, ...below.through] };
  if (!a.notes.exhausted) traces.set(column, trace);
  return trace;
}

/** Follows everything that a value is made from. */
export function traceValue(a: Analyst, value: Value): Trace {
  const steps = value.origins.map((column) => [column, traceColumn(a, column)] as const);
  a.notes.look(steps.reduce((sum, [, step]) => sum + step.bases.length + step.through.length, 0));
  const computed = new Set(computedOf(value));
  return {
    bases: [...new Set(steps.flatMap(([, step]) => step.bases))],
    computed: [...new Set(steps.flatMap(([column, step]) => (computed.has(column) ? step.bases : step.computed)))],
    through: [...new Set(steps.flatMap(([, step]) => step.through))],
    total: value.total && steps.every(([, step]) => step.total),
    unread: value.unread === true || steps.some(([, step]) => step.unread),
    withConstants: value.withConstants === true || steps.some(([, step]) => step.withConstants),
  };
}

/** What a view's rows are shaped by, in base relations, and which those are. */
interface Below {
  readonly shaping: Shaping;
  readonly tables: ReadonlySet<string>;
}

/** The same as long as the view is. */
const belows = new WeakMap<ViewMeaning, Below>();

function belowOf(a: Analyst, relation: CatalogRelation | undefined): Below | undefined {
  const meaning = relation === undefined ? undefined : a.view(relation);
  if (meaning === undefined) return undefined;
  const remembered = belows.get(meaning);
  if (remembered !== undefined) return remembered;
  const below = { shaping: shapingOf(a, meaning.shaping, meaning.uses), tables: new Set(baseTables(a, meaning.uses)) };
  if (!a.notes.exhausted) belows.set(meaning, below);
  return below;
}

/** The columns that shape, in base relations; a view's own conditions shape whoever reads it. */
export function shapingOf(a: Analyst, shaping: Shaping, uses: Iterable<RelationUse>): Shaping {
  const all = new Map<CatalogColumn, Set<Clause>>();
  const add = (column: CatalogColumn, clauses: ReadonlySet<Clause>): void => {
    const known = all.get(column);
    if (known === undefined) all.set(column, new Set(clauses));
    else for (const clause of clauses) known.add(clause);
  };
  for (const [column, clauses] of shaping) for (const base of traceColumn(a, column).bases) add(base, clauses);
  for (const { relation } of uses) {
    const inherited = belowOf(a, relation)?.shaping ?? new Map<CatalogColumn, ReadonlySet<Clause>>();
    a.notes.look(inherited.size);
    if (a.notes.exhausted) return all;
    for (const [column, clauses] of inherited) add(column, clauses);
  }
  return all;
}

/** `schema.table` of every relation below, views followed. */
export function baseTables(a: Analyst, uses: Iterable<RelationUse>): string[] {
  const tables = new Set<string>();
  for (const { relation, schema, name } of uses) {
    const below = belowOf(a, relation)?.tables;
    if (below === undefined || below.size === 0) tables.add(`${schema}.${name}`);
    for (const table of below ?? []) tables.add(table);
  }
  return [...tables];
}
