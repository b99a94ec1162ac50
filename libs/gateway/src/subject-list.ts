import { accepted, type AggregateStore, type Outcome, type Refusal } from '@interlock/kernel';
import type { EventData, SubjectsState } from '@interlock/contracts';
import { newlyShown, oldestShown, shown, spanOf, windowOf, type Account, type ShowCommand } from '@interlock/domain-budget';
import { endOf, inWords } from './budget-words.js';
import type { Clock } from './ports.js';
import { keyOf } from './slice.js';
import { stepStored } from './stored-step.js';

export interface SubjectPorts {
  readonly store: AggregateStore<SubjectsState>;
  readonly clock: Clock;
  /** This running instance. */
  readonly lessee: string;
  /** A keyed hash of a value, another one for each account; the same in every connector of the installation. */
  readonly digest: (account: string, value: string) => string;
}

/** What is to be recorded, where something counts that did not. */
type Counted = EventData<'budget.leased.v1'> | undefined;

const NOTHING_NEW = { amount: 0, total: 0 };

/** What one connector knows of which subjects every account has been shown: for all of its sessions. */
export class SubjectLists {
  readonly #ports: SubjectPorts;
  readonly #lists = new Map<string, SubjectList>();

  constructor(ports: SubjectPorts) {
    this.#ports = ports;
  }

  of(account: Account): SubjectList {
    const key = keyOf(account);
    let list = this.#lists.get(key);
    if (!list) this.#lists.set(key, (list = new SubjectList(this.#ports, key)));
    return list;
  }
}

/**
 * The subjects of one account that are stored as shown, in stream BUDGETS, by compare-and-set: before they are. What is known here is stored there, and
 * stays until its window is over; so the same subject counts once on any number of connectors, and one that dies takes nothing along.
 */
export class SubjectList {
  readonly #ports: SubjectPorts;
  readonly #key: string;
  #window = -1;
  #known: ReadonlySet<string> = new Set();
  #turn: Promise<unknown> = Promise.resolve();
  #beyond: { readonly window: number; readonly refusal: Refusal } | undefined;

  constructor(ports: SubjectPorts, key: string) {
    this.#ports = ports;
    this.#key = key;
  }

  /** Whether a subject counts already, so that it may be shown. */
  has({ budget }: Account, subject: string): boolean {
    return windowOf(budget, this.#ports.clock.nowMs()) === this.#window && this.#known.has(this.#ports.digest(this.#key, subject));
  }

  /**
   * The refusal of whoever was to be shown somebody for whom there was no room, until the window ends. Each further one would tell whether a condition holds of somebody, without
   * anybody being counted.
   */
  beyond({ budget }: Account): Refusal | undefined {
    return this.#beyond?.window === windowOf(budget, this.#ports.clock.nowMs()) ? this.#beyond.refusal : undefined;
  }

  /**
   * Has these counted, and of those that come after them as many as there is room for. Refuses when the budget is used up, and when the bus does not
   * say. Gives what is to be recorded, where any counts that did not.
   */
  count(account: Account, subjects: readonly string[], later: readonly string[] = []): Promise<Outcome<Counted>> {
    const digests = (of: readonly string[]): string[] => of.map((subject) => this.#ports.digest(this.#key, subject));
    const turn = this.#turn.then(() => this.#count(account, { subjects: digests(subjects), later: digests(later) }));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #count(account: Account, digests: Pick<ShowCommand, 'subjects' | 'later'>): Promise<Outcome<Counted>> {
    const { store, clock, lessee } = this.#ports;
    const { budget: { name: budget, rolling }, name, most } = account;
    const [window, span] = [windowOf(account.budget, clock.nowMs()), spanOf(account.budget)];
    const stepped = await stepStored({ store, key: `subjects.${this.#key}`, decider: shown }, { budget, account: name, ...digests, most, window, span });
    if (!stepped.ok) {
      const refusal = inWords(stepped.refusal, account, oldestShown(stepped.state, window, span) ?? window);
      if (refusal.reason === 'budget_used_up') this.#beyond = { window, refusal };
      return { ok: false, refusal };
    }
    this.#keep(stepped.state, window);
    const [event] = stepped.events;
    const { amount, total } = event ? newlyShown(event, stepped.before) : NOTHING_NEW;
    return accepted(amount === 0 ? undefined : { budget, account: name, lessee, amount, leased: total, most, windowEndsAt: endOf(account, window), ...(rolling && { rolling }) });
  }

  #keep(state: SubjectsState | undefined, window: number): void {
    this.#window = window;
    this.#known = new Set((state?.windows ?? []).filter((one) => one.window >= window).flatMap(({ subjects }) => subjects));
  }
}
