import { draft, type AccessRequest, type AccessState, type Bundle, type Configuration, type Principal } from '@interlock/contracts';
import { access, ACCESS_DECISION_HOURS, accessDigest, isSamePrincipal, type AccessCommand, type AccessEvent } from '@interlock/domain-approval';
import { allowedTo, asOfNow, humansShared, independentThenAndNow, principalNamed, separateWith, shownName, type Recognised } from '@interlock/domain-identity';
import { accepted, fold, refused, type EventDraft, type Ledger, type Outcome, type Refusal } from '@interlock/kernel';

const SEEN_MS = 1_000;
const HOUR_MS = 3_600_000;
/**
 * Requests for roles of one principal within an hour: each is stored for good in a stream that everybody follows. Counted in memory, for it is a brake on loops and no
 * rule about people: a restart lets as many again through, and what may be open at once is counted from what is stored.
 */
const ASKED_PER_HOUR_MAX = 12;

type Attempt = 'request' | 'vote' | 'end';

export interface AccessPorts {
  readonly control: {
    readonly state: { readonly bundle: Pick<Bundle, 'configuration'> | undefined; readonly access: ReadonlyMap<string, AccessState> };
    reached(sequence: number, timeoutMs?: number): Promise<boolean>;
  };
  readonly writer: { putAccess(state: AccessState): Promise<Outcome<{ readonly revision: number }>> };
  readonly ledger: Ledger;
  readonly newId: () => string;
  nowMs(): number;
}

/** What somebody who asks for a role says; for themselves when `for` is absent. */
export interface AccessWish extends Pick<AccessRequest, 'role' | 'seconds' | 'reason'> {
  readonly for?: string;
}

/** Where roles for a time are asked for, decided and ended. Each step is in the ledger first, and then, as one signed state, on the control plane, where it takes effect. */
export class AccessDesk {
  readonly #asked = new Map<string, readonly number[]>();

  constructor(private readonly ports: AccessPorts) {}

  async request({ principal: requester, configuration }: Recognised, { for: name = requester.name, ...wish }: AccessWish): Promise<Outcome<AccessState>> {
    const made = this.#requestOf(requester, name, wish, configuration);
    if (!made.ok) return this.#refuse(requester, 'request', shownName(wish.role), made);
    const few = this.#fewEnough(made.value.principal.name);
    if (!few.ok) return this.#refuse(requester, 'request', wish.role, few);
    const asked = made.value;
    const separate = separateWith(asked.principal, [asked.role], configuration);
    const decided = access.decide({ kind: 'request', request: asked, separate, others: [...this.ports.control.state.access.values()] }, undefined);
    return decided.ok ? this.#store(undefined, decided.value, requester) : this.#refuse(requester, 'request', asked.role, decided);
  }

  async vote({ principal: approver, configuration }: Recognised, id: string, cast: { readonly verdict: 'approve' | 'deny'; readonly digest: string; readonly comment?: string }): Promise<Outcome<AccessState>> {
    const nowMs = this.ports.nowMs();
    return this.#take(approver, 'vote', id, ({ request, votes }) => ({
      kind: 'vote', nowMs, vote: { ...cast, approver, at: new Date(nowMs).toISOString() }, separate: this.#separateNow(request, configuration),
      standing: {
        independentOfRequester: apartFromAll(approver, [request.requester, request.principal], configuration),
        independentOfApprovers: apartFromAll(approver, votes.map((vote) => vote.approver), configuration),
      },
    }));
  }

  /** By the principal, a human behind it, who may decide about the role, or who may lock: ending it gives nobody anything. */
  async end({ principal, configuration }: Recognised, id: string): Promise<Outcome<AccessState>> {
    return this.#take(principal, 'end', id, ({ request }) => ({ kind: 'end', by: principal.name, allowed: this.#concerns(request, principal) ? accepted(principal) : allowedTo(principal, 'locks', configuration) }));
  }

  /** What waits or stands and concerns this reader, the newest first. */
  list({ principal, configuration }: Recognised): AccessState[] {
    const nowMs = this.ports.nowMs();
    const live = [...this.ports.control.state.access.values()].filter(({ status, request, until }) => nowMs < Date.parse(status === 'granted' ? until! : request.expiresAt));
    const readsAll = allowedTo(principal, 'audit', configuration).ok || allowedTo(principal, 'locks', configuration).ok;
    return live.filter(({ request }) => readsAll || this.#concerns(request, principal)).sort((a, b) => b.request.requestedAt.localeCompare(a.request.requestedAt));
  }

  /** Ends what is over. Run on a timer; a role past its time counts nowhere even before this has marked it. */
  async expireOverdue(): Promise<void> {
    const nowMs = this.ports.nowMs();
    for (const state of this.ports.control.state.access.values()) {
      const decided = access.decide({ kind: 'expire', nowMs }, state);
      if (decided.ok && decided.value.length > 0) await this.#store(state, decided.value);
    }
  }

  #requestOf(requester: Principal, name: string, { role, seconds, reason }: Omit<AccessWish, 'for'>, configuration: Configuration): Outcome<AccessRequest> {
    const offer = configuration.roles?.find((one) => one.name === role)?.onRequest;
    const principal = principalNamed(name, configuration);
    if (!principal || !offer?.for.includes(name)) return refused('role_not_obtainable', `Role ${shownName(role)} is not one that ${shownName(name)} can ask for.`, { hint: 'The configuration says who may ask for which role (roles: onRequest).' });
    const isOwn = isSamePrincipal(requester, principal) || (requester.kind === 'human' && humansShared(requester, principal).length > 0);
    if (!isOwn) return refused('not_yours', `${requester.name} is not ${name}, nor does ${requester.name} answer for it.`);
    if (seconds > offer.hoursMax * 3_600) return refused('access_too_long', `Role ${role} is given for ${offer.hoursMax} hours at most.`, { hint: 'Ask for less, and again when it is over.' });
    if (principal.roles.includes(role)) return refused('role_held', `${name} has role ${role} already.`);
    const nowMs = this.ports.nowMs();
    const [requestedAt, expiresAt] = [nowMs, nowMs + ACCESS_DECISION_HOURS * HOUR_MS].map((at) => new Date(at).toISOString()) as [string, string];
    const terms = { id: this.ports.newId(), principal, requester, role, reason, seconds, approvers: [...offer.approvers], requestedAt, expiresAt };
    return accepted({ ...terms, digest: accessDigest(terms) });
  }

  #separateNow(request: AccessRequest, configuration: Configuration): Outcome<unknown> {
    const principal = asOfNow(request.principal, configuration);
    const offer = configuration.roles?.find(({ name }) => name === request.role)?.onRequest;
    if (!principal || !offer?.for.includes(principal.name)) return refused('role_not_obtainable', `Role ${request.role} is no longer one that ${request.principal.name} can ask for.`);
    return separateWith(principal, [request.role], configuration);
  }

  #concerns({ principal, requester, approvers }: AccessRequest, reader: Principal): boolean {
    const isOwn = [principal, requester].some((one) => isSamePrincipal(one, reader) || (reader.kind === 'human' && humansShared(one, reader).length > 0));
    return isOwn || (reader.kind === 'human' && approvers.some(({ role }) => reader.roles.includes(role)));
  }

  #fewEnough(name: string): Outcome<unknown> {
    const nowMs = this.ports.nowMs();
    const lately = (this.#asked.get(name) ?? []).filter((at) => at > nowMs - HOUR_MS);
    if (lately.length >= ASKED_PER_HOUR_MAX) return refused('access_too_many', `${ASKED_PER_HOUR_MAX} roles were asked for ${name} within an hour, and no more may be.`, { retryable: true });
    this.#asked.set(name, [...lately, nowMs]);
    return accepted(undefined);
  }

  async #take(by: Principal, attempt: Attempt, id: string, commandFor: (state: AccessState) => AccessCommand): Promise<Outcome<AccessState>> {
    const state = this.ports.control.state.access.get(id);
    if (!state) return refused('access_unknown', 'There is no open request or role for a time of this id.', { hint: 'List them with `interlock access list`.' });
    const decided = access.decide(commandFor(state), state);
    return decided.ok ? this.#store(state, decided.value, by, attempt) : this.#refuse(by, attempt, id, decided);
  }

  /** What loses the race for the next state is recorded as refused, so that a reader sees that it had no effect. */
  async #store(state: AccessState | undefined, events: readonly AccessEvent[], by?: Principal, attempt: Attempt = 'request'): Promise<Outcome<AccessState>> {
    const next = fold({ ...access, initial: state }, events);
    if (!next) throw new Error('a request that was decided has no state');
    await this.ports.ledger.append(events.map((event) => recordOf(next.id, event)));
    const stored = await this.ports.writer.putAccess(next);
    if (!stored.ok) return by ? this.#refuse(by, attempt, next.id, stored) : stored;
    await this.ports.control.reached(stored.value.revision, SEEN_MS);
    return accepted(next);
  }

  async #refuse(by: Principal, attempt: Attempt, subject: string, { refusal }: { readonly refusal: Refusal }): Promise<Outcome<never>> {
    await this.ports.ledger.append([draft('access.refused.v1', { by: by.name, attempt, subject, reason: refusal.reason, detail: refusal.detail })]);
    return { ok: false, refusal };
  }
}

function recordOf(id: string, event: AccessEvent): EventDraft {
  switch (event.kind) {
    case 'requested':
      return draft('access.requested.v1', { request: event.request });
    case 'voted':
      return draft('access.voted.v1', { access: id, vote: event.vote, status: event.status, ...(event.status === 'granted' && { until: event.until }) });
    case 'ended':
      return draft('access.ended.v1', { access: id, status: event.status, ...(event.by !== undefined && { by: event.by }) });
  }
}

function apartFromAll(approver: Principal, others: readonly Principal[], configuration: Configuration): Outcome<unknown> {
  return others.map((other) => independentThenAndNow(approver, other, configuration)).find((apart) => !apart.ok) ?? accepted(undefined);
}
