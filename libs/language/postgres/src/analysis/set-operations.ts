import type { Content } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import type { Scope } from './scope.js';
import { innerScope } from './scope.js';
import { mergeColumns, type Field } from './value.js';

/** UNION, INTERSECT and EXCEPT. All but UNION ALL compare the rows of both sides, so every column shapes. */
export function setOperation(a: Analyst, statement: Content<'SelectStmt'>, scope: Scope): Field[] {
  const inside = innerScope(scope, { tables: [], columns: [] });
  const left = statement.larg === undefined ? [] : a.select(statement.larg, inside).columns;
  const right = statement.rarg === undefined ? [] : a.select(statement.rarg, inside).columns;
  const compares = statement.op !== 'SETOP_UNION' || statement.all !== true;
  if (compares) for (const column of [...left, ...right]) a.notes.shape(column.value, 'SET OPERATION');
  if (statement.op === 'SETOP_EXCEPT') return [...left];
  return mergeColumns(a.notes, left, right);
}
