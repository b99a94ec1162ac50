import { accepted, LedgerUnavailable, refused, type Outcome } from '@interlock/kernel';
import {
  CATALOG_HORIZON, CATALOG_QUERIES, CATALOG_SESSION, catalogFromRows, columnsSince, isColumnsLost, type Catalog, type CatalogQuery, type CatalogRows,
} from '@interlock/language-postgres';
import { POSTGRES_LIMITS } from './limits.js';
import { ProbeFailed } from './conversation.js';
import { permitProbes, runProbe, type ProbePorts, type ProbeResult } from './probe.js';
import type { Upstream } from './upstream.js';

/** Opens a side connection under the probe credential. */
export type DialProbe = () => Promise<Outcome<Upstream>>;

const PURPOSE = 'catalog';
/** One moment for all of its parts. */
const BEGIN = 'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY';
const COMMIT = 'COMMIT';

/** One reading; with `touched`, its columns are those of touched relations alone. */
interface Answers {
  readonly parts: Readonly<Record<CatalogQuery, ProbeResult>>;
  readonly touched: ProbeResult | undefined;
  readonly horizon: string | undefined;
}

/** What the last reading came to. */
interface Reading {
  readonly catalog: Catalog;
  readonly digests: { readonly others: string; readonly columns: string };
  /** Up to where it saw everything; undefined when the next one has to read all columns: on another connection nothing is taken for granted. */
  readonly horizon: string | undefined;
}

/**
 * The catalog of one target, read on a side connection and shared by its sessions. It is read again after a statement may
 * have changed it, and every POSTGRES_LIMITS.catalogEveryMs; while nothing changed it stays the same object.
 */
export class TargetCatalog {
  readonly #ports: ProbePorts;
  readonly #target: string;
  #dial: DialProbe | undefined;
  #upstream: Upstream | undefined;
  #reading: Reading | undefined;
  #readAtMs = 0;
  #isDirty = true;
  #loading: Promise<Outcome<Catalog>> | undefined;
  #users = 0;

  constructor(ports: ProbePorts, target: string) {
    this.#ports = ports;
    this.#target = target;
  }

  /** A session begins to use it; `dial` is how to read it from now on. */
  use(dial: DialProbe): void {
    this.#users += 1;
    this.#dial = dial;
  }

  /** A session ends. The last one closes the side connection. */
  leave(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#hangUp();
    this.#dial = undefined;
  }

  /** Something may have changed it. */
  invalidate(): void {
    this.#isDirty = true;
  }

  /** The catalog if it can be used at once. One that grows old is used while a newer one is being read; an old one is not. */
  now(): Catalog | undefined {
    const ageMs = this.#ports.nowMs() - this.#readAtMs;
    if (this.#isDirty || !this.#reading || ageMs > 2 * POSTGRES_LIMITS.catalogEveryMs) return undefined;
    if (ageMs > POSTGRES_LIMITS.catalogEveryMs) this.load().catch(() => this.invalidate());
    return this.#reading?.catalog;
  }

  /** The last one read, for what is being answered. */
  get last(): Catalog | undefined {
    return this.#reading?.catalog;
  }

  /** Reads it. Refuses with `catalog_unavailable`. What changes while it is read is read by the next call. */
  async load(): Promise<Outcome<Catalog>> {
    if (this.#loading) {
      await this.#loading;
      const known = this.now();
      if (known) return accepted(known);
    }
    this.#loading ??= this.#read().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #read(): Promise<Outcome<Catalog>> {
    this.#isDirty = false;
    try {
      const kept = await this.#askAndKeep();
      if (!kept.ok) this.#isDirty = true;
      return kept.ok ? accepted(this.#reading!.catalog) : kept;
    } catch (fault) {
      this.#isDirty = true;
      this.#hangUp();
      if (fault instanceof LedgerUnavailable || fault instanceof ProbeFailed) return unavailable(this.#target, fault.message);
      throw fault;
    }
  }

  /** Columns that cannot have changed are not read again, unless the answers show that this cannot be told: then everything is. */
  async #askAndKeep(): Promise<Outcome<unknown>> {
    const connected = await this.#connect();
    if (!connected.ok) return connected;
    const { catalog: before, horizon } = this.#reading ?? {};
    let reading = this.#understand(await this.#ask(connected.value, horizon));
    if (before && horizon !== undefined && isColumnsLost(before, reading.catalog)) reading = this.#understand(await this.#ask(connected.value, undefined));
    this.#reading = reading;
    this.#readAtMs = this.#ports.nowMs();
    return accepted(undefined);
  }

  /** While nothing changed the catalog stays the same object, so that what was remembered by it stays. */
  #understand({ parts, touched, horizon }: Answers): Reading {
    const before = this.#reading;
    const { columns, ...others } = parts;
    const digests = { others: Object.values(others).map((result) => result.digest).join(), columns: `${columns.digest},${touched?.digest ?? ''}` };
    const touchedRows = touched?.rows();
    const areColumnsSame = touchedRows?.length === 0 || digests.columns === before?.digests.columns;
    if (before && areColumnsSame && digests.others === before.digests.others) return { ...before, horizon };
    const rows = Object.fromEntries(Object.entries(parts).map(([name, result]) => [name, result.rows()])) as unknown as CatalogRows;
    const since = before && touchedRows && { before: before.catalog, touched: touchedRows, answers: `${digests.others},${digests.columns}` };
    return { catalog: catalogFromRows(rows, since, before?.catalog), digests, horizon };
  }

  async #ask(upstream: Upstream, horizon: string | undefined): Promise<Answers> {
    const since = horizon === undefined ? undefined : columnsSince(horizon);
    const queries: Readonly<Record<CatalogQuery, string>> = { ...CATALOG_QUERIES, ...(since && { columns: since.columns }) };
    const names = Object.keys(queries) as CatalogQuery[];
    const before = [...CATALOG_SESSION, BEGIN];
    const texts = [...before, ...names.map((name) => queries[name]), CATALOG_HORIZON, ...(since ? [since.touched] : []), COMMIT];
    const results: ProbeResult[] = [];
    for (const probe of await permitProbes(this.#ports, this.#target, PURPOSE, texts)) results.push(await runProbe(upstream, probe));
    const [at, touched] = results.slice(before.length + names.length);
    const parts = Object.fromEntries(names.map((name, index) => [name, results[before.length + index]!])) as Record<CatalogQuery, ProbeResult>;
    return { parts, touched: since && touched, horizon: at!.rows()[0]?.['horizon'] ?? undefined };
  }

  async #connect(): Promise<Outcome<Upstream>> {
    if (this.#upstream && !this.#upstream.socket.destroyed) return accepted(this.#upstream);
    if (!this.#dial) return unavailable(this.#target, 'no session uses it');
    const dialled = await this.#dial();
    if (!dialled.ok) return unavailable(this.#target, dialled.refusal.detail);
    this.#upstream = dialled.value;
    if (this.#reading) this.#reading = { ...this.#reading, horizon: undefined };
    return dialled;
  }

  #hangUp(): void {
    this.#upstream?.socket.destroy();
    this.#upstream = undefined;
    if (this.#reading) this.#reading = { ...this.#reading, horizon: undefined };
  }
}

function unavailable(target: string, why: string): Outcome<never> {
  return refused('catalog_unavailable', `The catalog of ${target} cannot be read, so statements cannot be understood: ${why}`, { retryable: true, hint: 'Send the command again; if it lasts, whoever runs Interlock has to look at the probe credential.' });
}

/** One catalog per target as its entry stands: another address is another target, and the one before is forgotten. */
export class CatalogBook {
  readonly #ports: ProbePorts;
  readonly #catalogs = new Map<string, { readonly entry: string; readonly catalog: TargetCatalog }>();

  constructor(ports: ProbePorts) {
    this.#ports = ports;
  }

  of(target: { readonly name: string }): TargetCatalog {
    const entry = JSON.stringify(target);
    let known = this.#catalogs.get(target.name);
    if (known?.entry !== entry) {
      known = { entry, catalog: new TargetCatalog(this.#ports, target.name) };
      this.#catalogs.set(target.name, known);
    }
    return known.catalog;
  }
}
