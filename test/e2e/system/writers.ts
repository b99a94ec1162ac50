import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.js';
import { nodePg } from './clients.js';
import type { Place } from './installation.js';

/** What one client did, as it knows it. */
export interface Written {
  /** Rows whose insert was answered with success. */
  readonly acknowledged: string[];
  /** Rows that were sent at all. */
  readonly attempted: string[];
  /** The longest time from sending a statement, or opening a connection, to an answer of any kind. */
  longestMs: number;
  failures: number;
}

/** A client whose connection or statement took longer than this hangs. */
const GIVE_UP_MS = 30_000;

/**
 * Clients that insert one row after the other until told to stop. They treat every error as an application would: note it,
 * connect again where the connection is gone, go on with another row.
 */
export class Writers {
  readonly written: readonly Written[];
  #stopping = false;
  readonly #running: Promise<void>;

  constructor(private readonly place: Place, private readonly database: string, count: number) {
    this.written = Array.from({ length: count }, () => ({ acknowledged: [], attempted: [], longestMs: 0, failures: 0 }));
    this.#running = Promise.all(this.written.map((own, writer) => this.#write(own, writer))).then(() => undefined);
  }

  /** Resolves once every client had `count` more successes than now: it works again. */
  async successes(count: number, withinMs: number): Promise<void> {
    const before = this.written.map(({ acknowledged }) => acknowledged.length);
    await eventually(`every client writes ${count} more rows`, () => this.written.every(({ acknowledged }, at) => acknowledged.length >= before[at]! + count), { withinMs, everyMs: 50 });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #write(own: Written, writer: number): Promise<void> {
    while (!this.#stopping) {
      const client = await timed(own, () => nodePg(this.place, 'agent-etl', this.database, { connectionTimeoutMillis: GIVE_UP_MS, query_timeout: GIVE_UP_MS })).catch(() => undefined);
      if (client === undefined) {
        await sleep(50);
        continue;
      }
      let usable = true;
      client.on('end', () => { usable = false; });
      while (usable && !this.#stopping) usable = await this.#insert(own, writer, (text, values) => client.query(text, values));
      await client.end().catch(() => undefined);
    }
  }

  /** Whether the connection can be used on. */
  async #insert(own: Written, writer: number, query: (text: string, values: unknown[]) => Promise<unknown>): Promise<boolean> {
    const id = randomUUID();
    own.attempted.push(id);
    try {
      await timed(own, () => query('insert into written (id, writer) values ($1, $2)', [id, writer]));
      own.acknowledged.push(id);
      return true;
    } catch (fault) {
      own.failures += 1;
      // An error of the server leaves the session usable; anything else is the connection's end.
      return (fault as { severity?: string }).severity === 'ERROR';
    }
  }
}

async function timed<T>(own: Written, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  try {
    return await work();
  } finally {
    own.longestMs = Math.max(own.longestMs, performance.now() - begun);
  }
}
