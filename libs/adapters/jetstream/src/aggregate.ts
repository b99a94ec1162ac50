import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { accepted, LIMITS, refused, type AggregateStore, type Outcome, type Versioned } from '@interlock/kernel';
import { BusUnavailable, type Bus } from './bus.js';
import { ExactAppend } from './exact-append.js';
import { followStream, lastSequenceOf } from './follow-stream.js';
import { readStored, type StoredMessage } from './stored-message.js';

/** Streams of small keyed states. A key's state lies on `<stream in lower case>.<key>`. */
export type AggregateStream = 'GRANTS' | 'OBJECTS' | 'ACTS' | 'BUDGETS' | 'CHANGES' | 'CHAT' | 'SECRETS' | 'TOKENS';

/** What a stored state must look like; a zod schema fits. */
export interface Schema<T> {
  parse(value: unknown): T;
}

export interface JetStreamAggregateOptions<T> {
  readonly stream: AggregateStream;
  readonly schema: Schema<T>;
}

type Current<T> = Versioned<T> & { readonly key: string };

const ATTEMPT_MS = 1_000;
const RETRY_MS = 50;
/** Tokens of a subject, joined by dots. */
const KEY = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

/**
 * The newest message of a subject is its key's whole state, appended by compare-and-set on the subject's last sequence.
 *
 * A stored state that does not fit the schema is a fault for `get`, and no state for `list` and `follow`: an older state
 * never stands in for it. Reads go to the stream's one replica; in a cluster a lagging replica could answer an older
 * state, which a `put` on it would then refuse as a conflict.
 */
export class JetStreamAggregate<T> implements AggregateStore<T> {
  readonly #bus: Bus;
  readonly #stream: AggregateStream;
  readonly #schema: Schema<T>;
  /** What `list` has read so far, so that the next one reads only what came since. */
  readonly #listed = new Map<string, Current<T>>();
  #listedTo = 0;
  #listing: Promise<unknown> = Promise.resolve();

  constructor(bus: Bus, options: JetStreamAggregateOptions<T>) {
    this.#bus = bus;
    this.#stream = options.stream;
    this.#schema = options.schema;
  }

  /** @throws BusUnavailable after LIMITS.rpcMs without an answer; the schema's error on a state that does not fit it. */
  async get(key: string): Promise<Versioned<T> | undefined> {
    const found = await readStored(this.#bus, this.#stream, { lastOn: this.#subject(key) }, LIMITS.rpcMs);
    return found && { value: this.#schema.parse(JSON.parse(textOf(found))), revision: found.sequence };
  }

  /** Refuses with `conflict`, or with `unavailable` when the bus did not say within LIMITS.rpcMs whether it is stored. */
  async put(key: string, value: T, expectedRevision: number): Promise<Outcome<{ readonly revision: number }>> {
    const subject = this.#subject(key);
    const payload = Buffer.from(JSON.stringify(this.#schema.parse(value)), 'utf8');
    const append = new ExactAppend(this.#bus, {
      stream: this.#stream, subject, payload, messageId: randomBytes(16).toString('hex'), readBack: (expected) => ({ from: expected + 1, on: subject }),
    });
    return settle(this.#bus, append, expectedRevision, key);
  }

  /**
   * Every key's newest state, all of them.
   *
   * @throws BusUnavailable when they were not all read within LIMITS.rpcMs; the next call goes on from there.
   */
  list(): Promise<readonly Current<T>[]> {
    const listing = this.#listing.then(() => this.#catchUp());
    this.#listing = listing.catch(() => undefined);
    return listing;
  }

  async follow(onChange: (key: string, current: Versioned<T>) => void, signal: AbortSignal): Promise<void> {
    const from = (await lastSequenceOf(this.#bus, this.#stream)) + 1;
    await followStream(this.#bus, this.#stream, from, (message) => {
      const current = this.#current(message);
      if (current) onChange(current.key, { value: current.value, revision: current.revision });
    }, signal);
  }

  async #catchUp(): Promise<readonly Current<T>[]> {
    const last = await lastSequenceOf(this.#bus, this.#stream);
    if (last < this.#listedTo) this.#forget();
    if (last > this.#listedTo) await this.#readTo(last);
    if (last > this.#listedTo) throw new BusUnavailable(`Of stream ${this.#stream} only ${this.#listedTo} of ${last} states were read within ${LIMITS.rpcMs} ms.`);
    return [...this.#listed.values()];
  }

  async #readTo(last: number): Promise<void> {
    const end = new AbortController();
    await followStream(this.#bus, this.#stream, this.#listedTo + 1, (message) => {
      const current = this.#current(message);
      if (current) this.#listed.set(current.key, current);
      else this.#listed.delete(this.#keyOf(message));
      this.#listedTo = message.sequence;
      if (message.sequence >= last) end.abort();
    }, AbortSignal.any([end.signal, AbortSignal.timeout(LIMITS.rpcMs)]));
  }

  #forget(): void {
    this.#listed.clear();
    this.#listedTo = 0;
  }

  #current(message: StoredMessage): Current<T> | undefined {
    try {
      return { key: this.#keyOf(message), value: this.#schema.parse(JSON.parse(textOf(message))), revision: message.sequence };
    } catch {
      return undefined;
    }
  }

  #keyOf(message: StoredMessage): string {
    return message.subject.slice(this.#stream.length + 1);
  }

  #subject(key: string): string {
    if (!KEY.test(key)) throw new RangeError(`${JSON.stringify(key)} is no key: letters, digits, dash, underscore, and single dots between them`);
    return `${this.#stream.toLowerCase()}.${key}`;
  }
}

/** Attempts until the fate of the message is known. */
export async function settle(bus: Bus, append: ExactAppend, expected: number, what: string): Promise<Outcome<{ readonly revision: number }>> {
  const deadline = performance.now() + LIMITS.rpcMs;
  let detail = 'no answer came';
  for (let left: number = LIMITS.rpcMs; left > 0; left = deadline - performance.now()) {
    if (await bus.whenConnected(left)) {
      const result = await append.attempt(expected, Math.min(ATTEMPT_MS, left));
      if (result.kind === 'stored') return accepted({ revision: result.sequence });
      if (result.kind === 'conflict') return refused('conflict', `${what} was changed by someone else.`, { retryable: true, hint: 'Read it again and decide on what it holds now.' });
      detail = result.kind === 'refused' ? result.detail : 'no answer came';
    }
    await pause(RETRY_MS);
  }
  const fate = append.doubtful ? 'It may or may not be stored' : 'It is not stored';
  return refused('unavailable', `The bus did not store ${what} in time (${detail}). ${fate}.`, { retryable: true, hint: 'Read it again before you repeat this.' });
}

function textOf(message: StoredMessage): string {
  return Buffer.from(message.payload).toString('utf8');
}
