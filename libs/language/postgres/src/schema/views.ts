import { createAnalyst } from '../analysis/analyse.js';
import { Notes } from '../analysis/notes.js';
import { EMPTY_SCOPE } from '../analysis/scope.js';
import { renamed, type Field } from '../analysis/value.js';
import { bindView } from '../analysis/views.js';
import { as, strings, type Content, type Node } from '../parser/tree.js';
import type { CatalogRelation } from '../catalog/model.js';
import type { NewColumn, SchemaModel } from './model.js';
import { namesOf } from './types.js';

/** CREATE VIEW: its names are bound now, as the server binds them. */
export function createView(model: SchemaModel, node: Content<'ViewStmt'>): void {
  if (node.query === undefined) return;
  const columns = renamed(queryColumns(model, node.query), strings(node.aliases));
  const place = model.placeFor(namesOf(node.view), node.view?.relpersistence === 't');
  defineView(model, place, 'view', columns, node.query);
}

/** CREATE TABLE AS, CREATE MATERIALIZED VIEW and SELECT … INTO. */
export function createAs(model: SchemaModel, into: Content<'IntoClause'> | undefined, query: Node | undefined, isView: boolean): void {
  if (into?.rel === undefined || query === undefined) return;
  const columns = renamed(queryColumns(model, query), strings(into.colNames));
  const place = model.placeFor(namesOf(into.rel), into.rel.relpersistence === 't');
  if (isView) defineView(model, place, 'materialized_view', columns, query);
  else model.addRelation(place, 'table', columns.map(typed));
}

/** A view that stands already is replaced in place: those that read it read the new one. */
function defineView(model: SchemaModel, place: { schema: string; name: string }, kind: 'view' | 'materialized_view', columns: readonly Field[], query: Node): void {
  const standing = model.relation([place.schema, place.name]);
  const relation = standing ?? model.addRelation(place, kind, []);
  for (const [index, column] of columns.map(typed).entries()) {
    const known = relation.columns[index];
    if (known === undefined) model.addColumn(relation, column);
    else Object.assign(known, column);
  }
  relation.kind = kind;
  relation.definedUnder = model.path;
  bindView(analystOf(model), relation as CatalogRelation, query, createAnalyst);
}

function queryColumns(model: SchemaModel, query: Node): readonly Field[] {
  const select = as(query, 'SelectStmt');
  return analystOf(model).query(select === undefined ? query : { SelectStmt: select }, EMPTY_SCOPE).columns;
}

function analystOf(model: SchemaModel): ReturnType<typeof createAnalyst> {
  return createAnalyst({ catalog: model.catalog, database: '', path: model.path }, new Notes());
}

/** A column that shows another one unchanged has its type. */
function typed({ name, value }: Field): NewColumn {
  const [origin, ...others] = value.origins;
  return { name, typeOid: value.direct && others.length === 0 ? origin?.typeOid ?? 0 : 0 };
}
