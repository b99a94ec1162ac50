import type { CatalogColumn } from '../catalog/model.js';
import { completeSearchPath } from '../catalog/search-path.js';
import { parseStatements } from '../parser/parse.js';
import { as, type Node } from '../parser/tree.js';
import type { Analyst, Surroundings } from './analyst.js';
import { Notes } from './notes.js';
import { itemOf, tableOfUse } from './relations.js';
import { EMPTY_SCOPE, innerScope } from './scope.js';

type MakeAnalyst = (surroundings: Surroundings, notes: Notes) => Analyst;

/** The same as long as the catalog lives. */
const known = new WeakMap<CatalogColumn, readonly CatalogColumn[]>();

/** The columns of its own row that a generated column is computed from; none for any other. Where that cannot be told, all of them. */
export function generatedFrom(a: Analyst, column: CatalogColumn, make: MakeAnalyst): readonly CatalogColumn[] {
  if (column.generated === undefined) return [];
  const remembered = known.get(column);
  if (remembered !== undefined) return remembered;
  const notes = new Notes(a.notes.budget);
  const expression = typeof column.generated === 'string' ? parsed(notes, column.generated) : column.generated;
  const inner = make({ catalog: a.catalog.base ?? a.catalog, database: a.database, path: typeof column.generated === 'string' ? completeSearchPath([], '') : a.path }, notes);
  const scope = innerScope(EMPTY_SCOPE, itemOf(tableOfUse(notes.use('select', { schema: column.relation.schema, name: column.relation.name, relation: column.relation }), undefined)));
  const value = expression === undefined ? undefined : inner.expression(expression, scope);
  const lost = value === undefined || notes.tooMuch !== undefined || notes.notUnderstood !== undefined || notes.unknownColumns.size > 0;
  const from = lost ? column.relation.columns.filter((other) => other !== column) : [...new Set([...value.origins, ...notes.shaping.keys()])];
  if (!a.notes.budget.isSpent) known.set(column, from);
  return from;
}

function parsed(notes: Notes, text: string): Node | undefined {
  notes.budget.parse(text);
  const statements = parseStatements(`SELECT ${text}`);
  return statements.ok ? as(as(statements.value[0]?.node, 'SelectStmt')?.targetList?.[0], 'ResTarget')?.val : undefined;
}
