import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, QueryFailedError, type EntityTarget, type MigrationInterface, type ObjectLiteral } from 'typeorm';

/** What a schema of the views' database is made of. */
export interface SchemaParts {
  readonly url: string;
  readonly schema: string;
  readonly entities: readonly (EntityTarget<ObjectLiteral> & (new () => unknown))[];
  readonly migrations: readonly (new () => MigrationInterface)[];
  /** Connections at most. */
  readonly connections?: number;
}

/** Opens one schema, makes it when it is not there, and runs its migrations. Nothing is ever synchronized from entities. */
export async function openSchema(parts: SchemaParts): Promise<DataSource> {
  await makeSchema(parts);
  const source = new DataSource({
    type: 'postgres', url: parts.url, entities: [...parts.entities], migrations: [...parts.migrations], migrationsTableName: 'migration', migrationsTransactionMode: 'all',
    synchronize: false, logging: false, applicationName: 'interlock-audit', extra: { max: parts.connections ?? 3, options: `-c search_path=${parts.schema}` },
  });
  await source.initialize();
  try {
    await source.runMigrations();
    return source;
  } catch (fault) {
    await source.destroy();
    throw fault;
  }
}

async function makeSchema({ url, schema }: SchemaParts): Promise<void> {
  const source = new DataSource({ type: 'postgres', url, synchronize: false, logging: false, applicationName: 'interlock-audit', extra: { max: 1 } });
  await connected(source);
  try {
    await source.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
  } finally {
    await source.destroy();
  }
}

/** A database that is just starting, or being brought back, is waited for. */
async function connected(source: DataSource): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await source.initialize();
      return;
    } catch (fault) {
      if (attempt >= CONNECT_ATTEMPTS || isForGood(fault)) throw fault;
      await sleep(CONNECT_EVERY_MS);
    }
  }
}

const CONNECT_ATTEMPTS = 30;
const CONNECT_EVERY_MS = 1_000;

/** Wrong password, no such database or role (SQLSTATE classes 28 and 3D): waiting does not help. */
function isForGood(fault: unknown): boolean {
  return /^(28|3D)/.test(String((fault as { code?: unknown }).code ?? ''));
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Classes of SQLSTATE that say something about the data or the statement, not about the database's health. */
const PERMANENT = /^(0A|21|22|23|42|44)/;

/**
 * Whether the database refused this work for good: doing it again would fail again. Everything else (connection lost,
 * shutting down, out of space, deadlock) may pass.
 */
export function isPermanent(fault: unknown): boolean {
  return fault instanceof QueryFailedError && PERMANENT.test(String((fault.driverError as { code?: unknown }).code ?? ''));
}

/** Whether the database is away for the moment: not there, starting, stopping, or gone while it was asked (SQLSTATE classes 08 and 57P). */
export function isAway(fault: unknown): boolean {
  const { code, message } = (fault instanceof QueryFailedError ? fault.driverError : fault) as { readonly code?: unknown; readonly message?: unknown };
  return AWAY.test(String(code ?? '')) || String(message ?? '').startsWith('Connection terminated');
}

const AWAY = /^(08|57P0|ECONN|EPIPE|ETIMEDOUT)/;
