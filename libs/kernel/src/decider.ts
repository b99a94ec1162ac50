import type { Outcome } from './outcome.js';

/**
 * The grammar of every rule in the house: a command and what is known give events, or a refusal.
 *
 * `decide` and `evolve` are pure: time, identifiers and fetched facts arrive inside the command.
 */
export interface Decider<Command, Event, State> {
  readonly initial: State;
  decide(command: Command, state: State): Outcome<readonly Event[]>;
  evolve(state: State, event: Event): State;
}

/** Folds a history into the state it leaves. */
export function fold<Command, Event, State>(decider: Decider<Command, Event, State>, history: Iterable<Event>): State {
  let state = decider.initial;
  for (const event of history) state = decider.evolve(state, event);
  return state;
}
