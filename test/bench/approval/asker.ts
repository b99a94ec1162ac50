import pg from 'pg';
import type { Place } from '../../e2e/system/installation.js';
import { Forgery } from '../../e2e/system/forged-tokens.js';
import { apiOk } from '../../e2e/system/people.js';
import { ASKED, BENCH_TARGET } from './asked.js';

/** What a command that has waited tells: by the target's clock, when it began to run there. */
export interface Ran {
  /** Milliseconds since the epoch. */
  readonly atTargetMs: number;
}

/** A command that waits for people. */
export interface Waiting {
  readonly grant: string;
  readonly agent: string;
  readonly ran: Promise<Ran>;
}

/** One agent's connection to the gateway, with at most one command on it. */
export class Asker {
  readonly #client: pg.Client;
  readonly #parked = new Set<(grant: string) => void>();

  private constructor(readonly agent: string, client: pg.Client) {
    this.#client = client;
    client.on('error', () => undefined);
    client.on('notice', ({ detail }) => {
      const { grant, reason } = (JSON.parse(detail ?? '{}') as { interlock?: { grant?: string; reason?: string } }).interlock ?? {};
      if (reason === 'waiting_for_approval' && grant !== undefined) for (const tell of this.#parked) tell(grant);
    });
  }

  /** With a token of the agent's own, as the issuer would sign it. */
  static async connect(place: Place, agent: string): Promise<Asker> {
    const forgery = new Forgery(place);
    const password = forgery.signed(forgery.claims({ sub: agent, client_id: agent, exp: Math.floor(Date.now() / 1_000) + 3_600 }));
    const client = new pg.Client({ host: '127.0.0.1', port: place.ports.connector, user: agent, password, database: BENCH_TARGET, ssl: { rejectUnauthorized: false }, connectionTimeoutMillis: 60_000 });
    await client.connect();
    return new Asker(agent, client);
  }

  /** Sends the command that asks; resolves once the connector has said that it waits. */
  async ask(): Promise<Waiting> {
    const parked = new Promise<string>((resolve) => {
      const tell = (grant: string): void => { this.#parked.delete(tell); resolve(grant); };
      this.#parked.add(tell);
    });
    const ran = this.#client.query<{ at: string }>(ASKED).then(({ rows }) => ({ atTargetMs: Number(rows[0]!.at) }));
    const refused = ran.then(() => Promise.reject(new Error('the command did not wait')));
    return { grant: await Promise.race([parked, refused]), agent: this.agent, ran };
  }

  end(): Promise<void> {
    return this.#client.end();
  }
}

/** What has to be named to agree to it. */
export async function digestOf(place: Place, { grant }: Waiting): Promise<string> {
  return (await apiOk<{ approval: { request: { grantDigest: string } } }>(place, 'dba', 'GET', `/approvals/${grant}`)).approval.request.grantDigest;
}
