import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, Assertion, AuthenticatorState, Configuration, EventData, EventType, Lock, Principal, Vote, VoteDelegation } from '@interlock/contracts';
import { authenticator, isSamePrincipal, verifyAssertion, type AuthenticatorEvent, type RelyingParty } from '@interlock/domain-approval';
import { actionDigest, grantDigest } from '@interlock/domain-session';
import { agreementNow } from '@interlock/gateway';

/** One event of the ledger, as its producer signed it. */
export type BookEvent = { [T in EventType]: { readonly type: T; readonly data: EventData<T> } }[EventType];

/** Whoever signs, by the identity that tokens carry. */
export type Person = Pick<Principal, 'issuer' | 'subject'>;

interface Grant {
  readonly request: ApprovalRequest;
  /** Approvals whose signature held when it was recorded. */
  readonly signed: Vote[];
  isOver: boolean;
  isReleased: boolean;
}

/** What a connector wants an elevated credential for. */
export interface ElevatedWish {
  readonly grant: string;
  readonly target: string;
  readonly connector: string;
  readonly principal: Principal;
}

/** Grants that ended so long ago are let go of; nothing is released for them. */
const KEPT_MS = 3_600_000;
/** Nothing is released on a vote in another's stead: that it may be cast is only approval's word. */
const NONE_IN_STEAD: ReadonlyMap<string, VoteDelegation> = new Map();

/**
 * The vault's own fold of the ledger: who holds which authenticator, who signed what, and for which grants something was released already. It takes
 * authenticators from the vault's own events alone, and requests and votes from approval's; each signature it verifies itself, in the order of the ledger.
 */
export class SignedBook {
  readonly #authenticators = new Map<string, AuthenticatorState>();
  readonly #counters = new Map<string, number>();
  readonly #grants = new Map<string, Grant>();

  constructor(private readonly at: RelyingParty) {}

  get authenticators(): readonly AuthenticatorState[] {
    return [...this.#authenticators.values()];
  }

  authenticator(id: string): AuthenticatorState | undefined {
    return this.#authenticators.get(id);
  }

  /** Takes in one event of this producer; what another service says of its own accord is not taken. */
  apply(producer: string, event: BookEvent): void {
    if (producer === 'vault') this.#applyOwn(event);
    if (producer === 'approval') this.#applyApproval(event);
  }

  /** Whether this is a signature of this person's confirmed authenticator over this digest, made after all that are recorded. */
  check(person: Person, digest: string, assertion: Assertion): Outcome<{ readonly counter: number }> {
    const known = this.#authenticators.get(assertion.authenticator);
    if (!known || !isSamePrincipal(known.person, person)) return refused('authenticator_unknown', 'This authenticator is not registered for you.', { hint: 'Register it on the approval page; a second person confirms it.' });
    if (known.status !== 'confirmed') return refused(`authenticator_${known.status}`, known.status === 'revoked' ? 'This authenticator is revoked.' : 'Nobody has confirmed this authenticator yet.', { hint: 'Ask a second person to confirm it on the approval page.' });
    return verifyAssertion(assertion, { ...this.at, digest, algorithm: known.algorithm, publicKey: known.publicKey, counter: this.#counters.get(known.id) ?? 0 });
  }

  /**
   * Whether the ledger holds what lets an elevated credential go for this wish: a request that is whole, for this principal, target and connector, within its
   * window, not used for a release before, signed by the people its rule asks for as they stand now.
   */
  usable(wish: ElevatedWish, now: { readonly configuration: Configuration; readonly locks: Iterable<Lock> }, nowMs: number): Outcome<ApprovalRequest> {
    const grant = this.#grants.get(wish.grant);
    if (!grant) return refused('grant_unknown', 'The ledger holds no request with this id.');
    const { request } = grant;
    if (request.ask.signed !== 'webauthn') return refused('grant_unsigned', 'The rule of this grant asks for no signatures, so nothing elevated is released for it.');
    if (grant.isReleased) return refused('grant_not_usable', 'A credential was released for this grant already.');
    if (grant.isOver || nowMs >= Date.parse(request.expiresAt)) return refused('grant_not_usable', 'This grant has ended.');
    const isWhole = actionDigest(request.requester, request.target, request.action) === request.actionDigest && grantDigest(request) === request.grantDigest;
    if (!isWhole) return refused('digest_mismatch', 'The request in the ledger is not the one that its digest covers.');
    if (!isFor(request, wish)) return refused('grant_not_yours', 'This grant is for another requester, target or connector.');
    const agreed = agreementNow(request, { status: 'approved', request, votes: grant.signed }, { ...now, delegations: NONE_IN_STEAD, nowMs });
    return agreed.ok ? accepted(request) : agreed;
  }

  /** Marks what is about to be released; false when it was before. */
  claim(grant: string): boolean {
    const known = this.#grants.get(grant);
    if (!known || known.isReleased) return false;
    known.isReleased = true;
    return true;
  }

  forgetOver(nowMs: number): void {
    for (const [id, { request }] of this.#grants) if (Date.parse(request.expiresAt) < nowMs - KEPT_MS) this.#grants.delete(id);
  }

  #applyOwn(event: BookEvent): void {
    switch (event.type) {
      case 'authenticator.proposed.v1':
        return this.#evolve(event.data.authenticator.id, { kind: 'proposed', authenticator: event.data.authenticator });
      case 'authenticator.confirmed.v1':
        return this.#evolve(event.data.id, { kind: 'confirmed', by: event.data.by });
      case 'authenticator.revoked.v1':
        return this.#evolve(event.data.id, { kind: 'revoked' });
      case 'credential.released.v1':
        if (event.data.grant !== undefined) this.claim(event.data.grant);
        return;
      default:
    }
  }

  #evolve(id: string, event: AuthenticatorEvent): void {
    const next = authenticator.evolve(this.#authenticators.get(id), event);
    if (next) this.#authenticators.set(id, next);
  }

  #applyApproval(event: BookEvent): void {
    switch (event.type) {
      case 'approval.requested.v1': {
        const { request } = event.data;
        if (!this.#grants.has(request.id)) this.#grants.set(request.id, { request, signed: [], isOver: false, isReleased: false });
        return;
      }
      case 'approval.voted.v1':
        return this.#voted(event.data.grant, event.data.vote);
      case 'approval.ended.v1': {
        const grant = this.#grants.get(event.data.grant);
        if (grant) grant.isOver = true;
        return;
      }
      default:
    }
  }

  #voted(id: string, vote: Vote): void {
    const grant = this.#grants.get(id);
    if (!grant) return;
    if (vote.verdict === 'deny') grant.isOver = true;
    if (vote.verdict !== 'approve' || !vote.assertion || vote.grantDigest !== grant.request.grantDigest) return;
    const good = this.check(vote.approver, grant.request.grantDigest, vote.assertion);
    if (!good.ok) return;
    this.#counters.set(vote.assertion.authenticator, good.value.counter);
    grant.signed.push(vote);
  }
}

function isFor({ requester, target, connector }: ApprovalRequest, wish: ElevatedWish): boolean {
  return isSamePrincipal(requester, wish.principal) && target === wish.target && connector === wish.connector;
}
