import type { Node } from '../parser/tree.js';
import type { SearchPath } from './search-path.js';

/** What PostgreSQL calls a relation, by pg_class.relkind. */
export type RelationKind =
  | 'table' | 'partitioned_table' | 'foreign_table' | 'view' | 'materialized_view' | 'sequence' | 'composite_type' | 'index' | 'toast_table';

/** One live column of a relation. Objects are shared: the same column is the same object within one catalog. */
export interface CatalogColumn {
  readonly relation: CatalogRelation;
  readonly name: string;
  /** pg_attribute.attnum, as RowDescription reports it. */
  readonly attnum: number;
  readonly typeOid: number;
  readonly notNull: boolean;
  /** Member of a unique, primary-key or exclusion constraint or index: a write can fail by what other rows hold. */
  readonly unique: boolean;
  /** What a generated column is computed by, from others of its row: the expression's text, every name qualified, or its tree where it was not read from a server. */
  readonly generated?: string | Node;
  /** Other names under which earlier readings of the catalog had this very column (by oid and attnum): what was said of it by those still holds. */
  readonly formerly?: readonly ColumnName[];
}

/** A column by name. */
export interface ColumnName {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/** A column with which a constraint compares another: whether a write of that one fails tells of this one. */
export interface Tie {
  readonly column: CatalogColumn;
  /** `written`: tested when the other gets a value; `replaced`: when it loses one. */
  readonly when: 'written' | 'replaced';
}

/** A table, view, sequence or other relation of pg_class. */
export interface CatalogRelation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  /** In attnum order; dropped columns are left out. */
  readonly columns: readonly CatalogColumn[];
  /** The defining query, every name qualified, of views and materialised views outside the system schemas. */
  readonly definition: string | undefined;
  /** The search path under which a definition that does not qualify its names is meant. */
  readonly definedUnder?: SearchPath;
  /** Whether rewrite rules other than a view's own exist: what a write does is then not what it says. */
  readonly hasRules: boolean;
  /** Set in an overlay when the session changed it in a way that is not followed, and where it was renamed too often: where it is is known, its columns are not. */
  readonly lost?: true;
}

export type Volatility = 'immutable' | 'stable' | 'volatile';

/** An output column of a function that returns a record (OUT, INOUT and TABLE arguments). */
export interface OutColumn {
  readonly name: string;
  readonly typeOid: number;
}

/** A function, procedure, aggregate or window function of pg_proc. */
export interface CatalogFunction {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'function' | 'procedure' | 'aggregate' | 'window';
  /** Type OIDs of the input arguments. */
  readonly argumentTypes: readonly number[];
  readonly argumentNames: readonly string[];
  readonly defaults: number;
  readonly variadic: boolean;
  readonly returnType: number;
  readonly returnsSet: boolean;
  readonly outColumns: readonly OutColumn[];
  readonly volatility: Volatility;
  readonly language: string;
  readonly securityDefiner: boolean;
  /** Source text of functions outside the system schemas, where the language has one. */
  readonly body: string | undefined;
  /** The search_path that it sets for its own run, as text. */
  readonly searchPath: string | undefined;
}

/** A type of pg_type, as far as its shape matters. */
export interface CatalogType {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** pg_type.typtype: base, composite, domain, enum, multirange, pseudo, range. */
  readonly kind: 'base' | 'composite' | 'domain' | 'enum' | 'multirange' | 'pseudo' | 'range';
  /** The relation that describes a composite type, 0 otherwise. */
  readonly relationOid: number;
  /** The element type of an array, 0 otherwise. */
  readonly elementOid: number;
}

/** An operator outside pg_catalog, and the function that it runs. */
export interface CatalogOperator {
  readonly schema: string;
  readonly name: string;
  readonly functionSchema: string;
  readonly functionName: string;
}

/**
 * A picture of one database's system catalog: plain data and lookups, never changed after it was built.
 *
 * It is as of the moment of the probe; what a session has done since (uncommitted DDL, temporary tables) is not in it.
 */
export interface Catalog {
  /** SHA-256 over the rows it was built from: equal catalogs have equal versions. */
  readonly version: string;
  /** In an overlay: the probe's own picture beneath it. Stored views mean what they mean there, for they name objects by oid. */
  readonly base?: Catalog;
  /** Oids by name. */
  readonly schemas: ReadonlyMap<string, number>;
  /** Roles that may use a schema, by its name, of those that are not open to everyone: the server passes others over when it looks a name up for a role. */
  readonly schemaUsers: ReadonlyMap<string, ReadonlySet<string>>;
  /** The table of each index, by oid. */
  readonly indexes: ReadonlyMap<number, number>;
  /** Set in an overlay when the session did something after which no lineage can be told until the catalog is read again. */
  readonly untold?: true;
  /** Something has changed what operators, casts or code do: no value's origin can be told. */
  readonly unfollowed?: true;
  relation(schema: string, name: string): CatalogRelation | undefined;
  relationByOid(oid: number): CatalogRelation | undefined;
  relationsIn(schema: string): readonly CatalogRelation[];
  /** The relation that an unqualified name means under a search path. */
  visibleRelation(name: string, path: SearchPath): CatalogRelation | undefined;
  /** Every function of that name in a schema, or in all schemas of the search path when no schema is given. */
  functions(name: string, where: string | SearchPath): readonly CatalogFunction[];
  operators(name: string, where: string | SearchPath): readonly CatalogOperator[];
  type(oid: number): CatalogType | undefined;
  typeByName(name: string, where: string | SearchPath): CatalogType | undefined;
  /** What constraints compare a column with. */
  ties(column: CatalogColumn): readonly Tie[];
  /** Relations that this one inherits from or is a partition of, at any distance. */
  ancestors(relation: CatalogRelation): readonly CatalogRelation[];
  /** Relations whose rows a read of this one returns too, at any distance. */
  descendants(relation: CatalogRelation): readonly CatalogRelation[];
}
