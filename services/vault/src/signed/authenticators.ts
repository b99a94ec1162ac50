import { Inject, Injectable } from '@nestjs/common';
import { accepted, type Ledger, type Outcome, type Refusal } from '@interlock/kernel';
import { draft, type Assertion, type Authenticator, type AuthenticatorState, type Configuration, type Principal, type RpcRequest } from '@interlock/contracts';
import { authenticator, authenticatorDigest, isSamePrincipal, type RelyingParty } from '@interlock/domain-approval';
import { allowedTo, asOfNow, independentThenAndNow, type Recognised } from '@interlock/domain-identity';
import { LEDGER } from '@interlock/nest';
import { LedgerBook } from './ledger-book.js';
import type { Person, SignedBook } from './signed-book.js';

export const RELYING_PARTY = Symbol('RELYING_PARTY');

type Proposal = Pick<RpcRequest<'vault.proposeAuthenticator'>, 'label' | 'algorithm' | 'publicKey' | 'proof'>;
type Attempt = 'propose' | 'confirm' | 'revoke';

/**
 * People's authenticators. The vault itself recognises who proposes and who confirms, by their own tokens, and its signature is on the events: no other
 * service can register one. What is recorded counts at once, for the book is read from the ledger.
 */
@Injectable()
export class Authenticators {
  #last: Promise<unknown> = Promise.resolve();

  constructor(@Inject(LedgerBook) private readonly ledgerBook: LedgerBook, @Inject(LEDGER) private readonly ledger: Ledger, @Inject(RELYING_PARTY) readonly at: RelyingParty) {}

  async list({ principal, configuration }: Recognised): Promise<Outcome<readonly AuthenticatorState[]>> {
    const book = await this.ledgerBook.upToDate();
    if (!book.ok) return book;
    const seesAll = allowedTo(principal, 'changes', configuration).ok;
    return accepted(book.value.authenticators.filter(({ person }) => seesAll || isSamePrincipal(person, principal)));
  }

  propose({ principal }: Recognised, { label, algorithm, publicKey, proof }: Proposal): Promise<Outcome<AuthenticatorState>> {
    const { name, issuer, subject } = principal;
    const unnamed = { id: proof.authenticator, person: { name, issuer, subject }, algorithm, publicKey };
    const proposed: Authenticator = { ...unnamed, label, digest: authenticatorDigest(unnamed) };
    return this.#step('propose', name, proposed.id, async (book) => {
      const owned = book.authenticators.filter(({ person, status }) => status !== 'revoked' && isSamePrincipal(person, principal)).length;
      const decided = authenticator.decide({ kind: 'propose', authenticator: proposed, proof, at: this.at, owned }, book.authenticator(proposed.id));
      return decided.ok ? accepted(decided.value.length === 0 ? [] : [draft('authenticator.proposed.v1', { authenticator: proposed, proof })]) : decided;
    });
  }

  /** Takes someone who may approve changes of the configuration, and who shares no human with the owner. */
  confirm({ principal, configuration }: Recognised, id: string, digest: string): Promise<Outcome<AuthenticatorState>> {
    return this.#step('confirm', principal.name, id, async (book) => {
      const allowed = allowedTo(principal, 'changes', configuration);
      if (!allowed.ok) return allowed;
      const state = book.authenticator(id);
      const owner = state && ownerOf(state, configuration);
      const independent = owner ? independentThenAndNow(principal, owner, configuration) : accepted(undefined);
      const decided = authenticator.decide({ kind: 'confirm', digest, by: principal.name, independent }, state);
      return decided.ok ? accepted(decided.value.length === 0 ? [] : [draft('authenticator.confirmed.v1', { id, digest, by: principal.name })]) : decided;
    });
  }

  /** One is enough: revoking only takes away. */
  revoke({ principal, configuration }: Recognised, id: string): Promise<Outcome<AuthenticatorState>> {
    return this.#step('revoke', principal.name, id, async (book) => {
      const state = book.authenticator(id);
      const allowed = state && isSamePrincipal(state.person, principal) ? accepted(undefined) : allowedTo(principal, 'changes', configuration);
      if (!allowed.ok) return allowed;
      const decided = authenticator.decide({ kind: 'revoke', by: principal.name }, state);
      return decided.ok ? accepted(decided.value.length === 0 ? [] : [draft('authenticator.revoked.v1', { id, by: principal.name })]) : decided;
    });
  }

  async check(person: Person, digest: string, assertion: Assertion): Promise<Outcome<unknown>> {
    const book = await this.ledgerBook.upToDate();
    return book.ok ? book.value.check(person, digest, assertion) : book;
  }

  /** One step at a time: each is decided on what the last one recorded. */
  #step(attempt: Attempt, by: string, id: string, decide: (book: SignedBook) => Promise<Outcome<readonly Parameters<Ledger['append']>[0][number][]>>): Promise<Outcome<AuthenticatorState>> {
    const step = this.#last.then(async (): Promise<Outcome<AuthenticatorState>> => {
      const book = await this.ledgerBook.upToDate();
      if (!book.ok) return book;
      const decided = await decide(book.value);
      if (!decided.ok) return this.#refuse(attempt, by, id, decided.refusal);
      if (decided.value.length > 0) await this.ledger.append(decided.value);
      const after = await this.ledgerBook.upToDate();
      return after.ok ? accepted(after.value.authenticator(id)!) : after;
    });
    this.#last = step.catch(() => undefined);
    return step;
  }

  async #refuse(attempt: Attempt, by: string, id: string, refusal: Refusal): Promise<Outcome<never>> {
    const { reason, detail } = refusal;
    await this.ledger.append([draft('authenticator.refused.v1', { id, by, attempt, reason, detail })]);
    return { ok: false, refusal };
  }
}

/** Whom the configuration no longer knows has nobody known behind them, which counts as shared. */
function ownerOf({ person }: AuthenticatorState, configuration: Configuration): Principal {
  const bare: Principal = { ...person, kind: 'human', roles: [], party: [] };
  return asOfNow(bare, configuration) ?? bare;
}
