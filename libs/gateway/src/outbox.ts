import { accepted, LedgerUnavailable, type EventDraft, type Ledger, type Outcome } from '@interlock/kernel';
import { forwardGate, type GateEntry, type Passed } from './permit.js';
import { REFUSALS } from './refusals.js';

/** Events that one append takes along. */
const WAITING_PER_APPEND = 256;

/**
 * A session's events on their way to the ledger. Outcomes wait here until an append takes them along; a command's own append
 * leaves none of them behind, so that a permit never comes before the outcome of an earlier command.
 */
export class Outbox {
  #waiting: EventDraft[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  #failingSinceMs: number | undefined;

  constructor(private readonly ledger: Ledger, private readonly nowMs: () => number) {}

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** How long the ledger has not taken what waits, in milliseconds. */
  failingForMs(nowMs: number): number {
    return this.#failingSinceMs === undefined ? 0 : nowMs - this.#failingSinceMs;
  }

  add(drafts: readonly EventDraft[]): void {
    this.#waiting.push(...drafts);
  }

  /**
   * What waits, then `before`, then the entries, in as few appends as hold them. Refuses when the ledger does not acknowledge all:
   * what waited and was not acknowledged then waits on, and nothing is permitted.
   */
  async pass(entries: readonly GateEntry[], before: readonly EventDraft[] = []): Promise<Outcome<Passed[]>> {
    while (this.#waiting.length > WAITING_PER_APPEND) {
      const sent = await this.#append([], []);
      if (!sent.ok) return sent;
    }
    return this.#append(entries, before);
  }

  /** Sends on what waits. False when the ledger did not take it. */
  async send(): Promise<boolean> {
    return this.isEmpty || (await this.pass([])).ok;
  }

  /** Resolves once everything added so far is acknowledged; false when the ledger does not take it. */
  async flushed(): Promise<boolean> {
    while (!this.isEmpty || this.#underWay.size > 0) {
      if (!(await this.send())) return false;
      await Promise.all(this.#underWay);
    }
    return true;
  }

  async #append(entries: readonly GateEntry[], before: readonly EventDraft[]): Promise<Outcome<Passed[]>> {
    let taken = this.#waiting.splice(0, WAITING_PER_APPEND);
    const preceding = before.length === 0 ? taken : [...taken, ...before];
    // What waited lies in the first append; acknowledged, it waits no more, whatever becomes of the next.
    const append: Ledger['append'] = async (drafts) => {
      const receipt = await this.ledger.append(drafts);
      taken = [];
      return receipt;
    };
    const appending = forwardGate({ append }, this.nowMs, preceding, entries);
    const settled = appending.then(() => undefined, () => undefined).finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
    try {
      const passed = await appending;
      this.#failingSinceMs = undefined;
      return accepted(passed);
    } catch (fault) {
      this.#waiting = [...taken, ...this.#waiting];
      if (fault instanceof RangeError) return { ok: false, refusal: REFUSALS.eventTooLarge };
      if (!(fault instanceof LedgerUnavailable)) throw fault;
      this.#failingSinceMs ??= this.nowMs();
      return { ok: false, refusal: REFUSALS.ledgerUnavailable };
    }
  }
}
