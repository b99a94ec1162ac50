import { accepted, refused, type EventDraft, type Outcome } from '@interlock/kernel';
import { draft, type Configuration } from '@interlock/contracts';
import { accountsAt, isOfAnswers, isPaidAfter, MEASURES, rowsWrittenBy, type Account } from '@interlock/domain-budget';
import type { ControlPlaneWatch } from './control-plane-watch.js';
import { RowMeter, type Listed } from './row-meter.js';
import { keyOf, Slice, type SlicePorts, type Taken } from './slice.js';
import { REFUSALS } from './refusals.js';
import type { Session, Verdict } from './session.js';
import type { SubjectLists } from './subject-list.js';

/** What one connector holds of every account: its sessions draw on the same slices. */
export class Slices {
  readonly #ports: SlicePorts;
  readonly #slices = new Map<string, Slice>();

  constructor(ports: SlicePorts) {
    this.#ports = ports;
  }

  of(account: Account): Slice {
    const key = keyOf(account);
    let slice = this.#slices.get(key);
    if (!slice) this.#slices.set(key, (slice = new Slice(this.#ports, key)));
    return slice;
  }

  /** Gives everything back that is left, at the end. Never rejects. */
  async giveBack(): Promise<void> {
    await Promise.all([...this.#slices.values()].map((slice) => slice.giveBack()));
  }
}

export interface PursePorts {
  readonly slices: Slices;
  readonly subjects: SubjectLists;
  readonly watch: Pick<ControlPlaneWatch, 'inForce'>;
  readonly session: Session;
}

/** What was taken for some commands. */
export interface Spent {
  /** What had to be leased for it: to be recorded along with the decisions. */
  readonly events: readonly EventDraft[];
  /** Of these commands nothing was sent, and nothing will be. */
  undo(): void;
}

/** An account, and what is held of it here. */
export interface Drawn {
  readonly account: Account;
  readonly slice: Slice;
}

/** How many rows will come nobody knows: one must be left. */
function needOf({ budget }: Account, verdicts: readonly Verdict[]): number {
  const sum = verdicts.reduce((before, { action }) => before + MEASURES[budget.what](action), 0);
  return isPaidAfter(budget) ? Math.min(sum, 1) : sum;
}

/** Of rows written that nobody counts, nobody could say that they are no more than there is. */
function uncountedBy({ budget }: Account, verdicts: readonly Verdict[]): Outcome<undefined> {
  if (budget.what !== 'rowsWritten' || !verdicts.some(({ action }) => rowsWrittenBy(action) === 'uncounted')) return accepted(undefined);
  return refused('rows_not_counted', `Budget ${budget.name} limits the rows written, and how many rows this command writes nobody counts.`, {
    hint: 'Write rows with INSERT, UPDATE, DELETE, MERGE or COPY alone: not in a WITH, a function, a DO block or EXPLAIN ANALYZE, and not with TRUNCATE.',
  });
}

const NOTHING: Spent = { events: [], undo: () => undefined };

/**
 * What one session's commands use up. It is taken once they are allowed and before that is recorded and anything is sent: a denied command uses
 * up nothing, and one that fails at the target has used what it took. Of what comes back or is written, something must be left for a command to be sent; the meters count it.
 */
export class Purse {
  readonly #ports: PursePorts;
  #by: Configuration | undefined;
  #drawn: readonly Drawn[] = [];
  #meter: RowMeter | undefined;
  #written: RowMeter | undefined;

  constructor(ports: PursePorts) {
    this.#ports = ports;
  }

  /** Counts what comes back, by the budgets of the newest word; undefined when none covers it. */
  get meter(): RowMeter | undefined {
    this.#look();
    return this.#meter;
  }

  /** Counts rows that were written, in the same way; undefined when no budget covers them. */
  get written(): RowMeter | undefined {
    this.#look();
    return this.#written;
  }

  #look(): void {
    const configuration = this.#ports.watch.inForce?.bundle.configuration;
    if (configuration && configuration !== this.#by) this.#readAccounts(configuration);
  }

  /** Takes what these commands use up of every budget that covers them: of all, or of none. */
  async take(verdicts: readonly Verdict[]): Promise<Outcome<Spent>> {
    const configuration = this.#ports.watch.inForce?.bundle.configuration;
    if (!configuration) return { ok: false, refusal: REFUSALS.notConfigured };
    this.#look();
    return this.#drawn.length === 0 || verdicts.length === 0 ? accepted(NOTHING) : this.#takeEach(verdicts);
  }

  async #takeEach(verdicts: readonly Verdict[]): Promise<Outcome<Spent>> {
    const taken: { readonly slice: Slice; readonly part: Taken }[] = [];
    const events: EventDraft[] = [];
    const undo = (): void => {
      for (const { slice, part } of taken.splice(0)) slice.putBack(part);
    };
    for (const { account, slice } of this.#drawn) {
      const counted = uncountedBy(account, verdicts);
      if (!counted.ok) {
        undo();
        return counted;
      }
      const amount = needOf(account, verdicts);
      if (amount === 0) continue;
      const part = await slice.take(account, amount);
      if (!part.ok) {
        this.#ports.session.tell(events);
        undo();
        return part;
      }
      if (isPaidAfter(account.budget)) slice.putBack(part.value);
      else taken.push({ slice, part: part.value });
      if (part.value.leased) events.push(this.#event(part.value.leased, verdicts[0]!));
    }
    return accepted({ events, undo });
  }

  #readAccounts(configuration: Configuration): void {
    const { slices, subjects, session: { opening: { principal, target } } } = this.#ports;
    const accounts = accountsAt(configuration, target.name, principal);
    this.#drawn = accounts.filter(({ budget: { what } }) => what !== 'subjects').map((account) => ({ account, slice: slices.of(account) }));
    const listed = accounts.filter(({ budget: { what } }) => what === 'subjects').map((account) => ({ account, list: subjects.of(account) }));
    this.#meter = this.#meterOf(({ budget: one }) => isOfAnswers(one), listed);
    this.#written = this.#meterOf(({ budget: { what } }) => what === 'rowsWritten', []);
    this.#by = configuration;
  }

  #meterOf(isMeant: (account: Account) => boolean, listed: readonly Listed[]): RowMeter | undefined {
    const drawn = this.#drawn.filter(({ account }) => isMeant(account));
    return drawn.length + listed.length === 0 ? undefined : new RowMeter(drawn, listed, (leased, command) => this.#ports.session.tell([this.#event(leased, { command })]));
  }

  #event(leased: NonNullable<Taken['leased']>, { command }: Pick<Verdict, 'command'>): EventDraft {
    const { session } = this.#ports;
    return { ...draft('budget.leased.v1', leased, { session: session.id, exchange: session.opening.exchange, command }), seal: session.opening.seal };
  }
}
