import { setTimeout as sleep } from 'node:timers/promises';
import { sha256Hex, type LedgerPosition, type StoredBatch } from '@interlock/kernel';
import { noTracing, type Tracing } from '@interlock/adapter-telemetry';
import type { EventType } from '@interlock/contracts';
import type { Logger } from '@interlock/nest';
import { baseOf, type ForeignEvent, type KnownEvent, type OpenedBatch, type Slice } from '../ledger/ledger-event.js';
import { isPermanent } from './database.js';
import { PositionMoved, type StoredView, type ViewStore } from './view-store.js';
import { tellProjected } from './view-trail.js';

/** Why a view stopped. */
export interface Stopped {
  readonly sequence: number;
  readonly reason: string;
  readonly detail: string;
}

const RETRY_MS = 1_000;

/** One view being projected: it takes slices of the ledger in order, each once, and stops rather than skip. */
export class Projection<Row extends object = object> {
  #stopped: Stopped | undefined;
  #problem: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #handled: ReadonlySet<string>;
  readonly #bases: ReadonlySet<string>;

  private constructor(readonly definition: StoredView<Row>, private held: ViewStore<Row>, private at: LedgerPosition, private readonly log: Logger, private readonly tracing: Tracing) {
    this.#handled = new Set(definition.view.handled);
    this.#bases = new Set(definition.view.handled.map(baseOf));
  }

  static async open<Row extends object>(definition: StoredView<Row>, store: ViewStore<Row>, log: Logger, tracing: Tracing = noTracing): Promise<Projection<Row>> {
    return new Projection(definition, store, await store.position(), log.with({ view: definition.view.name }), tracing);
  }

  get name(): string {
    return this.definition.view.name;
  }

  get store(): ViewStore<Row> {
    return this.held;
  }

  get position(): LedgerPosition {
    return this.at;
  }

  get stopped(): Stopped | undefined {
    return this.#stopped;
  }

  /** What keeps the view from following at the moment. */
  get problem(): string | undefined {
    return this.#problem;
  }

  wants(type: string): boolean {
    return this.#bases.has(baseOf(type));
  }

  stop(stopped: Stopped): void {
    if (this.#stopped) return;
    this.#stopped = stopped;
    this.log.error('a view stopped', { schema: this.held.schema, ...stopped });
  }

  /** Stops the view unless the ledger still holds, at its position, the batch that it was made from. */
  confirm(stored: StoredBatch | undefined): void {
    const { epoch, sequence, hash } = this.at;
    if (sequence === 0 || (stored && stored.epoch === epoch && sha256Hex(stored.bytes) === hash)) return;
    this.stop({ sequence, reason: 'ledger_reissued', detail: `The ledger no longer holds at sequence ${sequence} the batch that this view was made from: its sequence numbers were reissued or its store was changed.` });
  }

  /** Takes a slice; waits for the database as long as it takes, or until `signal` aborts. */
  take(slice: Slice, signal: AbortSignal): Promise<void> {
    return this.exclusively(() => this.#take(slice, signal));
  }

  /** Runs `work` while the view stands still. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** From now on the view is this store, at this position. Only inside {@link exclusively}. */
  serveFrom(store: ViewStore<Row>, position: LedgerPosition): void {
    this.held = store;
    this.at = position;
    this.#stopped = undefined;
  }

  async #take(slice: Slice, signal: AbortSignal): Promise<void> {
    const news = slice.filter((batch) => batch.position.sequence > this.at.sequence);
    const poisoned = news.findIndex((batch) => this.#poisonIn(batch));
    const sound = poisoned < 0 ? news : news.slice(0, poisoned);
    if (!this.#stopped && sound.length > 0) await this.#apply(sound, signal);
    if (poisoned >= 0) this.#refuse(this.#poisonIn(news[poisoned]!)!);
  }

  async #apply(batches: readonly OpenedBatch[], signal: AbortSignal): Promise<void> {
    const to = batches.at(-1)!.position;
    const events = batches.flatMap((batch) => batch.events).filter((event): event is KnownEvent => event.type !== 'foreign' && this.#handled.has(event.type));
    const fromMs = this.tracing.nowMs();
    while (!signal.aborted && !this.#stopped) {
      try {
        await this.held.apply(this.at, to, events as readonly Extract<KnownEvent, { type: EventType }>[]);
        this.at = to;
        this.#problem = undefined;
        tellProjected(this.tracing, this.name, events, fromMs);
        return;
      } catch (fault) {
        await this.#bear(fault, batches[0]!.position.sequence, signal);
      }
    }
  }

  async #bear(fault: unknown, sequence: number, signal: AbortSignal): Promise<void> {
    const detail = fault instanceof Error ? fault.message : String(fault);
    if (isPermanent(fault) || fault instanceof PositionMoved) return this.stop({ sequence, reason: fault instanceof PositionMoved ? 'position_moved' : 'view_faulted', detail });
    if (!this.#problem) this.log.warn('the views database cannot be written', { schema: this.held.schema, error: fault });
    this.#problem = `view ${this.name} waits for its database`;
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }

  /** The first event of the batch that this view would need and cannot read. */
  #poisonIn(batch: OpenedBatch): ForeignEvent | undefined {
    return batch.events.find((event): event is ForeignEvent => event.type === 'foreign' && this.#bases.has(baseOf(event.metadata.type)));
  }

  #refuse({ place, reason, detail }: ForeignEvent): void {
    this.stop({ sequence: place.sequence, reason, detail });
  }
}
