import type { CatalogColumn, CatalogFunction, CatalogRelation } from '../catalog/model.js';
import { OVERLAY_OID } from '../catalog/overlay.js';
import { completeSearchPath } from '../catalog/search-path.js';
import { parseStatements } from '../parser/parse.js';
import type { Node } from '../parser/tree.js';
import type { Analyst, Surroundings, ViewMeaning } from './analyst.js';
import { passedOver } from './coverage.js';
import { Notes } from './notes.js';
import { EMPTY_SCOPE } from './scope.js';
import { renamed, type Value } from './value.js';

type MakeAnalyst = (surroundings: Surroundings, notes: Notes, inside?: readonly CatalogFunction[]) => Analyst;

/** A view means the same as long as its catalog lives: relations belong to one catalog and never change. */
const known = new WeakMap<CatalogRelation, ViewMeaning | 'cannot be told'>();

/** What a view is made of, down to relations that are no views. Views of the system schemas stand for themselves. */
export function viewMeaning(a: Analyst, relation: CatalogRelation, make: MakeAnalyst): ViewMeaning | undefined {
  if (relation.kind !== 'view' && relation.kind !== 'materialized_view') return undefined;
  if (standsForItself(relation)) return { columns: [], shaping: new Set(), tables: new Set() };
  const remembered = known.get(relation);
  if (remembered !== undefined) return remembered === 'cannot be told' ? undefined : remembered;
  if (relation.definition !== undefined) a.notes.budget.parse(relation.definition);
  const parsed = relation.definition === undefined || a.notes.budget.isSpent ? undefined : parseStatements(relation.definition);
  if (parsed?.ok === false && parsed.refusal.retryable === true) return undefined;
  const [statement] = parsed?.ok === true ? parsed.value : [];
  known.set(relation, 'cannot be told');
  const meaning = statement === undefined ? undefined : readDefinition(a, relation, statement.node, make);
  if (a.notes.budget.isSpent) known.delete(relation);
  else known.set(relation, meaning ?? 'cannot be told');
  return meaning;
}

/** Views of the system stand for themselves; so does one that this session made, whose columns were judged when it was. */
function standsForItself(relation: CatalogRelation): boolean {
  return relation.oid === OVERLAY_OID || relation.schema === 'pg_catalog' || relation.schema === 'information_schema';
}

/** Every name in a stored definition is qualified, and means what it meant when the catalog was read. */
function readDefinition(outer: Analyst, relation: CatalogRelation, definition: Node, make: MakeAnalyst): ViewMeaning | undefined {
  const notes = new Notes(outer.notes.budget);
  const a = make({ catalog: outer.catalog.base ?? outer.catalog, database: outer.database, path: completeSearchPath([], '') }, notes);
  const { columns } = a.query(definition, EMPTY_SCOPE);
  const lost = notes.tooMuch ?? notes.notUnderstood ?? notes.lineageUnknown ?? passedOver(notes, definition);
  if (lost !== undefined || notes.unknownColumns.size > 0) return undefined;
  return {
    columns: renamed(columns, relation.columns.map((column) => column.name)),
    shaping: new Set(shapingOf(a, notes)),
    tables: new Set(baseTables(a, notes)),
  };
}

/** A column followed down to relations that are no views. */
export interface Trace {
  readonly bases: readonly CatalogColumn[];
  /** The views' columns on the way down. */
  readonly through: readonly CatalogColumn[];
  readonly direct: boolean;
  readonly total: boolean;
}

/** A view's columns mean the same as long as the view does. */
const traces = new WeakMap<CatalogColumn, Trace>();

/** Follows a column down through views; any other column is its own base. */
export function traceColumn(a: Analyst, column: CatalogColumn): Trace {
  a.notes.look(1);
  const remembered = traces.get(column);
  if (remembered !== undefined) return remembered;
  const meaning = standsForItself(column.relation) ? undefined : a.view(column.relation);
  a.notes.search(meaning?.columns.length ?? 0);
  const field = a.notes.exhausted ? undefined : meaning?.columns.find((candidate) => candidate.name === column.name);
  if (field === undefined) return { bases: [column], through: [], direct: true, total: true };
  const below = traceValue(a, field.value);
  const trace = { ...below, through: [column, ...below.through] };
  if (!a.notes.exhausted) traces.set(column, trace);
  return trace;
}

/** Follows everything that a value is made from. */
function traceValue(a: Analyst, value: Value): Trace {
  const steps = value.origins.map((column) => traceColumn(a, column));
  a.notes.look(steps.reduce((sum, step) => sum + step.bases.length + step.through.length, 0));
  return {
    bases: [...new Set(steps.flatMap((step) => step.bases))],
    through: [...new Set(steps.flatMap((step) => step.through))],
    direct: value.direct && steps.every((step) => step.direct),
    total: value.total && steps.every((step) => step.total),
  };
}

/** The columns that shape, in base relations; a view's own conditions shape whoever reads it. */
export function shapingOf(a: Analyst, notes: Notes): CatalogColumn[] {
  const own = [...notes.shaping].flatMap((column) => traceColumn(a, column).bases);
  const inherited = [...notes.uses.values()].flatMap(({ relation }) => [...(relation === undefined ? [] : a.view(relation)?.shaping ?? [])]);
  return [...new Set([...own, ...inherited])];
}

/** `schema.table` of every relation below, views followed. */
export function baseTables(a: Analyst, notes: Notes): string[] {
  const tables = new Set<string>();
  for (const { relation, schema, name } of notes.uses.values()) {
    const below = relation === undefined ? undefined : a.view(relation)?.tables;
    if (below === undefined || below.size === 0) tables.add(`${schema}.${name}`);
    for (const table of below ?? []) tables.add(table);
  }
  return [...tables];
}
