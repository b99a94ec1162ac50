import { accepted, refused, type EventDraft, type Outcome } from '@interlock/kernel';
import { draft, type Action, type ObjectClaim } from '@interlock/contracts';
import { standingBehind } from '@interlock/domain-duty';
import type { Judge } from '@interlock/domain-policy';
import type { ControlPlaneWatch } from './control-plane-watch.js';
import type { Claim, CreationHistory, Gathered, Meaning } from './history.js';
import type { Clock, Identified, ObjectNames } from './ports.js';
import type { PartyActsBook } from './party-acts.js';
import { REFUSALS } from './refusals.js';
import type { Session, Verdict } from './session.js';

export interface CustodyPorts {
  readonly history: CreationHistory;
  readonly acts: PartyActsBook;
  readonly names: ObjectNames;
  readonly watch: Pick<ControlPlaneWatch, 'inForce'>;
  readonly clock: Clock;
  readonly session: Session;
  readonly onProblem: (problem: string) => void;
}

/**
 * What one session's commands lay claim to. What they make, from their claims to the ids of what was made:
 *
 *     gather ─▶ decide ─▶ claim ─▶ record ─▶ forward ─▶ ended ─▶ settle: the session says what the name means now
 *                                                           ├─ made: bound   └─ nothing made: released
 *                                                           └─ (never told) the claim stands
 *
 * All of that only while a rule in force that may apply at this target reads the history of objects. And which acts they take for its party, where
 * acts are kept apart over a window: those are claimed once everything else is, and stay.
 */
export class Custody {
  readonly #ports: CustodyPorts;
  /** Forwarded, or about to be. */
  readonly #underWay = new Map<string, readonly Claim[]>();
  #ended: { readonly claim: Claim; readonly made: boolean }[] = [];

  constructor(ports: CustodyPorts) {
    this.#ports = ports;
  }

  /** Something has ended, and what became of it is not written down. */
  get hasEnded(): boolean {
    return this.#ended.length > 0;
  }

  /** Whether anything has to be gathered before commands are judged. */
  gathersFor(judge: Judge): boolean {
    const { target } = this.#ports.session.opening;
    return judge.readsHistoryAt(target.name) || judge.readsEstimateAt(target.name) || (judge.wants?.windows ?? []).length > 0;
  }

  /** What rules may read of the objects of an action, as of now; undefined when none reads any of it. The session learns what its party has done. */
  async gather(judge: Judge, action: Meaning): Promise<Outcome<Gathered | undefined>> {
    const { history, names, watch, session } = this.#ports;
    const learnt = await this.#learnActs(judge, action);
    if (!learnt.ok) return learnt;
    if (!judge.readsHistoryAt(session.opening.target.name)) return accepted(undefined);
    const configuration = watch.inForce?.bundle.configuration;
    if (!configuration) return { ok: false, refusal: REFUSALS.notConfigured };
    return history.gather(judge, action, { requester: session.opening.principal, target: session.opening.target.name, configuration }, names);
  }

  /** Claims what these commands create and which acts they are, before they are forwarded; the events that say what is created. Refused, it has claimed no object. */
  async claim(judge: Judge, verdicts: readonly Verdict[]): Promise<Outcome<readonly EventDraft[]>> {
    const claimed = await this.#claimObjects(judge, verdicts);
    const exercised = claimed.ok ? await this.#exercise(judge, verdicts) : claimed;
    if (exercised.ok || !claimed.ok) return claimed;
    for (const { command } of verdicts) this.ended(command, false);
    return exercised;
  }

  async #learnActs(judge: Judge, action: Meaning): Promise<Outcome<unknown>> {
    const { acts, clock, session } = this.#ports;
    const { principal, target } = session.opening;
    for (const rule of judge.windowsOn?.(principal, target, action) ?? []) {
      const done = await acts.done(rule, standingBehind(principal), clock.nowMs());
      if (!done.ok) return done;
      session.learn(rule.name, done.value);
    }
    return accepted(undefined);
  }

  async #exercise(judge: Judge, verdicts: readonly Verdict[]): Promise<Outcome<unknown>> {
    const { acts, clock, session: { opening: { principal } } } = this.#ports;
    for (const { command, decision: { exercises = [] } } of verdicts) {
      for (const rule of judge.wants?.windows ?? []) {
        const own = exercises.filter(({ separation }) => separation === rule.name).map((act) => ({ ...act, by: principal.name, command }));
        const stored = own.length === 0 ? accepted(undefined) : await acts.exercise(rule, standingBehind(principal), { acts: own, nowMs: clock.nowMs() });
        if (!stored.ok) return stored;
      }
    }
    return accepted(undefined);
  }

  async #claimObjects(judge: Judge, verdicts: readonly Verdict[]): Promise<Outcome<readonly EventDraft[]>> {
    if (!judge.readsHistoryAt(this.#ports.session.opening.target.name)) return accepted([]);
    const drafts: EventDraft[] = [];
    let moved = false;
    for (const [index, { command, action }] of verdicts.entries()) {
      const isUnsettled = this.#underWay.size > 0 || this.hasEnded;
      const mixed = mayMoveNames(action) ? isUnsettled : moved && creates(action);
      const claimed = mixed ? refused(...TOGETHER) : await this.#claimOne(command, action);
      moved ||= mayMoveNames(action);
      if (!claimed.ok) {
        for (const { command: earlier } of verdicts.slice(0, index)) this.ended(earlier, false);
        return claimed;
      }
      if (claimed.value.length > 0) this.#underWay.set(command, claimed.value);
      for (const claim of claimed.value) drafts.push(this.#event('object.claimed.v1', claim, { unresolved: claimsOf(claim).slice(0, -1).map((one) => one.command) }));
    }
    return accepted(drafts);
  }

  /** A command has ended. `made`: the target said that it was done. */
  ended(command: string, made: boolean): void {
    const claims = this.#underWay.get(command) ?? [];
    this.#underWay.delete(command);
    this.#ended.push(...claims.map((claim) => ({ claim, made })));
  }

  /** Writes down what became of everything that has ended; what cannot be told now stays for the next time. Never rejects. */
  async settle(): Promise<void> {
    const ended = this.#ended;
    this.#ended = [];
    const made = ended.filter((one) => one.made).map(({ claim }) => claim);
    const identified = made.length === 0 ? accepted([]) : await this.#ports.names.identify(made.map(({ object }) => object));
    if (!identified.ok) this.#ended.push(...made.map((claim) => ({ claim, made: true })));
    else for (const [index, claim] of made.entries()) await this.#write(claim, identified.value[index]!);
    for (const { claim } of ended.filter((one) => !one.made)) await this.#write(claim, undefined);
  }

  #claimOne(command: string, action: Action): Promise<Outcome<readonly Claim[]>> {
    const { history, names, clock, session } = this.#ports;
    const nowMs = clock.nowMs();
    const claim: ObjectClaim = { by: session.opening.principal, session: session.id, command, at: new Date(nowMs).toISOString() };
    return history.claim(action, session.opening.target.name, claim, nowMs, names);
  }

  /** Without an identity nothing was made. Of several functions nobody can say which it is: the claim stands. */
  async #write(claim: Claim, identity: Identified | undefined): Promise<void> {
    if (identity?.several) return;
    try {
      const id = identity?.id === claim.before ? undefined : identity?.id;
      const creators = claimsOf(claim).map(({ by }) => by.name);
      if (id !== undefined && (await this.#ports.history.bind(claim, [id, ...identity!.parts]))) return this.#ports.session.tell([this.#event('object.bound.v1', claim, { id, creators })]);
      await this.#ports.history.release(claim);
      this.#ports.session.tell([this.#event('object.released.v1', claim, {})]);
    } catch (fault) {
      this.#ports.onProblem(`What became of the create of ${claim.name} could not be written down (${fault instanceof Error ? fault.name : 'fault'}); its claim stands.`);
    }
  }

  #event<T extends 'object.claimed.v1' | 'object.bound.v1' | 'object.released.v1'>(type: T, { command, name }: Claim, more: object): EventDraft {
    const { session } = this.#ports;
    const about = { session: session.id, exchange: session.opening.exchange, command };
    return { ...draft(type, { target: session.opening.target.name, name, ...more } as never, about), seal: session.opening.seal };
  }
}

const TOGETHER = ['create_needs_its_own_message', 'The command may move names while something is being created whose identity is not known yet, and a rule depends on who creates what.', {
  retryable: true, hint: 'Send what creates and what changes objects in messages of their own, each ended by its Sync.',
}] as const;

const MOVING = new Set(['alter', 'drop', 'rename', 'do', 'call', 'administer', 'reassign']);

/** Whether a name may mean something else after this than before. */
function mayMoveNames({ accesses, facts }: Action): boolean {
  return facts['opaque'] !== false || accesses.some(({ verb }) => MOVING.has(verb));
}

function creates({ accesses }: Action): boolean {
  return accesses.some(({ verb }) => verb === 'create');
}

function claimsOf({ state: { value } }: Claim): readonly ObjectClaim[] {
  return value.status === 'claimed' ? value.claims : [];
}
