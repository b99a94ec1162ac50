/** One way from a client to the same database. */
export interface Road {
  readonly name: 'direct' | 'pgbouncer' | 'interlock' | 'interlock, unsynced';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A password, or a token: asked for anew before every run, because tokens end. */
  readonly password: () => Promise<string>;
  readonly database: string;
}

/** Every road is encrypted on both of its legs, so that all pay for it. */
const SSLMODE = 'require';

/** What libpq reads from the environment. */
export async function libpqEnvironment(road: Road): Promise<Record<string, string>> {
  return { PGHOST: road.host, PGPORT: String(road.port), PGUSER: road.user, PGPASSWORD: await road.password(), PGDATABASE: road.database, PGSSLMODE: SSLMODE };
}
