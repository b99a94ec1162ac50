import { hash } from 'node:crypto';
import { accepted, canonicalJson, refused, type AggregateStore, type Outcome, type Refusal, type Versioned } from '@interlock/kernel';
import type { Access, Action, Configuration, GatheredFacts, HistoryFacts, ObjectClaim, ObjectRef, ObjectState, Principal } from '@interlock/contracts';
import { creation, factsOf, factsWithoutHistory, toldCreators, UNCLEAR, worstOf, type CreationCommand } from '@interlock/domain-duty';
import { independentThenAndNow } from '@interlock/domain-identity';
import type { Judge } from '@interlock/domain-policy';
import type { Identified, ObjectNames } from './ports.js';

/** Whose command it is, and by which word it is judged. */
export interface Asker {
  readonly requester: Principal;
  readonly target: string;
  readonly configuration: Configuration;
}

/** A claim to one name, as it was stored. */
export interface Claim {
  readonly command: string;
  readonly object: ObjectRef;
  readonly name: string;
  /** What the name meant before: of functions, one of the same name. */
  readonly before: string | undefined;
  readonly state: Versioned<ObjectState>;
}

/** What of an action says which objects it is about. */
export type Meaning = { readonly accesses: readonly Access[]; readonly facts: Readonly<Action['facts']> };

/** By access; null where no rule reads it. */
export type Gathered = readonly (GatheredFacts | null)[];

/** Objects below one object whose histories are looked into. */
const CHILDREN_MAX = 256;
/** Stands in a path for what cannot be told. */
const UNTOLD = '?';

/** Who made which object: stream OBJECTS, read directly and written by compare-and-set. It keeps nothing itself. */
export class CreationHistory {
  constructor(private readonly store: AggregateStore<ObjectState>) {}

  /**
   * What rules may read of the objects of one action; undefined when none reads any of it. What a name means is asked of the
   * session itself, for the catalog may be older than the name. Refuses, retryably, when bus or session do not answer in time.
   */
  async gather(judge: Judge, action: Meaning, asker: Asker, names: ObjectNames): Promise<Outcome<Gathered | undefined>> {
    const needed = action.accesses.map(({ verb }) => judge.readsHistoryOn(verb, asker.target));
    if (!needed.includes(true)) return accepted(undefined);
    const told = action.accesses.map((access, index) => (needed[index] ? toldWithoutHistory(access, action, names) : null));
    const asked = action.accesses.flatMap(({ object }, index) => (told[index] === undefined ? [object] : []));
    if (asked.length === 0) return accepted(told as Gathered);
    const identified = await names.identify(asked);
    if (!identified.ok) return identified;
    return this.#reading(async () => {
      const found = await Promise.all(asked.map((object, index) => this.#factsOf(object, identified.value[index]!, asker, names)));
      return told.map((facts) => (facts === undefined ? found.shift()! : facts));
    });
  }

  /** Claims every name that an action is to create; nothing when one of them is refused. */
  async claim(action: Action, target: string, claim: ObjectClaim, nowMs: number, names: ObjectNames): Promise<Outcome<readonly Claim[]>> {
    const created = action.accesses.filter(({ verb }) => verb === 'create').map(({ object }) => object);
    if (created.some(({ path }) => path.includes(UNTOLD))) return { ok: false, refusal: NAME_UNTOLD };
    const wanted = created.filter((object) => names.nameOf(object) !== undefined);
    if (wanted.length === 0) return accepted([]);
    const identified = await names.identify(wanted);
    if (!identified.ok) return identified;
    const claims: Claim[] = [];
    for (const [index, object] of wanted.entries()) {
      const { id: before, here } = identified.value[index]!;
      if (action.facts['createsUnqualified'] === true && object.path.length > 2 && here !== object.path[1]) return this.#giveUp(claims, NAMES_MOVED);
      if (before !== undefined && replacesUnseen(object, action)) return this.#giveUp(claims, NAMES_MOVED);
      if (before !== undefined && object.kind !== 'function') continue;
      const made = await this.#claimName({ object, before, name: names.nameOf(object)! }, target, claim, nowMs);
      if (!made.ok) return this.#giveUp(claims, made.refusal);
      claims.push(made.value);
    }
    return accepted(claims);
  }

  /** The create made this object, and these came with it. False when it had a history already: then someone else made it. */
  async bind({ command, state: { value, revision }, name }: Claim, ids: readonly [string, ...string[]]): Promise<boolean> {
    const bound = stepped({ kind: 'bind', command, id: ids[0] }, value);
    if (!bound.ok || bound.value.status !== 'bound') return false;
    for (const [index, id] of ids.entries()) {
      const stored = await this.store.put(idKey(value.target, id), { ...bound.value, id }, 0);
      if (!stored.ok && stored.refusal.reason !== 'conflict') throw new HistoryFailed(stored.refusal);
      if (!stored.ok && index === 0) return false;
    }
    await this.#put(nameKey(value.target, name), bound.value, revision);
    return true;
  }

  /** The create made nothing. */
  async release({ command, state: { value, revision }, name }: Claim): Promise<void> {
    const released = stepped({ kind: 'release', command }, value);
    if (released.ok) await this.#put(nameKey(value.target, name), released.value, revision);
  }

  async #factsOf(object: ObjectRef, { id, unqualified, children }: Identified, { requester, target, configuration }: Asker, names: ObjectNames): Promise<HistoryFacts> {
    if (id === undefined || id !== object.id || children.length > CHILDREN_MAX) return UNCLEAR;
    const sharedWith = (creator: Principal): string | undefined => {
      const apart = independentThenAndNow(requester, creator, configuration);
      if (creator.name === requester.name) return 'It is the requester itself.';
      return apart.ok ? undefined : apart.refusal.detail;
    };
    const byName = (await this.store.get(nameKey(target, names.nameOf(object)!)))?.value;
    const ids = [...new Set([id, ...(unqualified === undefined ? [] : [unqualified]), ...children])];
    const histories = await Promise.all(ids.map((one) => this.store.get(idKey(target, one))));
    const creators = toldCreators(histories.map((history) => history?.value), sharedWith);
    const facts = worstOf(histories.map((history) => factsOf({ byId: history?.value, byName }, (creator) => sharedWith(creator) === undefined)));
    return { ...facts, ...(creators.length > 0 && { creators: [...creators] }) };
  }

  async #claimName(wanted: Pick<Claim, 'object' | 'name' | 'before'>, target: string, claim: ObjectClaim, nowMs: number): Promise<Outcome<Claim>> {
    const { name } = wanted;
    const key = nameKey(target, name);
    const read = await this.#reading(() => this.store.get(key));
    if (!read.ok) return read;
    const next = stepped({ kind: 'claim', target, name, claim, nowMs }, read.value?.value);
    if (!next.ok) return next;
    const stored = await this.store.put(key, next.value, read.value?.revision ?? 0);
    if (stored.ok) return accepted({ ...wanted, command: claim.command, state: { value: next.value, revision: stored.value.revision } });
    return { ok: false, refusal: stored.refusal.reason === 'conflict' ? claimedMeanwhile(name) : HISTORY_UNAVAILABLE };
  }

  async #giveUp(claims: readonly Claim[], refusal: Refusal): Promise<{ readonly ok: false; readonly refusal: Refusal }> {
    await Promise.allSettled(claims.map((claim) => this.release(claim)));
    return { ok: false, refusal };
  }

  async #put(key: string, state: ObjectState, revision: number): Promise<void> {
    const stored = await this.store.put(key, state, revision);
    if (!stored.ok) throw new HistoryFailed(stored.refusal);
  }

  /** The store rejects when the bus does not answer within its own time. */
  async #reading<T>(read: () => Promise<T>): Promise<Outcome<T>> {
    try {
      return accepted(await read());
    } catch {
      return { ok: false, refusal: HISTORY_UNAVAILABLE };
    }
  }
}

/** What became of a create could not be written down; its claim stands. */
export class HistoryFailed extends Error {
  override readonly name = 'HistoryFailed';

  constructor(refusal: Refusal) {
    super(refusal.detail);
  }
}

const HISTORY_UNAVAILABLE: Refusal = {
  reason: 'history_unavailable', detail: 'Who made the objects of this command cannot be read or written at this moment, and a rule depends on it.', retryable: true,
  hint: 'Send the command again; if this lasts, tell whoever runs Interlock.',
};
const NAMES_MOVED: Refusal = {
  reason: 'names_moved', detail: 'A name of this command means something else to the session than to the catalog as read here, and a rule depends on what it creates.', retryable: true,
  hint: 'Write the schema of what you create into its name, or commit first.',
};
const NAME_UNTOLD: Refusal = {
  reason: 'name_untold', detail: 'The command creates something without saying its name and schema, and a rule depends on who creates what.', hint: 'Write the full name.',
};

function claimedMeanwhile(name: string): Refusal {
  return refused('object_claimed', `Someone else is creating ${name} at this moment.`, { retryable: true, hint: 'Send the command again, or choose another name.' }).refusal;
}

/** Undefined: history has to be asked. */
function toldWithoutHistory(access: Access, { facts }: Meaning, names: ObjectNames): HistoryFacts | undefined {
  const nameless = access.object.id === undefined || names.nameOf(access.object) === undefined;
  return factsWithoutHistory(access, facts) ?? (nameless ? UNCLEAR : undefined);
}

/** CREATE OR REPLACE of something that the catalog did not have when the command was judged. */
function replacesUnseen(object: ObjectRef, { accesses, facts }: Action): boolean {
  const path = object.path.join('\0');
  return facts['replace'] === true && !accesses.some((access) => access.verb === 'alter' && access.object.path.join('\0') === path);
}

function stepped(command: CreationCommand, state: ObjectState | undefined): Outcome<ObjectState> {
  const decided = creation.decide(command, state);
  if (!decided.ok) return decided;
  return accepted(decided.value.reduce<ObjectState | undefined>((now, event) => creation.evolve(now, event), state)!);
}

function nameKey(target: string, name: string): string {
  return `name.${hash('sha256', canonicalJson([target, name]), 'hex')}`;
}

function idKey(target: string, id: string): string {
  return `id.${hash('sha256', canonicalJson([target, id]), 'hex')}`;
}
