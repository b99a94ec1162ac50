import pg from 'pg';
import type { Place } from './installation.js';
import type { Name } from './people.js';
import { gatewayLogin } from './psql.js';

/** A node-postgres client at the gateway, as an application would configure it. Errors of the connection do not end the test. */
export async function nodePg(place: Place, as: Name, database: string, options: pg.ClientConfig = {}): Promise<pg.Client> {
  const login = await gatewayLogin(place, as);
  const client = new pg.Client({ ...login, database, ssl: { rejectUnauthorized: false }, connectionTimeoutMillis: 15_000, ...options });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
