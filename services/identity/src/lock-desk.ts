import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { accepted, refused, sha256Hex, type Ledger, type Outcome, type Refusal } from '@interlock/kernel';
import { draft, type Lock, type Principal, type RpcResponse } from '@interlock/contracts';
import { type ControlFollower, type ControlWriter } from '@interlock/adapter-jetstream';
import { decideUnlock, mayLock, shownName, stillCounts, type LockWish, type Recognised } from '@interlock/domain-identity';
import { CLOCK, CONTROL, LEDGER, type Clock } from '@interlock/nest';
import { CONTROL_WRITER } from './control-writer.js';
import { UnlockProposals } from './unlock-proposals.js';

/** What became of a call to unlock. */
export interface UnlockResult {
  readonly lifted: boolean;
  /** Who has spoken so far. */
  readonly by: string[];
}

const SEEN_MS = 1_000;

/**
 * Sets and lifts locks. What is done is in the ledger first: a lock that nobody can find the author of would be as bad
 * as none.
 */
@Injectable()
export class LockDesk {
  #written = 0;

  constructor(
    @Inject(LEDGER) private readonly ledger: Ledger,
    @Inject(CONTROL) private readonly control: ControlFollower,
    @Inject(CONTROL_WRITER) private readonly writer: ControlWriter,
    @Inject(UnlockProposals) private readonly proposals: UnlockProposals,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Last sequence of CONTROL that connectors must have followed to: what was read, and what was written here. */
  get controlSequence(): number {
    return Math.max(this.control.state.sequence, this.#written);
  }

  /** Idempotent: a lock of the same scope and subject that stands is given back. It also ends a first word to lift it. */
  async lock({ principal, configuration }: Recognised, wish: LockWish): Promise<Outcome<{ readonly lock: Lock }>> {
    const allowed = mayLock(principal, wish, configuration);
    if (!allowed.ok) return this.#refuse('lock', principal, `${wish.scope} ${shownName(wish.subject)}`, allowed.refusal);
    const standing = this.#standing(wish);
    if (standing) {
      await this.proposals.remove(standing.id);
      return accepted({ lock: standing });
    }
    return this.#set({ id: randomUUID(), ...wish, by: principal.name, at: this.#now() });
  }

  /**
   * Locks a connector on policy's word, once for each event: a word that comes again after the lock was lifted is an old one. A lock on
   * the same connector that stands is given back.
   */
  async lockConnector(wish: LockWish, event: string): Promise<Outcome<RpcResponse<'identity.lockConnector'>>> {
    const id = `mismatch-${sha256Hex(event).slice(0, 32)}`;
    const standing = this.#standing(wish);
    if (standing) return accepted({ lock: standing });
    if (await this.writer.wasUsed(id)) return accepted({});
    return this.#set({ id, ...wish, by: 'policy', at: this.#now() });
  }

  /**
   * Locks who broke the glass and was not reviewed in time, on approval's word, once for each grant: it is a lock of its own beside any other, for other people let go of it.
   */
  async lockUnreviewed(grant: string, principal: string, reason: string): Promise<Outcome<RpcResponse<'identity.lockUnreviewed'>>> {
    const id = unreviewed(grant);
    const standing = this.control.state.locks.get(id);
    if (standing) return accepted({ lock: standing });
    if (await this.writer.wasUsed(id)) return accepted({});
    return this.#set({ id, scope: 'principal', subject: principal, reason, by: 'approval', at: this.#now() });
  }

  /** Lets go of that lock, and of no other; two people may have done so before. */
  async liftReviewed(grant: string, by: readonly [string, string]): Promise<Outcome<RpcResponse<'identity.liftReviewed'>>> {
    const id = unreviewed(grant);
    if (!this.control.state.locks.has(id)) return accepted({ lifted: false });
    const lifted = await this.#lift(id, by);
    return lifted.ok ? accepted({ lifted: true }) : lifted;
  }

  #standing({ scope, subject }: LockWish): Lock | undefined {
    return [...this.control.state.locks.values()].find((lock) => lock.scope === scope && lock.subject === subject);
  }

  async #set(lock: Lock): Promise<Outcome<{ readonly lock: Lock }>> {
    await this.ledger.append([draft('lock.set.v1', { lock })]);
    const stored = await this.writer.putLock(lock);
    return stored.ok ? this.#seen(stored.value.revision, { lock }) : stored;
  }

  async unlock({ principal, configuration }: Recognised, id: string): Promise<Outcome<UnlockResult>> {
    const lock = this.control.state.locks.get(id);
    if (!lock) return refused('not_locked', 'No lock of this id stands.', { hint: 'List the locks to see which do.' });
    const proposal = await this.proposals.get(id);
    const counts = proposal && stillCounts(proposal, this.clock.nowMs(), this.control.state.locks.values(), configuration);
    const step = decideUnlock(lock, counts ? proposal.by : undefined, principal, configuration);
    if (!step.ok) return this.#refuse('unlock', principal, id, step.refusal);
    return step.value.kind === 'proposed' ? this.#propose(id, principal) : this.#lift(id, step.value.by);
  }

  async #propose(id: string, by: Principal): Promise<Outcome<UnlockResult>> {
    await this.ledger.append([draft('unlock.proposed.v1', { lock: id, by: by.name })]);
    await this.proposals.put(id, { by, atMs: this.clock.nowMs() });
    return accepted({ lifted: false, by: [by.name] });
  }

  async #lift(id: string, by: readonly [string, string]): Promise<Outcome<UnlockResult>> {
    await this.ledger.append([draft('lock.lifted.v1', { lock: id, by: [...by] })]);
    const stored = await this.writer.liftLock({ id, by, at: this.#now() });
    if (!stored.ok) return stored;
    await this.proposals.remove(id);
    return this.#seen(stored.value.revision, { lifted: true, by: [...by] });
  }

  async #refuse(attempt: 'lock' | 'unlock', by: Principal, subject: string, refusal: Refusal): Promise<Outcome<never>> {
    const { reason, detail } = refusal;
    await this.ledger.append([draft('lock.refused.v1', { by: by.name, attempt, subject, reason, detail })]);
    return { ok: false, refusal };
  }

  /** The answer comes when this service itself obeys it, or after a second: the beacon names the sequence in any case. */
  async #seen<T>(revision: number, value: T): Promise<Outcome<T>> {
    this.#written = Math.max(this.#written, revision);
    await this.control.reached(revision, SEEN_MS);
    return accepted(value);
  }

  #now(): string {
    return new Date(this.clock.nowMs()).toISOString();
  }
}

/** Names the lock of one grant, whatever the grant is called. */
function unreviewed(grant: string): string {
  return `unreviewed-${sha256Hex(grant).slice(0, 32)}`;
}
