import { hash } from 'node:crypto';
import { accepted, canonicalJson, refused, type AggregateStore, type Outcome, type Refusal, type Versioned } from '@interlock/kernel';
import type { DynamicSeparation, ExercisedAct, PartyActs } from '@interlock/contracts';
import { exclusion, isCovered, type ExerciseCommand } from '@interlock/domain-duty';
import type { WindowSeparation } from '@interlock/domain-policy';

/** How often a change is tried anew that another connector was faster with. */
const ATTEMPTS = 8;
/** States kept at hand; beyond, all of them are read anew. */
const KEPT = 10_000;

/** What is about to be done, and when. */
export type Exercise = Pick<ExerciseCommand, 'acts' | 'nowMs'>;

/**
 * What was done of acts that are kept apart over a window, by everyone behind whom someone stands: stream ACTS, read directly and written by
 * compare-and-set. A state is kept at hand only while an act of it counts as done now, since nothing that it excludes can be stored meanwhile.
 */
export class PartyActsBook {
  readonly #atHand = new Map<string, Versioned<PartyActs>>();

  constructor(private readonly store: AggregateStore<PartyActs>) {}

  /** Everything that was done; each act once. Refuses, retryably, when the bus does not say. */
  async done(rule: WindowSeparation, behind: readonly string[], nowMs: number): Promise<Outcome<readonly ExercisedAct[]>> {
    const states = await Promise.all(behind.map((one) => this.#state(keyOf(rule, one), nowMs)));
    const failed = states.find((state) => !state.ok);
    if (failed && !failed.ok) return failed;
    const found = states.flatMap((state) => (state.ok && state.value ? state.value.value.acts.map((act) => ({ ...act, separation: rule.name, behind: state.value!.value.behind })) : []));
    return accepted(found.filter((act, index) => found.findIndex((other) => isOne(act, other)) === index));
  }

  /**
   * Stores that these acts are done, for each of those who stand behind them. Refuses where one of them has done meanwhile what they exclude, and
   * retryably when the bus does not say. What was stored before it was refused stays: it counts as done, and was not.
   */
  async exercise(rule: WindowSeparation, behind: readonly string[], exercise: Exercise): Promise<Outcome<unknown>> {
    for (const one of behind) {
      const stored = await this.#exerciseOf(rule, one, exercise);
      if (!stored.ok) return stored;
    }
    return accepted(undefined);
  }

  async #exerciseOf(rule: WindowSeparation, behind: string, { acts, nowMs }: Exercise): Promise<Outcome<unknown>> {
    const key = keyOf(rule, behind);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const state = await this.#state(key, nowMs);
      if (!state.ok) return state;
      const decided = exclusion.decide({ kind: 'exercise', behind, acts, windowMs: rule.windowSeconds * 1_000, nowMs }, state.value?.value);
      if (!decided.ok) return { ok: false, refusal: ofRule(rule, decided.refusal) };
      if (decided.value.length === 0) return accepted(undefined);
      const value = decided.value.reduce<PartyActs | undefined>((now, event) => exclusion.evolve(now, event), state.value?.value)!;
      const stored = await this.store.put(key, value, state.value?.revision ?? 0);
      if (stored.ok) return accepted(this.#keep(key, { value, revision: stored.value.revision }));
      this.#atHand.delete(key);
      if (stored.refusal.reason !== 'conflict') return UNAVAILABLE;
    }
    return UNAVAILABLE;
  }

  /** The store rejects when the bus does not answer within its own time. */
  async #state(key: string, nowMs: number): Promise<Outcome<Versioned<PartyActs> | undefined>> {
    const atHand = this.#atHand.get(key);
    if (atHand && isCovered(atHand.value, nowMs)) return accepted(atHand);
    this.#atHand.delete(key);
    try {
      return accepted(await this.store.get(key));
    } catch {
      return UNAVAILABLE;
    }
  }

  #keep(key: string, state: Versioned<PartyActs>): void {
    if (this.#atHand.size >= KEPT) this.#atHand.clear();
    this.#atHand.set(key, state);
  }
}

/** Other acts begin at nothing; a separation by another name or over another window goes on from what was done. */
function keyOf({ between }: Pick<DynamicSeparation, 'between'>, behind: string): string {
  return hash('sha256', canonicalJson([between, behind]), 'hex');
}

/** An act that is counted for several who stand behind it is one act. */
function isOne(act: ExercisedAct, other: ExercisedAct): boolean {
  return act.side === other.side && act.moves === other.moves && act.command === other.command;
}

function ofRule({ name, reason }: DynamicSeparation, { reason: code, detail }: Refusal): Refusal {
  return { reason: code, rule: name, detail: `${reason ?? 'One party may not do both.'} ${detail}`, hint: 'Let another party do it.' };
}

const UNAVAILABLE: { readonly ok: false; readonly refusal: Refusal } = refused('acts_unavailable', 'What was done of two acts that are kept apart cannot be read or written at this moment, and the command may be one of them.', {
  retryable: true, hint: 'Send the command again; if this lasts, tell whoever runs Interlock.',
});
