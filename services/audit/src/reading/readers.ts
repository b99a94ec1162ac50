import { accepted, type Ledger, type Outcome } from '@interlock/kernel';
import { draft, type Lock, type Principal, type SealedBox } from '@interlock/contracts';
import { allowedTo, lockAgainst, refusedByLock, type Recognition } from '@interlock/domain-identity';

/** What is read: the kind of question, and what it is about. */
export interface Reading {
  readonly what: string;
  /** Session, command or view; empty for a list. */
  readonly subject: string;
}

export interface ReaderPorts {
  readonly recognition: Recognition;
  locks(): Iterable<Lock>;
}

/** Lets people read evidence: each proves who they are with a token of their own, and the reading itself is recorded first. */
export class Readers {
  constructor(private readonly ports: ReaderPorts, private readonly ledger: Ledger) {}

  /** @throws LedgerUnavailable: what could not be recorded is not read. */
  async admit(token: SealedBox, reading: Reading): Promise<Outcome<Principal>> {
    const recognised = await this.ports.recognition.recognise(token);
    if (!recognised.ok) return recognised;
    const { principal, configuration } = recognised.value;
    const lock = lockAgainst({ principal }, this.ports.locks());
    if (lock) return refusedByLock(lock);
    const allowed = allowedTo(principal, 'audit', configuration);
    if (!allowed.ok) return allowed;
    await this.ledger.append([draft('record.read.v1', { reader: principal.name, ...reading })]);
    return accepted(principal);
  }
}
