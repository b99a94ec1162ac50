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

/** WITH queries in sight, innermost first. */
export interface CteChain {
  readonly binding: CteBinding;
  readonly next: CteChain | undefined;
}

/** Where names are resolved, innermost first. */
export interface Scope extends FromItem {
  readonly outer: Scope | undefined;
  readonly ctes: CteChain | undefined;
  /** Named parameters of a function body. */
  readonly parameters?: ReadonlyMap<string, Value>;
  /** The one setting whose row of pg_settings is looked at. */
  readonly setting?: string | undefined;
}

export const EMPTY_SCOPE: Scope = { tables: [], columns: [], outer: undefined, ctes: undefined };

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
export function read(notes: Notes, column: ScopeColumn): Value {
  notes.search(column.marks.length);
  for (const { use, column: name } of column.marks) {
    use.columnsRead.add(name);
    use.reads += 1;
  }
  return column.value;
}

/** Reads every column of a table, as its bare name does. */
export function readRow(notes: Notes, table: ScopeTable): Value {
  if (table.unknown !== undefined && table.unknown !== true) {
    table.unknown.columnsRead.add('*');
    table.unknown.reads += 1;
  }
  return rowOf(table.columns.map((column) => ({ name: column.name, value: read(notes, column) })));
}

/** From here on an index pays. */
const INDEXED_COLUMNS = 16;

const indexes = new WeakMap<readonly ScopeColumn[], ReadonlyMap<string, readonly ScopeColumn[]>>();

/** Among columns that may be many, and are asked for again and again. */
export function columnsNamed(notes: Notes, columns: readonly ScopeColumn[], name: string): readonly ScopeColumn[] {
  notes.search(INDEXED_COLUMNS);
  if (columns.length < INDEXED_COLUMNS) return columns.filter((column) => column.name === name);
  let index = indexes.get(columns);
  if (index === undefined) {
    notes.look(columns.length);
    index = notes.exhausted ? NO_INDEX : byName(columns);
    indexes.set(columns, index);
  }
  return index.get(name) ?? [];
}

function byName(columns: readonly ScopeColumn[]): Map<string, ScopeColumn[]> {
  const index = new Map<string, ScopeColumn[]>();
  for (const column of columns) {
    const same = index.get(column.name);
    if (same === undefined) index.set(column.name, [column]);
    else same.push(column);
  }
  return index;
}

const NO_INDEX: ReadonlyMap<string, readonly ScopeColumn[]> = new Map();

/** Several of one name are ambiguous to the server, and all count. */
export function readAny(notes: Notes, columns: readonly ScopeColumn[]): Value {
  notes.look(columns.length);
  return notes.exhausted ? CONSTANT : oneOf(columns.map((column) => read(notes, column)));
}

/** The columns of that name at the innermost level that has any. Several are ambiguous to the server, and all count. */
export function findColumn(notes: Notes, scope: Scope, name: string): Value | undefined {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    if (notes.exhausted) return undefined;
    const found = columnsNamed(notes, level.columns, name);
    if (found.length > 0) return readAny(notes, found);
    const parameter = level.parameters?.get(name);
    if (parameter !== undefined) return parameter;
  }
  return undefined;
}

/** A parameter of the function body around, by name or as `$1`. */
export function parameter(notes: Notes, scope: Scope, name: string): Value | undefined {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    notes.search(1);
    const value = level.parameters?.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The innermost table of that name. */
export function findTable(notes: Notes, scope: Scope, alias: string, schema?: string): ScopeTable | undefined {
  for (let level: Scope | undefined = scope; level !== undefined; level = level.outer) {
    notes.search(level.tables.length + 1);
    if (notes.exhausted) return undefined;
    const found = level.tables.find((table) => table.alias === alias && (schema === undefined || table.schema === schema));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The innermost WITH query of that name. */
export function findCte(notes: Notes, scope: Scope, name: string | undefined): CteBinding | undefined {
  for (let chain = scope.ctes; chain !== undefined && !notes.exhausted; chain = chain.next) {
    notes.search(1);
    if (chain.binding.name === name) return chain.binding;
  }
  return undefined;
}

/** Whether some table in sight has columns that the catalog does not know; each of them then counts as read whole. */
export function readUnknownTables(notes: Notes, scope: Scope): boolean {
  let any = false;
  for (let level: Scope | undefined = scope; level !== undefined && !notes.exhausted; level = level.outer) {
    notes.search(level.tables.length + 1);
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
