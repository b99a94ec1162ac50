import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { SealedBox, SurveyedColumn, Target } from '@interlock/contracts';
import type { Recognition } from '@interlock/domain-identity';
import { groupOf, netFor, VALUE_KINDS } from '@interlock/language-content';
import { quotedName, type Catalog, type CatalogRelation } from '@interlock/language-postgres';
import { Entering, type EnteringPorts } from './authenticate.js';
import { ProbeFailed } from './conversation.js';
import { permitProbes, runProbe, type TextRow } from './probe.js';
import { asRefusal } from './side-connection.js';
import type { Upstream } from './upstream.js';

/** One page of what a target holds. */
export interface SurveyWish {
  /** Of a person who may change the configuration. */
  readonly token: SealedBox;
  readonly target: string;
  /** The last table of the page before. */
  readonly after?: string | undefined;
  /** Whether values are looked at. */
  readonly isSampled: boolean;
}

export interface SurveyPage {
  readonly columns: SurveyedColumn[];
  readonly next: string | null;
}

export interface SurveyPorts extends EnteringPorts {
  readonly recognition: Pick<Recognition, 'recogniseAdministrator'>;
  readonly openToken: (sealed: SealedBox) => Outcome<string>;
  readonly newId: () => string;
}

const PURPOSE = 'survey';
/** Tables on one page: values of few are looked at, so that a page is there within the time of a request. */
const TABLES = { sampled: 10, named: 250 } as const;
/** Columns of one page, whatever its tables have. */
const COLUMNS_MAX = 2_000;
const ROWS = 100;
const CHARACTERS = 300;
/** For one table; what it takes longer to read is told as unread. */
const TABLE_MS = 400;
const HOLDS_ROWS: ReadonlySet<string> = new Set(['table', 'partitioned_table', 'materialized_view', 'foreign_table']);
/** Types whose values hold no text that anything could be found in. */
const TELLS_NOTHING = /^(bool|bytea|oid|xid8?|tid|cid|pg_lsn|float[48]|money|interval|point|line|lseg|box|path|polygon|circle|tsvector|tsquery|bit|varbit)$/;
const SYSTEM_SCHEMA = /^(pg_|information_schema$)/;

/**
 * Looks at the columns of a target, for people to say what they hold: names and types from its catalog, and what kinds of content are in the first rows of each table, read with
 * the rights of sessions in transactions that write nothing, and recorded as probes. No value leaves the connector.
 */
export async function survey(ports: SurveyPorts, target: Target, { token, after, isSampled }: Omit<SurveyWish, 'target'>): Promise<Outcome<SurveyPage>> {
  const person = await ports.recognition.recogniseAdministrator(token, 'changes');
  if (!person.ok) return person;
  const opened = ports.openToken(token);
  if (!opened.ok) return opened;
  const session = `survey-${ports.newId()}`;
  const entered = await new Entering(ports, opened.value, session, target).enterToProbe();
  if (!entered.ok) return entered;
  const { upstream, catalog } = entered.value;
  try {
    const read = catalog.now() ?? (await catalog.load());
    if ('ok' in read && !read.ok) return read;
    const known = 'ok' in read ? read.value : read;
    const { tables, next } = pageOf(known, after, isSampled ? TABLES.sampled : TABLES.named);
    const sample = new Sample(ports, upstream, target.name, session);
    const columns: SurveyedColumn[] = [];
    for (const table of tables) columns.push(...(isSampled ? await sample.of(known, table) : describe(known, table)));
    return accepted({ columns, next });
  } catch (fault) {
    return asRefusal(fault);
  } finally {
    catalog.leave();
    upstream.socket.destroy();
  }
}

/** The target of the configuration in force. */
export function surveyedTarget(targets: readonly Target[], name: string): Outcome<Target> {
  const target = targets.find((one) => one.name === name);
  return target ? accepted(target) : refused('target_unknown', `There is no target ${JSON.stringify(name.slice(0, 63))}.`, { hint: `Targets are ${targets.map((one) => one.name).join(', ')}.` });
}

function pageOf(catalog: Catalog, after: string | undefined, most: number): { readonly tables: readonly CatalogRelation[]; readonly next: string | null } {
  const all = [...catalog.schemas.keys()].filter((schema) => !SYSTEM_SCHEMA.test(schema)).flatMap((schema) => catalog.relationsIn(schema)).filter(({ kind }) => HOLDS_ROWS.has(kind));
  const rest = all.map((relation) => ({ relation, key: keyOf(relation) })).filter(({ key }) => after === undefined || key > after).sort((one, other) => (one.key < other.key ? -1 : 1));
  let columns = 0;
  const fitting = rest.slice(0, most).filter(({ relation }, index) => (columns += relation.columns.length) <= COLUMNS_MAX || index === 0);
  return { tables: fitting.map(({ relation }) => relation), next: fitting.length < rest.length ? fitting.at(-1)!.key : null };
}

function keyOf({ schema, name }: CatalogRelation): string {
  return `${schema}.${name}`;
}

function describe(catalog: Catalog, { schema, name, columns }: CatalogRelation): SurveyedColumn[] {
  return columns.map((column) => ({ schema, table: name, column: column.name, type: catalog.type(column.typeOid)?.name ?? 'unknown', values: 0, found: {} }));
}

/** Reads tables of one target, one after the other. */
class Sample {
  readonly #ports: SurveyPorts;
  readonly #upstream: Upstream;
  readonly #target: string;
  readonly #session: string;

  constructor(ports: SurveyPorts, upstream: Upstream, target: string, session: string) {
    this.#ports = ports;
    this.#upstream = upstream;
    this.#target = target;
    this.#session = session;
  }

  /** What a table will not show does not end the survey: it is told. @throws LedgerUnavailable, ProbeFailed where the connection is of no use any more */
  async of(catalog: Catalog, table: CatalogRelation): Promise<SurveyedColumn[]> {
    const columns = describe(catalog, table);
    const readable = columns.flatMap((column, index) => (TELLS_NOTHING.test(column.type) ? [] : [{ column, index }]));
    if (readable.length === 0) return columns;
    try {
      const rows = await this.#rows(sampleText(table, readable.map(({ column, index }) => ({ name: column.column, as: `c${index}` }))));
      for (const { column, index } of readable) look(column, rows, `c${index}`);
    } catch (fault) {
      if (!(fault instanceof ProbeFailed) || !fault.isAnswered) throw fault;
      for (const { column } of readable) column.unread = fault.message;
    }
    return columns;
  }

  async #rows(text: string): Promise<readonly TextRow[]> {
    const { ledger, clock } = this.#ports;
    const limit = `SET statement_timeout = ${TABLE_MS}; SET default_transaction_read_only = on`;
    let rows: readonly TextRow[] = [];
    for (const probe of await permitProbes({ ledger, nowMs: () => clock.nowMs() }, this.#target, PURPOSE, [limit, text], this.#session)) rows = (await runProbe(this.#upstream, probe)).rows();
    return rows;
  }
}

function sampleText({ schema, name }: CatalogRelation, columns: readonly { readonly name: string; readonly as: string }[]): string {
  const values = columns.map((column) => `pg_catalog.left(${quotedName(column.name)}::pg_catalog.text, ${CHARACTERS}) AS ${column.as}`);
  return `SELECT ${values.join(', ')} FROM ${quotedName(schema)}.${quotedName(name)} LIMIT ${ROWS}`;
}

function look(column: SurveyedColumn, rows: readonly TextRow[], name: string): void {
  for (const row of rows) {
    const value = row[name];
    if (value === null || value === undefined) continue;
    column.values += 1;
    for (const tag of new Set(netFor(VALUE_KINDS).find(Buffer.from(value), column.column).map(({ kind }) => groupOf(kind)))) column.found[tag] = (column.found[tag] ?? 0) + 1;
  }
}
