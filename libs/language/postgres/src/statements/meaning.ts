import type { Analyst } from '../analysis/analyst.js';
import type { OtherAccess } from '../analysis/notes.js';
import type { Field } from '../analysis/value.js';
import type { Outcome } from '@interlock/kernel';
import type { CatalogChange } from '../catalog/overlay.js';
import type { Lineage } from '../lineage/lineage.js';
import type { ParsedStatement } from '../parser/parse.js';
import type { Content, Node, Tag } from '../parser/tree.js';
import type { FactValue, Verb } from '@interlock/contracts';

/** What a statement does to its session beside its rows, once it has succeeded. */
export interface Effects {
  readonly transaction?: 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'rollback_to' | 'prepare_transaction' | 'two_phase';
  /** AND CHAIN: a new transaction begins at once. */
  readonly chain?: boolean;
  readonly savepoint?: string;
  /** New members of search_path; `default` for RESET and DEFAULT, `unknown` when it cannot be told whether it moves. `local` ends with the transaction. */
  readonly searchPath?: { readonly members: readonly string[] | 'default' | 'unknown'; readonly local: boolean };
  readonly prepares?: { readonly name: string; readonly statement: ParsedStatement };
  readonly executes?: string;
  /** A prepared statement's name, or `all`. */
  readonly deallocates?: { readonly name: string } | 'all';
  readonly declaresCursor?: { readonly name: string; readonly lineage: Outcome<Lineage>; /** WITH HOLD: it outlives its transaction. */ readonly holds: boolean };
  readonly closesCursor?: { readonly name: string } | 'all';
  readonly fetches?: string;
  readonly copy?: CopyEffect;
  /** DISCARD: what the session forgets. */
  readonly discards?: 'all' | 'plans' | 'sequences' | 'temporary';
  /** What it does to relations, for the session's overlay until a probe sees it. */
  readonly changes?: readonly CatalogChange[];
  /** Whether the catalog may differ afterwards, temporary objects included. */
  readonly createsOrAltersCatalog: boolean;
}

/** A COPY whose data goes through the connection. */
export interface CopyEffect {
  readonly direction: 'in' | 'out';
  /** Absent for COPY (query). */
  readonly table: { readonly schema: string; readonly name: string } | undefined;
  readonly columns: readonly string[];
  readonly format: string;
  /** Every option as written, by name. */
  readonly options: Readonly<Record<string, string>>;
}

/** What a handler says of its statement; accesses and the rest are in the analyst's notes. */
export interface Meaning {
  readonly verb: Verb;
  readonly effects: Effects;
  /** Output columns of the rows that come back; absent when none do. */
  readonly columns?: readonly Field[];
  /** Output columns in words of base relations, where a cursor's stored lineage answers instead. */
  readonly lineage?: Outcome<Lineage>;
  readonly facts?: Readonly<Record<string, FactValue>>;
  /** Where its command tag counts the rows that it writes: how many parts that change rows it is itself. Others are not counted by it. */
  readonly ownRowChanges?: 0 | 1;
}

/** What a handler works with. */
export interface Reading {
  readonly a: Analyst;
  readonly statement: ParsedStatement;
  /** The statement that a session prepared under a name with PREPARE. */
  prepared(name: string): ParsedStatement | undefined;
  /** The lineage of an open cursor. */
  cursor(name: string): Outcome<Lineage> | undefined;
  /** Reads a statement inside this one (of PREPARE, EXPLAIN, EXECUTE, DECLARE) with the same notes. */
  inner(node: Node): Meaning;
}

export type Reader<T extends Tag> = (reading: Reading, node: Content<T>) => Meaning;

/** Readers by node type: together they are the list of what is understood. */
export type Readers = { readonly [T in Tag]?: Reader<T> };

export const NO_EFFECTS: Effects = { createsOrAltersCatalog: false };
export const CATALOG_CHANGES: Effects = { createsOrAltersCatalog: true };
/** Afterwards names may mean anything, until the catalog is read again. */
export const UNTOLD: Effects = { createsOrAltersCatalog: true, changes: [{ kind: 'untold' }] };

/** Notes an access. */
export function access(reading: Reading, verb: Verb, kind: OtherAccess['kind'], path: readonly string[]): void {
  reading.a.notes.other({ verb, kind, path });
}
