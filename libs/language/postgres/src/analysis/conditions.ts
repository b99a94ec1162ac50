import type { CatalogColumn } from '../catalog/model.js';
import { as, itemsOf, strings, type Content, type Node } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import { operatorCall } from './calls.js';
import type { Clause } from './notes.js';
import { columnsNamed, findTable, parameter, type Scope, type ScopeColumn } from './scope.js';
import { CONSTANT } from './value.js';

/** A column of a table that a condition compares, by `=` or IN, with parameters of the statement and with nothing else. */
export interface Comparison {
  readonly column: CatalogColumn;
  readonly parameters: readonly number[];
}

/** Types whose `=` compares the values byte by byte: text, bpchar (but for blanks at the end), varchar. */
const EXACT_TEXTS = new Set([25, 1042, 1043]);
/** A cast to them leaves a text as it is. */
const TEXT_CASTS = new Set(['text', 'varchar']);

/** Notes a WHERE, part by part: what a part depends on shapes, but for a comparison with parameters, which is noted as one. */
export function shapeByCondition(a: Analyst, node: Node, scope: Scope, clause: Clause): void {
  const conjunction = as(node, 'BoolExpr');
  if (conjunction?.boolop === 'AND_EXPR') {
    a.notes.visit(conjunction);
    for (const part of conjunction.args ?? []) shapeByCondition(a, part, scope, clause);
    return;
  }
  const value = a.expression(node, scope);
  const comparison = comparisonIn(a, node, scope);
  if (comparison === undefined) a.notes.shape(value, clause);
  else a.notes.compare(comparison, clause);
}

function comparisonIn(a: Analyst, node: Node, scope: Scope): Comparison | undefined {
  const test = as(node, 'A_Expr');
  const isEquality = test !== undefined && (test.kind === 'AEXPR_OP' || test.kind === 'AEXPR_IN') && strings(test.name).join('.') === '=';
  if (!isEquality || test.lexpr === undefined || test.rexpr === undefined || operatorCall(a, ['='], [CONSTANT, CONSTANT]) !== undefined) return undefined;
  return compared(a, test.lexpr, itemsOf(test.rexpr), scope) ?? (test.kind === 'AEXPR_OP' ? compared(a, test.rexpr, [test.lexpr], scope) : undefined);
}

function compared(a: Analyst, side: Node, others: readonly Node[], scope: Scope): Comparison | undefined {
  const name = as(side, 'ColumnRef');
  const column = name && storedColumn(a, name, scope);
  const parameters = others.map((other) => parameterOf(a, other, scope));
  return column === undefined || parameters.includes(undefined) ? undefined : { column, parameters: parameters as number[] };
}

/**
 * The column of a table that stands in this very FROM. What comes out of a subquery, a view or a join's USING may be another value in some rows, and then
 * whoever wrote that one would learn whether it is equal.
 */
function storedColumn(a: Analyst, { fields = [] }: Content<'ColumnRef'>, scope: Scope): CatalogColumn | undefined {
  const names = strings(fields);
  const [column = '', table, ...more] = names.toReversed();
  if (names.includes('') || more.length > 0) return undefined;
  const columns = table === undefined ? scope.columns : scope.tables.includes(findTable(a.notes, scope, table)!) ? findTable(a.notes, scope, table)!.columns : [];
  const [found, ...others] = columnsNamed(a.notes, columns, column);
  return found === undefined || others.length > 0 ? undefined : stored(found);
}

function stored({ value, marks }: ScopeColumn): CatalogColumn | undefined {
  const [column] = value.origins;
  if (column === undefined || value.origins.length > 1 || !value.direct || value.unread === true || marks.length !== 1) return undefined;
  const isTable = column.relation.kind === 'table' || column.relation.kind === 'partitioned_table';
  return isTable && EXACT_TEXTS.has(column.typeOid) ? column : undefined;
}

/** The number of a parameter of the statement itself, not of a function whose body this is. */
function parameterOf(a: Analyst, node: Node, scope: Scope): number | undefined {
  const cast = as(node, 'TypeCast');
  const { names, arrayBounds, typmods } = cast?.typeName ?? {};
  if (cast !== undefined && (!TEXT_CASTS.has(strings(names).at(-1) ?? '') || arrayBounds !== undefined || typmods !== undefined)) return undefined;
  const number = as(cast?.arg ?? node, 'ParamRef')?.number;
  return number === undefined || number < 1 || parameter(a.notes, scope, `$${number}`) !== undefined ? undefined : number;
}
