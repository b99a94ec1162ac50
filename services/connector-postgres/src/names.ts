import { parseStatements, type Effects, type Interpretation, type ParsedStatement } from '@interlock/language-postgres';
import type { Bind, FieldDescription } from '@interlock/protocol-postgres';
import type { RunningCommand } from './running-command.js';

/** A statement that the client prepared with Parse. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
  readonly parameterTypes: readonly number[];
  /** What its last description said; `none` for a statement without rows. */
  described: readonly FieldDescription[] | 'none' | undefined;
}

/** A bound statement. One command, however often it is executed for more rows. */
export interface Portal {
  readonly name: string;
  readonly statement: PreparedStatement;
  readonly bind: Bind;
  readonly meaning: Interpretation | undefined;
  readonly command: RunningCommand;
  state: 'bound' | 'suspended' | 'done';
}

type DeclaredCursor = NonNullable<Effects['declaresCursor']>;
type CursorLineage = DeclaredCursor['lineage'];

/** The names that a session has given: protocol statements and portals, SQL PREPARE and DECLARE. */
export interface Names {
  statement(name: string): PreparedStatement | undefined;
  portal(name: string): Portal | undefined;
  prepared(name: string): ParsedStatement | undefined;
  cursor(name: string): CursorLineage | undefined;
}

/** What stands, as the target has confirmed it. */
export class SessionNames implements Names {
  readonly statements = new Map<string, PreparedStatement>();
  readonly #portals = new Map<string, Portal>();
  readonly #onPortalGone: (portal: Portal) => void;
  readonly #prepared = new Map<string, ParsedStatement>();
  readonly #cursors = new Map<string, DeclaredCursor>();

  constructor(onPortalGone: (portal: Portal) => void) {
    this.#onPortalGone = onPortalGone;
  }

  get size(): number {
    return this.statements.size + this.#portals.size + this.#prepared.size + this.#cursors.size;
  }

  statement(name: string): PreparedStatement | undefined {
    return this.statements.get(name);
  }

  portal(name: string): Portal | undefined {
    return this.#portals.get(name);
  }

  /** The target has one space of names for both: a cursor of this name was gone, though no statement of the session said so. */
  setPortal(portal: Portal): void {
    this.#forgetPortal(portal.name);
    this.#cursors.delete(portal.name);
    this.#portals.set(portal.name, portal);
  }

  /** The end of a transaction ends every portal, and every cursor but those WITH HOLD. */
  forgetPortals(): void {
    for (const [name, { holds }] of this.#cursors) if (!holds) this.#cursors.delete(name);
    if (this.#portals.size === 0) return;
    for (const portal of this.#portals.values()) this.#onPortalGone(portal);
    this.#portals.clear();
  }

  /** SQL EXECUTE finds statements of both kinds: they share one space of names on the server. */
  prepared(name: string): ParsedStatement | undefined {
    return this.#prepared.get(name) ?? parsedOf(this.statements.get(name));
  }

  isPreparedBySql(name: string): boolean {
    return this.#prepared.has(name);
  }

  /** FETCH finds portals of the protocol too. */
  cursor(name: string): CursorLineage | undefined {
    return this.#cursors.get(name)?.lineage ?? this.#portals.get(name)?.meaning?.lineage;
  }

  /** A statement with these effects has succeeded. */
  apply({ prepares, deallocates, declaresCursor, closesCursor, discards }: Effects): void {
    if (prepares) this.#prepared.set(prepares.name, prepares.statement);
    if (deallocates === 'all') this.#forgetStatements();
    else if (deallocates) this.#forgetStatement(deallocates.name);
    if (declaresCursor) this.#cursors.set(declaresCursor.name, declaresCursor);
    if (closesCursor === 'all') this.#forgetCursors();
    else if (closesCursor) this.#forgetCursor(closesCursor.name);
    if (discards === 'all') this.#forgetCursors();
  }

  #forgetStatements(): void {
    this.#prepared.clear();
    for (const name of this.statements.keys()) if (name !== '') this.statements.delete(name);
  }

  #forgetStatement(name: string): void {
    this.#prepared.delete(name);
    this.statements.delete(name);
  }

  #forgetCursors(): void {
    this.#cursors.clear();
    this.forgetPortals();
  }

  #forgetCursor(name: string): void {
    this.#cursors.delete(name);
    this.#forgetPortal(name);
  }

  #forgetPortal(name: string): void {
    if (this.#portals.size === 0) return;
    const portal = this.#portals.get(name);
    if (portal) this.#onPortalGone(portal);
    this.#portals.delete(name);
  }
}

/** What would stand if everything planned so far succeeds: later messages of one pipeline are read by it. */
export class PlannedNames implements Names {
  readonly #base: SessionNames;
  readonly #statements = new Map<string, PreparedStatement | undefined>();
  readonly #portals = new Map<string, Portal | undefined>();

  constructor(base: SessionNames) {
    this.#base = base;
  }

  statement(name: string): PreparedStatement | undefined {
    return this.#statements.has(name) ? this.#statements.get(name) : this.#base.statement(name);
  }

  portal(name: string): Portal | undefined {
    return this.#portals.has(name) ? this.#portals.get(name) : this.#base.portal(name);
  }

  prepared(name: string): ParsedStatement | undefined {
    return this.#base.prepared(name) ?? parsedOf(this.statement(name));
  }

  cursor(name: string): CursorLineage | undefined {
    const planned = this.#portals.get(name);
    return planned ? planned.meaning?.lineage : this.#base.cursor(name);
  }

  isPreparedBySql(name: string): boolean {
    return this.#base.isPreparedBySql(name);
  }

  setStatement(name: string, statement: PreparedStatement | undefined): void {
    this.#statements.set(name, statement);
  }

  setPortal(name: string, portal: Portal | undefined): void {
    this.#portals.set(name, portal);
  }
}

function parsedOf(statement: PreparedStatement | undefined): ParsedStatement | undefined {
  const parsed = statement && parseStatements(statement.text);
  return parsed?.ok && parsed.value.length === 1 ? parsed.value[0] : undefined;
}
