import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { accepted, LEDGER_START, refused, type Outcome } from '@interlock/kernel';
import type { Tracing } from '@interlock/adapter-telemetry';
import type { Logger } from '@interlock/nest';
import type { Feed, WholeLedger } from '../ledger/feed.js';
import { DatabaseAway } from './database.js';
import { schemaOf, type Generations } from './generations.js';
import { Projection, type Stopped } from './projection.js';
import { STORED_VIEWS, VIEW_NAMES, type RowOf, type ViewName } from './stored-views.js';
import { ViewStore, type StoredView } from './view-store.js';

export interface ViewStatus {
  readonly view: string;
  readonly sequence: number;
  /** Batches of the ledger that it does not hold yet. */
  readonly lag: number;
  readonly stopped?: Stopped;
}

export interface Rebuilt {
  readonly view: string;
  readonly rows: number;
  readonly hashBefore: string;
  readonly hashAfter: string;
  readonly identical: boolean;
}

export interface ViewsParts {
  readonly url: string;
  readonly generations: Generations;
  readonly ledger: WholeLedger;
  readonly feed: Feed;
  readonly log: Logger;
  /** Off when absent. */
  readonly tracing?: Tracing;
}

const RETRY_MS = 1_000;
const FIRST_OPEN_MS = 5_000;

/** All views: projected together from one reading of the ledger, rebuilt one beside the other. */
export class Views {
  readonly #stop = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #restart = new AbortController();
  #rebuilding: Promise<unknown> = Promise.resolve();

  readonly #projections = new Map<ViewName, Projection>();
  #unopened: string | undefined = 'the views are being opened';
  #switches = 0;

  constructor(private readonly parts: ViewsParts) {}

  /** Opens what serves, as soon as the database lets it, and follows the ledger. Resolves after the first attempt, or when it takes too long. */
  async start(): Promise<void> {
    const first = this.#open();
    this.#work = first.then(() => this.#openAtLast()).then(() => this.#follow());
    await Promise.race([first, pause(FIRST_OPEN_MS)]);
  }

  /** The rows that serve. @throws DatabaseAway while the view is not open. */
  repository<Name extends ViewName>(name: Name) {
    return (this.#projection(name).store as unknown as ViewStore<RowOf<Name>>).repository;
  }

  /** How often a rebuilt view has taken the place of another: who was reading then may have lost its rows on the way. */
  get switches(): number {
    return this.#switches;
  }

  /** What keeps views from following at the moment. */
  get problem(): string | undefined {
    return this.#unopened ?? [...this.#projections.values()].map((projection) => projection.problem).find((problem) => problem !== undefined);
  }

  /** The views that stopped for good, and why, in one sentence. */
  get stoppedText(): string | undefined {
    const stopped = [...this.#projections.values()].flatMap(({ name, stopped: why }) => (why ? [`view ${name} stopped at sequence ${why.sequence}: ${why.reason}. ${why.detail}`] : []));
    return stopped.length > 0 ? stopped.join(' ') : undefined;
  }

  async status(): Promise<ViewStatus[]> {
    const last = await this.parts.ledger.lastSequence();
    return VIEW_NAMES.map((view) => {
      const { position: { sequence } = LEDGER_START, stopped } = this.#projections.get(view) ?? {};
      return { view, sequence, lag: Math.max(0, last - sequence), ...(stopped && { stopped }) };
    });
  }

  /**
   * Makes views anew from the ledger beside the serving ones, compares both at the same place, and serves from the new
   * ones. One rebuild at a time.
   */
  rebuild(view?: string): Promise<Outcome<Rebuilt[]>> {
    const names = VIEW_NAMES.filter((name) => view === undefined || name === view);
    if (names.length === 0) return Promise.resolve(refused('view_unknown', `There is no view ${view}.`, { hint: `The views are ${VIEW_NAMES.join(', ')}.` }));
    const turn = this.#rebuilding.then(() => this.#rebuildAll(names));
    this.#rebuilding = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#rebuilding;
    await this.#work;
    for (const projection of this.#projections.values()) await projection.store.close();
  }

  /** While the database is away, evidence cannot be shown; nothing else of this process has to wait for it. */
  async #openAtLast(): Promise<void> {
    while (this.#unopened !== undefined && !this.#stop.signal.aborted) {
      await pause(RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      await this.#open();
    }
  }

  async #open(): Promise<void> {
    try {
      await this.parts.generations.open();
      for (const name of VIEW_NAMES) if (!this.#projections.has(name)) this.#projections.set(name, await this.#openView(name));
      this.#unopened = undefined;
    } catch (fault) {
      const problem = `the views cannot be opened: ${fault instanceof Error ? fault.message : String(fault)}`;
      if (problem !== this.#unopened) this.parts.log.warn('the views cannot be opened', { error: fault });
      this.#unopened = problem;
    }
  }

  async #openView(name: ViewName): Promise<Projection> {
    const { url, generations, log, tracing } = this.parts;
    const definition = STORED_VIEWS[name] as unknown as StoredView;
    return Projection.open(definition, await ViewStore.open(url, schemaOf(name, await generations.serving(name)), definition), log, tracing);
  }

  #projection(name: ViewName): Projection {
    const projection = this.#projections.get(name);
    if (!projection) throw new DatabaseAway(`view ${name} could not be opened yet`);
    return projection;
  }

  async #follow(): Promise<void> {
    const projections = [...this.#projections.values()];
    while (!this.#stop.signal.aborted) {
      this.#restart = new AbortController();
      const signal = AbortSignal.any([this.#stop.signal, this.#restart.signal]);
      try {
        for (const projection of projections) if (!projection.stopped) projection.confirm(await this.#batchAt(projection));
        await this.parts.feed.run(projections, signal);
        if (!signal.aborted) await once(signal, 'abort');
      } catch (fault) {
        this.parts.log.warn('the views cannot follow the ledger', { error: fault });
        await pause(RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  #batchAt({ position }: Projection) {
    return position.sequence === 0 ? Promise.resolve(undefined) : this.parts.ledger.read(position.sequence);
  }

  async #rebuildAll(names: readonly ViewName[]): Promise<Outcome<Rebuilt[]>> {
    const rebuilt: Rebuilt[] = [];
    for (const name of names) {
      const one = await this.#rebuildOne(name);
      if (!one.ok) return one;
      rebuilt.push(one.value);
    }
    return accepted(rebuilt);
  }

  async #rebuildOne(name: ViewName): Promise<Outcome<Rebuilt>> {
    const serving = this.#projection(name);
    const number = (await this.parts.generations.serving(name)) + 1;
    const schema = schemaOf(name, number);
    await this.parts.generations.dropSchema(schema);
    const store = await ViewStore.open(this.parts.url, schema, serving.definition);
    const beside = await Projection.open(serving.definition, store, this.parts.log);
    try {
      await this.parts.feed.run([beside], this.#stop.signal, serving.position.sequence);
      return await serving.exclusively(() => this.#switch(serving, beside, number));
    } catch (fault) {
      await store.close();
      throw fault;
    }
  }

  /** The serving view stands still meanwhile, so both are compared at the same place. */
  async #switch(serving: Projection, beside: Projection, number: number): Promise<Outcome<Rebuilt>> {
    await this.parts.feed.run([beside], this.#stop.signal, serving.position.sequence);
    if (beside.stopped || beside.position.hash !== serving.position.hash) {
      await beside.store.drop();
      const why = beside.stopped ? `${beside.stopped.reason} at sequence ${beside.stopped.sequence}: ${beside.stopped.detail}` : 'the service is stopping';
      return refused('rebuild_stopped', `View ${serving.name} could not be rebuilt: ${why}. The serving view was left as it is.`);
    }
    const [before, after] = await Promise.all([serving.store.digest(), beside.store.digest()]);
    const old = serving.store;
    await this.parts.generations.serve(serving.name, number);
    serving.serveFrom(beside.store, beside.position);
    this.#switches += 1;
    this.#restart.abort();
    const identical = before.hash === after.hash;
    await (identical ? old.drop() : old.close()).catch((fault: unknown) => this.parts.log.warn('the schema that served before could not be removed', { schema: old.schema, error: fault }));
    if (!identical) this.parts.log.error('a rebuilt view differs from the one that served', { view: serving.name, kept: old.schema });
    return accepted({ view: serving.name, rows: after.rows, hashBefore: before.hash, hashAfter: after.hash, identical });
  }
}
