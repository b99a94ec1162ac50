import type { Notes, RelationUse } from './notes.js';
import { CONSTANT, oneOf, rowOf, type Field, type Value } from './value.js';

/** A column that names can refer to, and the relations whose column is read when one does. */
export interface ScopeColumn extends Field {
  readonly marks: readonly Mark[];
}

export interface Mark {
  readonly use: RelationUse;
  readonly column: string;
}

/** What a LATERAL entry sees beside the outer scope; put together only when one asks. */
export type Before = () => FromItem;

/** One entry of a FROM list, by the name that qualifies its columns. */
export interface ScopeTable {
  readonly alias: string;
  /** The schema that may stand before the name; only relations without an alias have one. */
  readonly schema?: string;
  readonly columns: readonly ScopeColumn[];
  /** Set when the catalog does not know the columns. */
  readonly unknown?: RelationUse | true;
}

/** What a FROM clause offers: tables to qualify with, and columns in the order of `*`. */
export interface FromItem {
  readonly tables: readonly ScopeTable[];
  readonly columns: readonly ScopeColumn[];
}

/** A WITH query by name. Columns are known once it was looked at, or while its recursive part is. */
export interface CteBinding {
  readonly name: string;
  columns(): readonly Field[] | undefined;
}

/** Where names are resolved, innermost first. */
export interface Scope extends FromItem {
  readonly outer: Scope | undefined;
  readonly ctes: readonly CteBinding[];
  /** Named parameters of a function body. */
  readonly parameters?: ReadonlyMap<string, Value>;
  /** The one setting whose row of pg_settings is looked at. */
  readonly setting?: string | undefined;
}

export const EMPTY_SCOPE: Scope = { tables: [], columns: [], outer: undefined, ctes: [] };

/** A scope inside another, offering one more FROM clause. */
export function innerScope(outer: Scope, item: FromItem): Scope {
  return { tables: item.tables, columns: item.columns, outer, ctes: outer.ctes };
}

/** Everything of several FROM entries side by side. */
export function sideBySide(items: readonly FromItem[]): FromItem {
  const [first] = items;
  if (items.length === 1 && first !== undefined) return first;
  return { tables: items.flatMap((item) => item.tables), columns: items.flatMap((item) => item.columns) };
}

/** Notes that the column is read. */
export function read(column: ScopeColumn): Value {
  for (const { use, column: name } of column.marks) {
    use.columnsRead.add(name);
    use.reads += 1;
  }
  return column.value;
}

/** Reads every column of a table, as its bare name does. */
export function readRow(table: ScopeTable): Value {
  if (table.unknown !== undefined && table.unknown !== true) {
    table.unknown.columnsRead.add('*');
    table.unknown.reads += 1;
  }
  return rowOf(table.columns.map((column) => ({ name: column.name, value: read(column) })));
}

/** The columns of that name at the innermost level that has any. Several are ambiguous to the server, and all count. */
export function findColumn(notes: Notes, scope: Scope, name: string): Value | undefined {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    notes.search(level.columns.length);
    const found = level.columns.filter((column) => column.name === name);
    if (found.length > 0) return oneOf(found.map(read));
    const parameter = level.parameters?.get(name);
    if (parameter !== undefined) return parameter;
  }
  return undefined;
}

/** A parameter of the function body around, by name or as `$1`. */
export function parameter(scope: Scope, name: string): Value | undefined {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    const value = level.parameters?.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The innermost table of that name. */
export function findTable(scope: Scope, alias: string, schema?: string): ScopeTable | undefined {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    const found = level.tables.find((table) => table.alias === alias && (schema === undefined || table.schema === schema));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether some table in sight has columns that the catalog does not know; each of them then counts as read whole. */
export function readUnknownTables(scope: Scope): boolean {
  let any = false;
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    for (const table of level.tables) {
      if (table.unknown === undefined) continue;
      any = true;
      if (table.unknown !== true) {
        table.unknown.columnsRead.add('*');
        table.unknown.reads += 1;
      }
    }
  }
  return any;
}

/** Columns that every table has beside its own; they hold no data of the application. */
const SYSTEM_COLUMNS = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid']);

export function systemColumn(name: string): Value | undefined {
  return SYSTEM_COLUMNS.has(name) ? CONSTANT : undefined;
}
