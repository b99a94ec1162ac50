import { draft, type ApprovalRequest, type Assertion, type Configuration, type GrantState, type Principal, type Trust, type Vote } from '@interlock/contracts';
import { approval, askedBefore, glassStatus, isOpen, isSamePrincipal, peopleOf, placeFor, type ApprovalCommand, type ApprovalEvent, type Holder } from '@interlock/domain-approval';
import { asOfNow, connectorOf, humansShared, independentThenAndNow, linksBetween, mayBeActedFor } from '@interlock/domain-identity';
import { accepted, fold, refused, unreachable, type AggregateStore, type EventDraft, type Ledger, type Outcome, type Refusal, type Versioned } from '@interlock/kernel';
import { Admission } from './admission.js';

const CONFLICT_ATTEMPTS = 5;
/** What a connector names an approval; the bus knows no other keys. */
const GRANT_ID = /^[A-Za-z0-9_-]{1,128}$/;

export function isGrantId(id: string): boolean {
  return GRANT_ID.test(id);
}

export interface DeskPorts {
  readonly grants: AggregateStore<GrantState>;
  readonly ledger: Ledger;
  readonly trust: Trust;
  nowMs(): number;
  /** Whether this is a good signature of this person over this digest; the vault knows. */
  checkSignature(person: Pick<Principal, 'issuer' | 'subject'>, grantDigest: string, assertion: Assertion): Promise<Outcome<unknown>>;
  /** The configuration in force, with or without the roles that are granted for a time; undefined before the first one. */
  configuration(roles: 'now' | 'for-good'): Configuration | undefined;
  /** Whose seat a vote in that person's stead fills; without this nobody votes for another. */
  inSteadOf?(delegate: Principal, delegator: string, request: ApprovalRequest): Outcome<NonNullable<Vote['inSteadOf']>>;
}

/**
 * Where approvals are asked for, voted on and ended.
 *
 * Every step is recorded first and takes effect second: its event is acknowledged by the ledger, then the grant's new
 * state is stored by compare-and-set. A step that loses that race is decided again on what won; the ledger then holds
 * `approval.rejected` for it, so a reader sees that it had no effect. A step whose storing was not reached (a crash) had
 * no effect either: the one who took it got no answer, and the approval expires in its window.
 */
export class ApprovalDesk {
  readonly #admission: Admission;

  constructor(private readonly ports: DeskPorts) {
    this.#admission = new Admission(ports.grants, () => ports.nowMs(), () => ports.configuration('for-good')?.roles ?? []);
  }

  /** Asks people, or finds what the same command asked for before and nobody waits for any more. */
  async request(asked: ApprovalRequest): Promise<Outcome<{ readonly id: string; readonly resumed?: GrantState }>> {
    if (!connectorOf(asked.connector, this.ports.trust)) return refused('connector_unknown', 'No connector of this name belongs to this installation.');
    if (!isGrantId(asked.id)) return refused('approval_id_invalid', 'An approval is named by 1 to 128 letters, digits, dashes and underscores.');
    if (asked.ask.glass) return refused('glass_not_asked', 'A broken glass asks nobody.');
    const agreed = (await this.resume(asked)) ?? (await this.draw(asked));
    if (agreed) return accepted({ id: agreed.request.id, resumed: agreed });
    const outcome = await this.#admission.enter(asked, () => this.take(asked.id, () => ({ kind: 'request', request: asked })));
    return outcome.ok ? accepted({ id: asked.id }) : outcome;
  }

  /** Of several that come back at once one finds it; the others look on, and ask anew in the end. */
  private async resume(asked: ApprovalRequest): Promise<GrantState | undefined> {
    const nowMs = this.ports.nowMs();
    const before = (await this.ports.grants.list()).map(({ value }) => value);
    if (before.some(({ request }) => request.id === asked.id)) return undefined;
    for (let left = before; ;) {
      const found = askedBefore(asked, left, nowMs);
      if (!found) return undefined;
      const resumed = await this.take(found.request.id, () => ({ kind: 'resume', asked, nowMs }));
      if (resumed.ok) return resumed.value;
      left = left.filter((state) => state !== found);
    }
  }

  /** Asks people about a plan. */
  propose(plan: ApprovalRequest): Promise<Outcome<GrantState>> {
    return this.#admission.enter(plan, () => this.take(plan.id, () => ({ kind: 'request', request: plan })));
  }

  /**
   * A command of an approved plan takes its place there, and gets a grant of its own. The place is taken first: a crash in between leaves it
   * taken without a grant, and the command is asked about as any other.
   */
  private async draw(asked: ApprovalRequest): Promise<GrantState | undefined> {
    const nowMs = this.ports.nowMs();
    const states = new Map((await this.ports.grants.list()).map(({ key, value }) => [key, value]));
    const own = states.get(asked.id);
    if (own) return own.planned && own;
    for (;;) {
      const place = placeFor(asked, [...states.values()], nowMs, (grant) => states.get(grant)?.status === 'consumed');
      if (!place) return undefined;
      const drawn = await this.take(place.plan.id, () => ({ kind: 'draw', entry: place.entry, asked, nowMs }));
      states.set(place.plan.id, (await this.ports.grants.get(place.plan.id))!.value);
      if (!drawn.ok) continue;
      const { request: plan, votes } = drawn.value;
      const granted = await this.take(asked.id, () => ({ kind: 'request', request: asked, planned: { plan, entry: place.entry, votes } }));
      return granted.ok ? granted.value : undefined;
    }
  }

  async withdraw(id: string, by: Holder): Promise<Outcome<GrantState>> {
    if (!isGrantId(id)) return noSuchId();
    return this.take(id, () => ({ kind: 'withdraw', by }));
  }

  /** Of the requester itself or a human behind it, then or now; an unsuccessful try is recorded. */
  async takeBack(id: string, by: Principal): Promise<Outcome<GrantState>> {
    if (!isGrantId(id)) return noSuchId();
    const outcome = await this.take(id, (state) => ({ kind: 'takeBack', by, isOwn: state !== undefined && isOwn(by, state.request.requester, this.ports.configuration('now')) }));
    if (!outcome.ok) await this.recordRejection(id, by.name, outcome.refusal);
    return outcome;
  }

  async vote(id: string, approver: Principal, cast: Pick<Vote, 'verdict' | 'grantDigest' | 'comment' | 'via' | 'batch' | 'assertion'>, delegator?: string): Promise<Outcome<GrantState>> {
    if (!isGrantId(id)) return noSuchId();
    const nowMs = this.ports.nowMs();
    const inSteadOf = await this.inSteadOf(id, approver, delegator);
    const signed = cast.assertion && delegator === undefined ? await this.ports.checkSignature(approver, cast.grantDigest, cast.assertion) : accepted(undefined);
    const vote: Vote = { ...cast, approver: cast.assertion ? this.forGood(approver) : approver, at: new Date(nowMs).toISOString(), ...(inSteadOf.ok && inSteadOf.value && { inSteadOf: inSteadOf.value }) };
    const objection = [inSteadOf, signed].find((checked) => !checked.ok);
    const outcome = objection && !objection.ok ? objection : await this.take(id, (state) => ({ kind: 'vote', vote, standing: this.standing(state, vote), nowMs }));
    if (!outcome.ok) await this.recordRejection(id, approver.name, outcome.refusal);
    return outcome;
  }

  /** Broken glasses that nobody has reviewed whole yet, and then those of this status, newest first; everything when no status is given. */
  async list(status?: GrantState['status']): Promise<readonly GrantState[]> {
    const all = (await this.ports.grants.list()).map((grant) => grant.value).sort((a, b) => b.request.requestedAt.localeCompare(a.request.requestedAt));
    const due = status === undefined || status === 'pending' ? all.filter((grant) => glassStatus(grant) === 'due') : [];
    return [...due, ...all.filter((grant) => (!status || grant.status === status) && !due.includes(grant))];
  }

  /** Every approval as it is stored. */
  states(): Promise<readonly Versioned<GrantState>[]> {
    return this.ports.grants.list();
  }

  async show(id: string): Promise<Outcome<GrantState>> {
    if (!isGrantId(id)) return noSuchId();
    const found = await this.ports.grants.get(id);
    return found ? accepted(found.value) : unknown(id);
  }

  /** Ends what is over. Run on a timer; a grant past its window cannot be used even before this has marked it. */
  async expireOverdue(): Promise<void> {
    const nowMs = this.ports.nowMs();
    for (const { key, value } of await this.ports.grants.list()) {
      if (isOpen(value) && nowMs >= Date.parse(value.request.expiresAt)) await this.take(key, () => ({ kind: 'expire', nowMs }));
    }
  }

  /** Roles for a time sign nothing: the vault, which has only approval's word for them, does not count them either. */
  private forGood(approver: Principal): Principal {
    const configuration = this.ports.configuration('for-good');
    const present = configuration && asOfNow(approver, configuration);
    return { ...approver, roles: approver.roles.filter((role) => present?.roles.includes(role)) };
  }

  private async inSteadOf(id: string, approver: Principal, delegator: string | undefined): Promise<Outcome<Vote['inSteadOf']>> {
    if (delegator === undefined) return accepted(undefined);
    const found = await this.show(id);
    if (!found.ok) return found;
    return this.ports.inSteadOf?.(approver, delegator, found.value.request) ?? refused('not_delegated', 'Nobody votes in the stead of another here.');
  }

  /** Whose hands the request is in, by the configuration of this moment; the one it was made under is judged as well. */
  private standing(state: GrantState | undefined, vote: Vote): { independentOfRequester: Outcome<unknown>; independentOfApprovers: Outcome<unknown> } {
    if (!state) return { independentOfRequester: accepted(undefined), independentOfApprovers: accepted(undefined) };
    return {
      independentOfRequester: this.allApart(vote, [state.request.requester]),
      independentOfApprovers: this.allApart(vote, state.votes.flatMap(peopleOf)),
    };
  }

  private allApart(vote: Vote, others: readonly Principal[]): Outcome<unknown> {
    return firstRefusal(peopleOf(vote).flatMap((person) => others.map((other) => this.independentThenAndNow(person, other))));
  }

  private independentThenAndNow(approver: Principal, other: Principal): Outcome<unknown> {
    const configuration = this.ports.configuration('now');
    if (!configuration) return refused('not_configured', 'There is no configuration, so nobody is known to be independent of anyone.', { retryable: true });
    const acting = mayBeActedFor(other, configuration);
    if (!acting.ok) return acting;
    const apart = independentThenAndNow(approver, other, configuration);
    return apart.ok ? apart : withLinks(apart.refusal, linksBetween(approver, other, configuration));
  }

  private async take(id: string, commandFor: (state: GrantState | undefined) => ApprovalCommand): Promise<Outcome<GrantState>> {
    for (let attempt = 0; attempt < CONFLICT_ATTEMPTS; attempt += 1) {
      const present = await this.ports.grants.get(id);
      const decided = approval.decide(commandFor(present?.value), present?.value);
      if (!decided.ok) return decided;
      if (decided.value.length === 0) return present ? accepted(present.value) : unknown(id);
      const stored = await this.recordAndStore(id, present, decided.value);
      if (stored.ok) return stored;
      await this.recordRejection(id, 'interlock', { reason: 'conflict', detail: 'Another decision about this approval was stored first; this one had no effect.' });
    }
    return refused('conflict', 'This approval is being decided by several people at once.', { retryable: true, hint: 'Look at it again and repeat your decision.' });
  }

  private async recordAndStore(id: string, present: Versioned<GrantState> | undefined, events: readonly ApprovalEvent[]): Promise<Outcome<GrantState>> {
    const next = fold({ ...approval, initial: present?.value }, events);
    if (!next) throw new Error('an approval that was decided has no state');
    await this.ports.ledger.append(events.map((event) => recordOf(id, next.request, event)));
    const stored = await this.ports.grants.put(id, next, present?.revision ?? 0);
    return stored.ok ? accepted(next) : stored;
  }

  async recordRejection(id: string, approver: string, refusal: Refusal): Promise<void> {
    await this.ports.ledger.append([draft('approval.rejected.v1', { grant: id, approver, reason: refusal.reason, detail: refusal.detail })]);
  }
}

function recordOf(grant: string, asked: ApprovalRequest, event: ApprovalEvent): EventDraft {
  const about = asked.plan ? {} : { session: asked.session, command: asked.command };
  switch (event.kind) {
    case 'resumed':
      return draft('approval.resumed.v1', { grant, holder: event.holder }, { session: event.holder.session, command: event.holder.command });
    case 'requested':
      return draft('approval.requested.v1', { request: event.request, ...(event.planned && { planned: { plan: event.planned.plan.id, entry: event.planned.entry } }) }, about);
    case 'drawn':
      return draft('plan.drawn.v1', { grant, entry: event.entry, as: event.grant }, { session: event.asked.session, command: event.asked.command });
    case 'voted':
      return draft('approval.voted.v1', { grant, vote: event.vote, status: event.status }, about);
    case 'withdrawn':
    case 'expired':
      return draft('approval.ended.v1', { grant, status: event.kind, ...('by' in event && event.by !== undefined && { by: event.by }) }, about);
    case 'consumed':
      throw new Error('a grant is used by its connector, which records the use itself');
    default:
      return unreachable(event);
  }
}

/** Whether someone is the requester, or is known to stand behind it by the request or by the configuration of now. */
function isOwn(by: Principal, requester: Principal, configuration: Configuration | undefined): boolean {
  if (isSamePrincipal(by, requester)) return true;
  const now = configuration && asOfNow(requester, configuration);
  return by.kind === 'human' && [requester, ...(now ? [now] : [])].some((one) => humansShared(by, one).length > 0);
}

function firstRefusal(outcomes: readonly Outcome<unknown>[]): Outcome<unknown> {
  return outcomes.find((outcome) => !outcome.ok) ?? accepted(undefined);
}

/** The same refusal, which also says by which links. */
function withLinks(refusal: Refusal, links: readonly string[]): Outcome<never> {
  return { ok: false, refusal: links.length === 0 ? refusal : { ...refusal, detail: `${refusal.detail.replace(/\.$/, '')}: ${links.join('; ')}.` } };
}

/** What was sent in its place is not repeated. */
export function noSuchId(): Outcome<never> {
  return refused('approval_unknown', 'There is no such approval.', { hint: 'List the pending ones with `interlock approvals list`.' });
}

function unknown(id: string): Outcome<never> {
  return refused('approval_unknown', `There is no approval ${id}.`, { hint: 'List the pending ones with `interlock approvals list`.' });
}
