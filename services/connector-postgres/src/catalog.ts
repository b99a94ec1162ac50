import { accepted, LedgerUnavailable, refused, type Outcome } from '@interlock/kernel';
import { CATALOG_QUERIES, CATALOG_SESSION, catalogFromRows, type Catalog, type CatalogQuery, type CatalogRows } from '@interlock/language-postgres';
import { POSTGRES_LIMITS } from './limits.js';
import { permitProbes, ProbeFailed, runProbe, type ProbePorts, type ProbeResult } from './probe.js';
import type { Upstream } from './upstream.js';

/** Opens a side connection under the probe credential. */
export type DialProbe = () => Promise<Outcome<Upstream>>;

const PURPOSE = 'catalog';
/** One moment for all of its parts. */
const BEGIN = 'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY';
const COMMIT = 'COMMIT';

/**
 * The catalog of one target, read on a side connection and shared by its sessions. It is read again after a statement may
 * have changed it, and every POSTGRES_LIMITS.catalogEveryMs; while nothing changed it stays the same object.
 */
export class TargetCatalog {
  readonly #ports: ProbePorts;
  readonly #target: string;
  #dial: DialProbe | undefined;
  #upstream: Upstream | undefined;
  #catalog: Catalog | undefined;
  #digest = '';
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
    if (this.#isDirty || !this.#catalog || ageMs > 2 * POSTGRES_LIMITS.catalogEveryMs) return undefined;
    if (ageMs > POSTGRES_LIMITS.catalogEveryMs) this.load().catch(() => this.invalidate());
    return this.#catalog;
  }

  /** The last one read, for what is being answered. */
  get last(): Catalog | undefined {
    return this.#catalog;
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
      const results = await this.#ask();
      if (results.ok) this.#keep(results.value);
      else this.#isDirty = true;
      return results.ok ? accepted(this.#catalog!) : results;
    } catch (fault) {
      this.#isDirty = true;
      this.#hangUp();
      if (fault instanceof LedgerUnavailable || fault instanceof ProbeFailed) return unavailable(this.#target, fault.message);
      throw fault;
    }
  }

  /** While nothing changed the catalog stays the same object, so that what was remembered by it stays. */
  #keep(results: Readonly<Record<CatalogQuery, ProbeResult>>): void {
    const digest = Object.values(results).map((result) => result.digest).join();
    this.#readAtMs = this.#ports.nowMs();
    if (digest === this.#digest) return;
    const rows = Object.fromEntries(Object.entries(results).map(([name, result]) => [name, result.rows()])) as unknown as CatalogRows;
    this.#catalog = catalogFromRows(rows);
    this.#digest = digest;
  }

  async #ask(): Promise<Outcome<Record<CatalogQuery, ProbeResult>>> {
    const connected = await this.#connect();
    if (!connected.ok) return connected;
    const upstream = connected.value;
    const names = Object.keys(CATALOG_QUERIES) as CatalogQuery[];
    const before = [...CATALOG_SESSION, BEGIN];
    const probes = await permitProbes(this.#ports, this.#target, PURPOSE, [...before, ...names.map((name) => CATALOG_QUERIES[name]), COMMIT]);
    const results: ProbeResult[] = [];
    for (const probe of probes) results.push(await runProbe(upstream, probe));
    return accepted(Object.fromEntries(names.map((name, index) => [name, results[before.length + index]!])) as Record<CatalogQuery, ProbeResult>);
  }

  async #connect(): Promise<Outcome<Upstream>> {
    if (this.#upstream && !this.#upstream.socket.destroyed) return accepted(this.#upstream);
    if (!this.#dial) return unavailable(this.#target, 'no session uses it');
    const dialled = await this.#dial();
    if (!dialled.ok) return unavailable(this.#target, dialled.refusal.detail);
    this.#upstream = dialled.value;
    return dialled;
  }

  #hangUp(): void {
    this.#upstream?.socket.destroy();
    this.#upstream = undefined;
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
