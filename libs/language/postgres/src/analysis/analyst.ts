import type { Catalog, CatalogFunction, CatalogRelation } from '../catalog/model.js';
import type { SearchPath } from '../catalog/search-path.js';
import type { Content, Node } from '../parser/tree.js';
import type { Notes, RelationUse, Shaping } from './notes.js';
import type { FromItem, Scope } from './scope.js';
import type { Field, Value } from './value.js';

/** What an analysis depends on beside the statement. */
export interface Surroundings {
  readonly catalog: Catalog;
  readonly path: SearchPath;
  readonly database: string;
}

/** The rows that a query gives. */
export interface QueryColumns {
  readonly columns: readonly Field[];
}

/**
 * The parts of an analysis, as they see one another. Each part is a file of functions; they meet in `analyse.ts`, so
 * that no file imports another in a circle.
 */
export interface Analyst extends Surroundings {
  readonly notes: Notes;
  /** The value of an expression; marks what it reads. */
  expression(node: Node, scope: Scope): Value;
  /** SELECT, VALUES, INSERT, UPDATE, DELETE or MERGE, with its output columns. */
  query(node: Node, scope: Scope): QueryColumns;
  select(statement: Content<'SelectStmt'>, scope: Scope): QueryColumns;
  from(nodes: readonly Node[], scope: Scope): FromItem;
  call(node: Content<'FuncCall'>, scope: Scope): Value;
  /** What a view's own query means; undefined when it cannot be told. */
  view(relation: CatalogRelation): ViewMeaning | undefined;
  /** The result of a function that is written in SQL; undefined when its body cannot be followed. */
  body(fn: CatalogFunction, values: readonly Value[]): Value | undefined;
}

/** What a view is made of, its own views included. */
export interface ViewMeaning {
  /** The view's columns, made of what its own query names: other views' columns stand for themselves. */
  readonly columns: readonly Field[];
  /** What decides which rows it has, as its own query names it; that of views it reads comes to it ({@link shapingOf}). */
  readonly shaping: Shaping;
  /** The relations that its own query names. */
  readonly uses: readonly RelationUse[];
  /** Why it may read more than it names. */
  readonly unread: string | undefined;
  /** How often it reads the rows of each table below it, by `schema.name`. */
  readonly reads: ReadonlyMap<string, number>;
  readonly mixesRows: boolean;
}
