import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBE_ROLE, STANDING_ROLE } from '@interlock/deploy-local';
import pg from 'pg';
import type { Place } from './installation.js';

export interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** The target's server without Interlock, as its owner or as the role that Interlock presents. Only the state folder's owner can read these. */
export function bareLogin({ state, ports }: Place, as: 'superuser' | 'standing' | 'probe'): Login {
  const user = { superuser: 'postgres', standing: STANDING_ROLE, probe: PROBE_ROLE }[as];
  return { host: '127.0.0.1', port: ports.target, user, password: readFileSync(join(state, 'secrets', `target-${as}`), 'utf8').trim() };
}

export function viewsLogin({ state, ports }: Place): Login {
  return { host: '127.0.0.1', port: ports.views, user: 'postgres', password: readFileSync(join(state, 'secrets', 'views-superuser'), 'utf8').trim() };
}

/** Runs work on one connection of its own. */
export async function withClient<T>(login: Login, database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...login, database });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
