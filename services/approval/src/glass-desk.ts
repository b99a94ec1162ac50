import { draft, type ApprovalRequest, type Configuration, type GrantState, type Principal, type Review, type RpcClient, type Trust } from '@interlock/contracts';
import { belowCeilings, glass, glassStatus, isOverdue, isToSettle, shortEnough, type GlassCommand, type GlassEvent } from '@interlock/domain-approval';
import { connectorOf, independentThenAndNow } from '@interlock/domain-identity';
import { accepted, fold, refused, unreachable, type AggregateStore, type EventDraft, type Ledger, type Outcome, type Refusal, type Versioned } from '@interlock/kernel';
import { isGrantId } from './desk.js';

const CONFLICT_ATTEMPTS = 5;

export interface GlassPorts {
  readonly grants: AggregateStore<GrantState>;
  readonly ledger: Ledger;
  readonly rpc: Pick<RpcClient, 'call'>;
  readonly trust: Trust;
  nowMs(): number;
  /** The configuration in force, with the roles that hold now; undefined before the first one. */
  configuration(): Configuration | undefined;
  /** Whoever runs Interlock hears of it at once. */
  warn(message: string, about: Readonly<Record<string, string>>): void;
}

/**
 * Where the glass is broken, reviewed and found overdue. Each step is acknowledged by the ledger before it takes effect: without it nothing is broken. What is
 * overdue is locked by identity first and marked second, and so is the end of that lock, so that a step that died in between is taken again.
 */
export class GlassDesk {
  constructor(private readonly ports: GlassPorts) {}

  /** At once, by the one who sends the command. No rule's limit of asks holds it, for nobody is asked; what one requester may have stored does. */
  async break(request: ApprovalRequest): Promise<Outcome<{ readonly id: string; readonly resumed: GrantState }>> {
    if (!isGrantId(request.id) || !connectorOf(request.connector, this.ports.trust)) return refused('connector_unknown', 'No connector of this installation names this so.');
    const short = shortEnough(request);
    const few = short.ok ? belowCeilings({ ...request, ask: { ...request.ask, limits: [] } }, (await this.ports.grants.list()).map(({ value }) => value), this.ports.nowMs()) : short;
    const broken = few.ok ? await this.#take(request.id, () => ({ kind: 'break', request, nowMs: this.ports.nowMs() })) : few;
    if (!broken.ok) return this.refuse(request.id, request.requester.name, 'break', broken.refusal);
    const { requester, target, ask } = request;
    this.ports.warn('the glass was broken', { grant: request.id, principal: requester.name, target, rules: ask.rules.join(', '), reviewBy: broken.value.glass!.dueAt });
    return accepted({ id: request.id, resumed: broken.value });
  }

  async review(id: string, reviewer: Principal, said: Pick<Review, 'verdict' | 'grantDigest' | 'note'>): Promise<Outcome<GrantState>> {
    const review: Review = { ...said, reviewer, at: new Date(this.ports.nowMs()).toISOString() };
    const reviewed = await this.#take(id, (state) => ({ kind: 'review', review, standing: this.#standing(reviewer, state) }));
    if (!reviewed.ok) return this.refuse(id, reviewer.name, 'review', reviewed.refusal);
    const { requester } = reviewed.value.request;
    if (said.verdict === 'object') this.ports.warn('a broken glass is objected to', { grant: id, principal: requester.name, by: reviewer.name });
    return reviewed;
  }

  /** Locks whoever has not been reviewed in time, and lets go of who has been since. Run on a timer. */
  async sweep(): Promise<void> {
    const nowMs = this.ports.nowMs();
    for (const { key, value } of await this.ports.grants.list()) {
      if (isOverdue(value, nowMs) && value.glass!.overdueAt === undefined) await this.#lock(key, value, nowMs);
      else if (isToSettle(value)) await this.#settle(key, value, nowMs);
    }
  }

  /** What was reviewed late is marked alone: a lock that stands for it, set by a step that died, is let go of next. */
  async #lock(grant: string, state: GrantState, nowMs: number): Promise<void> {
    const { request, glass: broken } = state;
    if (glassStatus(state) !== 'due') return void (await this.#take(grant, () => ({ kind: 'overdue', nowMs })));
    const { requester: { name } } = request;
    const reason = `Glass ${grant}, which ${name} broke, was to be reviewed by two people until ${broken!.dueAt}.`;
    const locked = await this.ports.rpc.call('identity.lockUnreviewed', { grant, principal: name, reason });
    if (!locked.ok) return this.ports.warn('an overdue review could not be locked', { grant, principal: name, problem: locked.refusal.detail });
    await this.#take(grant, () => ({ kind: 'overdue', nowMs }));
    this.ports.warn('a broken glass was not reviewed in time; whoever broke it is locked', { grant, principal: name });
  }

  async #settle(grant: string, { glass: broken }: GrantState, nowMs: number): Promise<void> {
    const by = broken!.reviews.map(({ reviewer }) => reviewer.name) as [string, string];
    const lifted = await this.ports.rpc.call('identity.liftReviewed', { grant, by });
    if (lifted.ok) await this.#take(grant, () => ({ kind: 'settle', nowMs }));
    else this.ports.warn('the lock of a glass that was reviewed could not be lifted', { grant, problem: lifted.refusal.detail });
  }

  #standing(reviewer: Principal, state: GrantState | undefined): Extract<GlassCommand, { kind: 'review' }>['standing'] {
    const apartFrom = (others: readonly Principal[]): Outcome<unknown> => {
      const configuration = this.ports.configuration();
      if (!configuration) return refused('not_configured', 'There is no configuration, so nobody is known to be independent of anyone.', { retryable: true });
      return others.map((other) => independentThenAndNow(reviewer, other, configuration)).find((apart) => !apart.ok) ?? accepted(undefined);
    };
    return {
      independentOfRequester: apartFrom(state ? [state.request.requester] : []),
      independentOfReviewers: apartFrom(state?.glass?.reviews.map((earlier) => earlier.reviewer) ?? []),
    };
  }

  async #take(id: string, commandFor: (state: GrantState | undefined) => GlassCommand): Promise<Outcome<GrantState>> {
    for (let attempt = 0; attempt < CONFLICT_ATTEMPTS; attempt += 1) {
      const present = await this.ports.grants.get(id);
      const decided = glass.decide(commandFor(present?.value), present?.value);
      if (!decided.ok) return decided;
      if (decided.value.length === 0) return accepted(present!.value);
      const stored = await this.#recordAndStore(id, present, decided.value);
      if (stored.ok) return stored;
    }
    return refused('conflict', 'This glass is being reviewed by several people at once.', { retryable: true, hint: 'Look at it again and repeat your review.' });
  }

  async #recordAndStore(id: string, present: Versioned<GrantState> | undefined, events: readonly GlassEvent[]): Promise<Outcome<GrantState>> {
    const next = fold({ ...glass, initial: present?.value }, events)!;
    await this.ports.ledger.append(events.flatMap((event) => recordsOf(next, event)));
    const stored = await this.ports.grants.put(id, next, present?.revision ?? 0);
    return stored.ok ? accepted(next) : stored;
  }

  /** Told and recorded. */
  async refuse(grant: string, by: string, attempt: 'break' | 'review', refusal: Refusal): Promise<Outcome<never>> {
    await this.ports.ledger.append([draft('glass.refused.v1', { grant, by, attempt, reason: refusal.reason, detail: refusal.detail })]);
    return { ok: false, refusal };
  }
}

function recordsOf({ request, glass: broken }: GrantState, event: GlassEvent): EventDraft[] {
  const { id: grant, session, command, requester: { name: principal } } = request;
  const about = { session, command };
  switch (event.kind) {
    case 'broken':
      return [draft('glass.broken.v1', { request, dueAt: event.dueAt }, about)];
    case 'reviewed':
      return [
        draft('glass.reviewed.v1', { grant, review: event.review, status: glassStatus({ glass: broken })! }, about),
        ...(event.review.verdict === 'object' ? [draft('glass.objected.v1', { grant, principal, by: event.review.reviewer.name, note: event.review.note }, about)] : []),
      ];
    case 'overdue':
      return [draft('glass.overdue.v1', { grant, principal, dueAt: broken!.dueAt }, about)];
    case 'settled':
      return [draft('glass.settled.v1', { grant, principal, by: broken!.reviews.map(({ reviewer }) => reviewer.name) }, about)];
    default:
      return unreachable(event);
  }
}
