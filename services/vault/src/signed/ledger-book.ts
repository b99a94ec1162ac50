import { accepted, decodeBatch, refused, signedText, type Outcome, type SealedRecord, type StoredBatch, type VerifyProducer } from '@interlock/kernel';
import { EVENTS, type EventType } from '@interlock/contracts';
import type { RunKeys } from './event-keys.js';
import type { BookEvent, SignedBook } from './signed-book.js';

/** Reads the ledger where only some subjects matter. */
export interface LedgerBySubject {
  lastSequence(): Promise<number>;
  /** The first batch on this subject from `from` on; undefined when there is none. */
  nextOn(subject: string, from: number): Promise<StoredBatch | undefined>;
}

const PRODUCERS = ['approval', 'vault'] as const;
type Producer = (typeof PRODUCERS)[number];
const READ: ReadonlySet<string> = new Set<EventType>([
  'approval.requested.v1', 'approval.voted.v1', 'approval.ended.v1', 'authenticator.proposed.v1', 'authenticator.confirmed.v1', 'authenticator.revoked.v1', 'credential.released.v1',
]);

export interface LedgerBookPorts {
  readonly ledger: LedgerBySubject;
  readonly book: SignedBook;
  readonly keys: Pick<RunKeys, 'of'>;
  readonly verify: VerifyProducer;
  readonly nowMs: () => number;
  readonly onProblem: (problem: string) => void;
}

/** The book, brought up to the ledger whenever it is asked: nothing is judged by what the ledger held a moment ago. */
export class LedgerBook {
  readonly #ports: LedgerBookPorts;
  readonly #next: Record<Producer, number> = { approval: 1, vault: 1 };
  #reading: Promise<unknown> = Promise.resolve();

  constructor(ports: LedgerBookPorts) {
    this.#ports = ports;
  }

  /** Reads what there is before anyone asks: the first to sign would wait for all of it. */
  onApplicationBootstrap(): void {
    void this.upToDate();
  }

  /** The book as of now; refuses, retryably, while ledger or recorder do not answer. */
  async upToDate(): Promise<Outcome<SignedBook>> {
    const reading = this.#reading.then(() => this.#catchUp());
    this.#reading = reading.catch(() => undefined);
    try {
      await reading;
      return accepted(this.#ports.book);
    } catch (fault) {
      this.#ports.onProblem(`the ledger cannot be read: ${fault instanceof Error ? fault.message : 'fault'}`);
      return refused('ledger_unavailable', 'The ledger cannot be read, so nobody’s signature can be judged.', { retryable: true, hint: 'Try again.' });
    }
  }

  /** Batches of both producers in the order of the ledger, up to where it ended when this began. */
  async #catchUp(): Promise<void> {
    const end = await this.#ports.ledger.lastSequence();
    const heads = new Map<Producer, StoredBatch | undefined>();
    for (;;) {
      for (const producer of PRODUCERS) if (!heads.has(producer)) heads.set(producer, await this.#head(producer, end));
      const [producer, batch] = [...heads].filter((head): head is [Producer, StoredBatch] => head[1] !== undefined).sort((one, other) => one[1].sequence - other[1].sequence)[0] ?? [];
      if (!producer || !batch) break;
      await this.#take(producer, batch);
      this.#next[producer] = batch.sequence + 1;
      heads.delete(producer);
    }
    for (const producer of PRODUCERS) this.#next[producer] = end + 1;
    this.#ports.book.forgetOver(this.#ports.nowMs());
  }

  async #head(producer: Producer, end: number): Promise<StoredBatch | undefined> {
    if (this.#next[producer] > end) return undefined;
    const found = await this.#ports.ledger.nextOn(`ledger.${producer}.*`, this.#next[producer]);
    return found && found.sequence <= end ? found : undefined;
  }

  async #take(producer: Producer, stored: StoredBatch): Promise<void> {
    const { book, keys, verify, onProblem } = this.#ports;
    const batch = decodeBatch(stored.bytes);
    if (!batch.ok || batch.value.header.producer !== producer || !verify(producer, signedText(batch.value.header), batch.value.header.signature)) {
      return onProblem(`batch ${stored.sequence} on ${producer}'s subject is not ${producer}'s; nothing in it is taken`);
    }
    const events: BookEvent[] = [];
    for (const record of batch.value.records.filter(({ metadata }) => READ.has(metadata.type))) {
      const event = await opened(record, keys);
      if (event) events.push(event);
      else onProblem(`event ${record.metadata.id} is none that this version knows`);
    }
    for (const event of events) book.apply(producer, event);
  }
}

async function opened({ metadata, ciphertext }: SealedRecord, keys: Pick<RunKeys, 'of'>): Promise<BookEvent | undefined> {
  const type = metadata.type as EventType;
  const text = (await keys.of(metadata.keyid))(metadata.keyoffset, ciphertext).toString('utf8');
  try {
    const parsed = EVENTS[type].safeParse(JSON.parse(text));
    return parsed.success ? ({ type, data: parsed.data } as BookEvent) : undefined;
  } catch {
    return undefined;
  }
}
