import type { Action, Circumstances, Decision, ExercisedAct } from '@interlock/contracts';
import type { Judge, Wanted } from '@interlock/domain-policy';
import type { Conduct, ConductBook } from './conduct.js';

/** Who acts where, in one session. */
export interface Actor {
  readonly principal: string;
  readonly target: string;
}

/**
 * What one session tells its judge beside the action, and what it remembers of what was decided. Every command counts as it is decided, the
 * earlier ones of the same message included, so that nothing is gained by sending many at once.
 */
export class SessionConduct {
  /** The first act of each side of each separation. */
  readonly #exercised: ExercisedAct[] = [];
  /** What its party has done, by separation over a window, as last gathered, and what it has done itself since. */
  readonly #ofParty = new Map<string, readonly ExercisedAct[]>();
  #counts = false;

  constructor(private readonly book: ConductBook, private readonly nowMs: () => number, private readonly actor: Actor) {}

  /** A command is to be decided for the first time. Nothing is counted for a judge that does not want it. */
  begin({ wants }: Judge, { accesses }: Action): void {
    this.#counts = wants !== undefined;
    if (!this.#counts) return;
    this.#own.count('commands', this.nowMs());
    this.#own.touch(accesses.map(({ object }) => JSON.stringify([this.actor.target, object.kind, object.path])), this.nowMs());
  }

  /** As of now; undefined for a judge that looks at no circumstances. */
  circumstances({ wants }: Judge): Circumstances | undefined {
    return wants && { at: new Date(this.nowMs()).toISOString(), recent: this.#recent(wants), exercised: [...this.#exercised, ...[...this.#ofParty.values()].flat()] };
  }

  /** What its party has done of a separation over a window is gathered anew. */
  learn(separation: string, acts: readonly ExercisedAct[]): void {
    this.#ofParty.set(separation, acts);
  }

  /** What was decided about a command. */
  decided(command: string, { outcome, risk, exercises = [] }: Decision): void {
    if (outcome === 'deny') this.refused();
    if (outcome !== 'allow') return;
    for (const { separation, ...act } of exercises.filter(({ at }) => at !== undefined)) {
      this.#ofParty.set(separation, [...(this.#ofParty.get(separation) ?? []), { separation, ...act, command, by: this.actor.principal }]);
    }
    for (const act of exercises.filter(({ at }) => at === undefined)) {
      const isFirst = !this.#exercised.some(({ separation, side }) => separation === act.separation && side === act.side);
      if (isFirst) this.#exercised.push({ ...act, command });
    }
    const own = (risk?.terms ?? []).reduce((sum, { kind, points }) => (kind === 'recent' ? sum : sum + points), 0);
    if (own > 0) this.#own.count('risk', this.nowMs(), own);
  }

  /** A command was refused, understood or not. */
  refused(): void {
    if (this.#counts) this.#own.count('denials', this.nowMs());
  }

  /** A command has ended, and so many rows of it were seen. */
  ended(rows: number): void {
    if (this.#counts && rows > 0) this.#own.count('rows', this.nowMs(), rows);
  }

  #recent({ recent }: Wanted): Circumstances['recent'] {
    return recent.map(({ measure, minutes }) => ({ measure, minutes, value: this.#own.within(measure, minutes, this.nowMs()) }));
  }

  get #own(): Conduct {
    return this.book.of(this.actor.principal);
  }
}
