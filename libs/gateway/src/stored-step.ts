import { refused, type AggregateStore, type Decider, type Outcome, type Refusal, type Versioned } from '@interlock/kernel';

/** What became of one step of a stored state; refused, the state that was in the way of it. */
export type Stepped<Event, State> =
  | { readonly ok: true; readonly events: readonly Event[]; readonly before: State | undefined; readonly state: State | undefined }
  | { readonly ok: false; readonly refusal: Refusal; readonly state?: State | undefined };

export interface Stepping<Command, Event, State> {
  readonly store: AggregateStore<State>;
  readonly key: string;
  readonly decider: Decider<Command, Event, State | undefined>;
}

/** How often a change is tried anew that another connector was faster with. */
const ATTEMPTS = 8;

/**
 * One step of what is stored of a budget: anew when another connector was faster, never when it is not known what became of it. A step without an event
 * changes nothing and reads what is stored.
 */
export async function stepStored<Command, Event, State>({ store, key, decider }: Stepping<Command, Event, State>, command: Command): Promise<Stepped<Event, State>> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const read = await readStored(store, key);
    if (!read.ok) return read;
    const before = read.value?.value;
    const decided = decider.decide(command, before);
    if (!decided.ok) return { ...decided, state: before };
    const [events, state] = [decided.value, decided.value.reduce((now, event) => decider.evolve(now, event), before)];
    if (events.length === 0 || state === undefined) return { ok: true, events, before, state };
    const stored = await store.put(key, state, read.value?.revision ?? 0);
    if (stored.ok) return { ok: true, events, before, state };
    if (stored.refusal.reason !== 'conflict') return UNAVAILABLE;
  }
  return UNAVAILABLE;
}

/** The store rejects when the bus does not answer within its own time. */
async function readStored<State>(store: AggregateStore<State>, key: string): Promise<Outcome<Versioned<State> | undefined>> {
  try {
    return { ok: true, value: await store.get(key) };
  } catch {
    return UNAVAILABLE;
  }
}

const UNAVAILABLE: { readonly ok: false; readonly refusal: Refusal } = refused('budget_unavailable', 'What is left of a budget cannot be read or written at this moment, and the command is under it.', {
  retryable: true, hint: 'Send the command again; if this lasts, tell whoever runs Interlock.',
});
