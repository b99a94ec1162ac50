import type { Verb } from '@interlock/contracts';
import type { CatalogRelation } from '../catalog/model.js';
import { isSensitiveCatalog } from '../catalog/sensitive.js';
import { strings, type Content } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import { placeOf } from './named-objects.js';
import type { RelationUse } from './notes.js';
import type { FromItem, ScopeColumn, ScopeTable } from './scope.js';
import { columnValue } from './value.js';
import { whyUntold } from './views.js';

/** A relation that a statement names, as an entry of its scope. */
export interface RelationEntry {
  readonly use: RelationUse;
  readonly table: ScopeTable;
}

/** Notes the use of a relation, and offers its columns under the alias. What a rewrite rule makes of a write is not followed. */
export function relationEntry(a: Analyst, range: Content<'RangeVar'>, verb: Verb): RelationEntry {
  const place = placeOf(a, range);
  const use = a.notes.use(verb, place);
  a.notes.look(place.relation?.columns.length ?? 0);
  const qualified = `${place.schema}.${place.name}`;
  if (isSensitiveCatalog(place.schema, place.name)) {
    a.notes.sensitiveCatalog.add(qualified);
    a.notes.leaveUnread(`${qualified} holds samples of data, statements or credentials of others`);
  }
  if (place.relation?.hasRules === true && verb !== 'select') a.notes.opaque = true;
  const view = place.relation && hasMeaning(place.relation.kind) ? a.view(place.relation) : undefined;
  if (place.relation === undefined) a.notes.loseLineage(`the relation ${qualified} is not known`);
  else if (hasMeaning(place.relation.kind)) followed(a, place.relation, qualified);
  for (const [table, times] of view?.reads ?? family(a, place.relation).map((name) => [name, 1] as const)) a.notes.countRead(table, times);
  a.notes.mixesRows ||= view?.mixesRows === true;
  return { use, table: tableOfUse(use, range.alias) };
}

/** A read of a parent returns its children's rows, and a child's rows are its parent's. */
function family({ catalog, notes }: Analyst, relation: CatalogRelation | undefined): string[] {
  const all = relation === undefined ? [] : [relation, ...catalog.ancestors(relation), ...catalog.descendants(relation)];
  notes.look(all.length);
  return all.map(({ schema, name }) => `${schema}.${name}`);
}

/** What a view reads beyond what it names, whoever reads the view reads, too. */
function followed(a: Analyst, relation: CatalogRelation, qualified: string): void {
  const meaning = a.view(relation);
  if (meaning === undefined) a.notes.loseLineage(`the view ${qualified} cannot be followed: ${whyUntold(relation)}`);
  else if (meaning.unread !== undefined) a.notes.leaveUnread(`the view ${qualified} cannot be followed: ${meaning.unread}`);
}

function hasMeaning(kind: string): boolean {
  return kind === 'view' || kind === 'materialized_view';
}

/** The scope entry of a use, so that what is read through it is noted there. */
export function tableOfUse(use: RelationUse, alias: Content<'Alias'> | undefined, marked: RelationUse | undefined = use): ScopeTable {
  const names = strings(alias?.colnames);
  const columns = (use.relation?.columns ?? []).map((column, index): ScopeColumn => ({
    name: names[index] ?? column.name,
    value: columnValue(column),
    marks: marked === undefined ? [] : [{ use: marked, column: column.name }],
  }));
  return {
    alias: alias?.aliasname ?? use.name,
    ...(alias === undefined ? { schema: use.schema } : {}),
    columns,
    ...(use.relation === undefined ? { unknown: marked ?? true } : {}),
  };
}

export function itemOf(table: ScopeTable): FromItem {
  return { tables: [table], columns: table.columns };
}
