import { refused, type Ledger, type Outcome } from '@interlock/kernel';
import { draft, type Lock, type Principal, type SealedBox } from '@interlock/contracts';
import { allowedTo, lockAgainst, refusedByLock, type Recognised, type Recognition } from '@interlock/domain-identity';
import { answered, isAway, isEmptied } from '../views/database.js';

/** What is read: the kind of question, and what it is about. */
export interface Reading {
  readonly what: string;
  /** Session, command or view; empty for a list. */
  readonly subject: string;
}

export interface ReaderPorts {
  readonly recognition: Recognition;
  locks(): Iterable<Lock>;
  /** Grows whenever a rebuilt view takes the place of another. */
  switches(): number;
}

/** Shorter than its asker waits, so that the answer says what is away. */
const READ_MS = 4_000;

/** Lets people read evidence: each proves who they are with a token of their own, and the reading itself is recorded first. */
export class Readers {
  constructor(private readonly ports: ReaderPorts, private readonly ledger: Ledger) {}

  /**
   * Runs `read` for who may read. Refuses with `unavailable` while the database of the views is away, or when it takes longer than
   * `withinMs`, Infinity for work that takes as long as it takes; with `views_missing` when its tables are gone.
   *
   * @throws LedgerUnavailable: what could not be recorded is not read.
   */
  async answer<T>(token: SealedBox, reading: Reading, read: () => Promise<Outcome<T>>, withinMs = READ_MS): Promise<Outcome<T>> {
    const reader = await this.#admit(token, reading);
    return reader.ok ? this.#whileThere(read, withinMs) : reader;
  }

  /** The same for the further pages of what was recorded as read with its first. */
  async answerUnrecorded<T>(token: SealedBox, read: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const reader = await this.#allowed(token);
    return reader.ok ? this.#whileThere(read, READ_MS) : reader;
  }

  /**
   * The same for what may concern others than auditors: `read` itself refuses whom it does not concern. What it gives is recorded as read
   * before it is shown.
   *
   * @throws LedgerUnavailable as above.
   */
  async answerConcerned<T>(token: SealedBox, reading: Reading, read: (reader: Recognised) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const recognised = await this.#recognise(token);
    if (!recognised.ok) return recognised;
    const answer = await this.#whileThere(() => read(recognised.value), READ_MS);
    if (answer.ok) await this.#record(recognised.value.principal, reading);
    return answer;
  }

  async #admit(token: SealedBox, reading: Reading): Promise<Outcome<Principal>> {
    const allowed = await this.#allowed(token);
    if (allowed.ok) await this.#record(allowed.value, reading);
    return allowed;
  }

  async #allowed(token: SealedBox): Promise<Outcome<Principal>> {
    const recognised = await this.#recognise(token);
    return recognised.ok ? allowedTo(recognised.value.principal, 'audit', recognised.value.configuration) : recognised;
  }

  async #recognise(token: SealedBox): Promise<Outcome<Recognised>> {
    const recognised = await this.ports.recognition.recognise(token);
    if (!recognised.ok) return recognised;
    const lock = lockAgainst({ principal: recognised.value.principal }, this.ports.locks());
    return lock ? refusedByLock(lock) : recognised;
  }

  async #record({ name }: Principal, reading: Reading): Promise<void> {
    await this.ledger.append([draft('record.read.v1', { reader: name, ...reading })]);
  }

  /** A rebuild takes away the rows that are being read; the question is then asked of those that serve now. */
  async #whileThere<T>(read: () => Promise<Outcome<T>>, withinMs: number): Promise<Outcome<T>> {
    const switches = this.ports.switches();
    try {
      return await (withinMs === Infinity ? read() : answered(read(), withinMs));
    } catch (fault) {
      if (withinMs !== Infinity && this.ports.switches() !== switches) return this.#whileThere(read, withinMs);
      if (isEmptied(fault)) return refused('views_missing', 'The database of the views no longer holds what audit made there.', { hint: 'Restart audit: it makes its tables anew and fills them from the ledger.' });
      if (!isAway(fault)) throw fault;
      return refused('unavailable', 'The database of the views does not answer.', { hint: 'Try again; if it lasts, look at the health of audit and of that database.', retryable: true });
    }
  }
}
