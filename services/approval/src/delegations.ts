import { draft, type ApprovalRequest, type Bundle, type Configuration, type VoteDelegation, type Lock, type Principal, type Vote } from '@interlock/contracts';
import { isSamePrincipal, mayDelegate, seatInStead, standsAt, type DelegationStanding } from '@interlock/domain-approval';
import { allowedTo, asOfNow, independentThenAndNow, lockOnPerson, mayApproveBeside, principalNamed, separateWith, shownName, type Recognised } from '@interlock/domain-identity';
import { accepted, refused, type Ledger, type Outcome, type Refusal } from '@interlock/kernel';

const SEEN_MS = 1_000;

/** What somebody who delegates says. */
export interface DelegationWish extends Pick<VoteDelegation, 'roles' | 'targets' | 'rules' | 'until' | 'reason'> {
  /** Name of the one who may vote in their stead. */
  readonly to: string;
}

export interface DelegationPorts {
  readonly control: {
    readonly state: { readonly bundle: Pick<Bundle, 'configuration'> | undefined; readonly locks: ReadonlyMap<string, Lock>; readonly delegations: ReadonlyMap<string, VoteDelegation> };
    reached(sequence: number, timeoutMs?: number): Promise<boolean>;
  };
  readonly writer: {
    putDelegation(delegation: VoteDelegation): Promise<Outcome<{ readonly revision: number }>>;
    revokeDelegation(revoked: { readonly id: string; readonly by: string; readonly at: string }): Promise<Outcome<{ readonly revision: number }>>;
  };
  readonly ledger: Ledger;
  readonly newId: () => string;
  nowMs(): number;
}

/**
 * Who may vote in whose stead. What is done is in the ledger first and on the control plane second, so that whoever forwards sees a revocation before it
 * forwards on a vote that was cast by it.
 */
export class Delegations {
  constructor(private readonly ports: DelegationPorts) {}

  async make({ principal, configuration }: Recognised, wish: DelegationWish): Promise<Outcome<{ readonly delegation: VoteDelegation }>> {
    const { control, ledger, writer } = this.ports;
    const delegate = principalNamed(wish.to, configuration);
    if (!delegate) return this.refuse(principal, 'make', shownName(wish.to), { reason: 'principal_unknown', detail: `The configuration has no principal ${shownName(wish.to)}.`, hint: 'Name a person of interlock.yaml.' });
    const { to: _to, ...terms } = wish;
    const delegation: VoteDelegation = { id: this.ports.newId(), delegator: this.forGood(principal), delegate, ...terms, from: this.now() };
    const allowed = mayDelegate(delegation, this.standing(delegation, configuration), control.state.delegations.values(), this.ports.nowMs());
    if (!allowed.ok) return this.refuse(principal, 'make', delegate.name, allowed.refusal);
    await ledger.append([draft('delegation.made.v1', { delegation })]);
    const stored = await writer.putDelegation(delegation);
    return stored.ok ? this.seen(stored.value.revision, { delegation }) : stored;
  }

  /** By either of the two, or by whoever may lock: ending one gives nobody anything. */
  async revoke({ principal, configuration }: Recognised, id: string): Promise<Outcome<{ readonly delegation: string; readonly by: string }>> {
    const delegation = this.ports.control.state.delegations.get(id);
    if (!delegation) return refused('not_delegated', 'No delegation of this id stands.', { hint: 'List them with `interlock approvals delegations`.' });
    const isOwn = principal.kind === 'human' && [delegation.delegator, delegation.delegate].some((one) => isSamePrincipal(one, principal));
    const allowed = isOwn ? accepted(principal) : allowedTo(principal, 'locks', configuration);
    if (!allowed.ok) return this.refuse(principal, 'revoke', id, allowed.refusal);
    await this.ports.ledger.append([draft('delegation.revoked.v1', { delegation: id, by: principal.name })]);
    const stored = await this.ports.writer.revokeDelegation({ id, by: principal.name, at: this.now() });
    return stored.ok ? this.seen(stored.value.revision, { delegation: id, by: principal.name }) : stored;
  }

  /** Those that are not over, the newest first. */
  list(): VoteDelegation[] {
    const nowMs = this.ports.nowMs();
    return [...this.ports.control.state.delegations.values()].filter(({ until }) => nowMs < Date.parse(until)).sort((a, b) => b.from.localeCompare(a.from));
  }

  /** Whose seat this human's vote fills when it is cast in that person's stead. Of several delegations the first that covers the request counts. */
  inSteadOf(delegate: Principal, delegatorName: string, request: ApprovalRequest): Outcome<NonNullable<Vote['inSteadOf']>> {
    const seats = this.held(delegate).filter(({ delegator }) => delegator.name === delegatorName).map((delegation) => this.seat(delegation, delegate, request));
    return seats.find((seat) => seat.ok) ?? seats[0] ?? refused('not_delegated', `${shownName(delegatorName)} has let nobody named ${delegate.name} vote in their stead now.`, { hint: 'Leave it out to vote in your own name.' });
  }

  /** Whether someone may vote on this in anybody's stead, and so may read it. */
  covers(delegate: Principal, request: ApprovalRequest): boolean {
    return this.held(delegate).some((delegation) => this.seat(delegation, delegate, request).ok);
  }

  private held(delegate: Principal): VoteDelegation[] {
    return this.list().filter((one) => isSamePrincipal(one.delegate, delegate) && standsAt(one, this.ports.nowMs()));
  }

  private seat(delegation: VoteDelegation, delegate: Principal, request: ApprovalRequest): Outcome<NonNullable<Vote['inSteadOf']>> {
    const { bundle, locks } = this.ports.control.state;
    const present = bundle && asOfNow(delegation.delegator, bundle.configuration);
    const delegator = present && !lockOnPerson(present, locks.values()) ? present : undefined;
    return seatInStead(delegation, { delegate, delegator }, request, this.ports.nowMs());
  }

  private standing({ delegator, delegate, roles }: VoteDelegation, configuration: Configuration): DelegationStanding {
    const lent = this.list().filter((one) => one.delegate.name === delegate.name).flatMap((one) => one.roles);
    const separate = separateWith({ ...delegate, roles: [...delegate.roles, ...lent] }, roles, configuration);
    return { independent: independentThenAndNow(delegator, delegate, configuration), separate: separate.ok ? mayApproveBeside(delegate, configuration) : separate };
  }

  /** Roles that somebody has for a time only are theirs alone to use. */
  private forGood(principal: Principal): Principal {
    const { bundle } = this.ports.control.state;
    return { ...principal, roles: (bundle && asOfNow(principal, bundle.configuration))?.roles ?? [] };
  }

  private async refuse(by: Principal, attempt: 'make' | 'revoke', subject: string, refusal: Refusal): Promise<Outcome<never>> {
    await this.ports.ledger.append([draft('delegation.refused.v1', { by: by.name, attempt, subject, reason: refusal.reason, detail: refusal.detail })]);
    return { ok: false, refusal };
  }

  /** The answer comes when this service itself goes by it, or after a second: the beacon names the sequence in any case. */
  private async seen<T>(revision: number, value: T): Promise<Outcome<T>> {
    await this.ports.control.reached(revision, SEEN_MS);
    return accepted(value);
  }

  private now(): string {
    return new Date(this.ports.nowMs()).toISOString();
  }
}
