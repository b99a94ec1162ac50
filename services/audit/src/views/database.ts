import { DataSource, QueryFailedError, QueryRunnerAlreadyReleasedError, type EntityTarget, type MigrationInterface, type ObjectLiteral } from 'typeorm';

/** A server that takes a connection and says nothing is given up; one that vanished without a word is noticed after minutes, not after hours. */
const PATIENCE = { connectionTimeoutMillis: 10_000, keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

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
    synchronize: false, logging: false, applicationName: 'interlock-audit', extra: { max: parts.connections ?? 3, options: `-c search_path=${parts.schema}`, ...PATIENCE },
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
  const source = new DataSource({ type: 'postgres', url, synchronize: false, logging: false, applicationName: 'interlock-audit', extra: { max: 1, ...PATIENCE } });
  await source.initialize();
  try {
    await source.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
  } finally {
    await source.destroy();
  }
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

/** Whether the database does not hold what audit made there (no such database, schema or table): it was made anew, or set back. */
export function isEmptied(fault: unknown): boolean {
  return fault instanceof QueryFailedError && /^(42P01|3F000|3D000)$/.test(String((fault.driverError as { code?: unknown }).code ?? ''));
}

/** The database is not open yet, or does not answer in time. */
export class DatabaseAway extends Error {
  override readonly name = 'DatabaseAway';
}

/** What `work` comes to. @throws DatabaseAway when that takes longer; the work itself is not taken back. */
export async function answered<T>(work: Promise<T>, withinMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DatabaseAway(`the database of the views did not answer within ${withinMs} ms`)), withinMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/**
 * Whether the database is away for the moment: not there, starting, stopping, gone while it was asked, or without a connection,
 * memory or disk to answer with (SQLSTATE classes 08, 53 and 57P).
 */
export function isAway(fault: unknown): boolean {
  if (fault instanceof DatabaseAway || fault instanceof QueryRunnerAlreadyReleasedError) return true;
  const { code, message } = (fault instanceof QueryFailedError ? fault.driverError : fault) as { readonly code?: unknown; readonly message?: unknown };
  return AWAY.test(String(code ?? '')) || LOST.test(String(message ?? ''));
}

const AWAY = /^(08|53|57P0|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;
/** What node-postgres says of a connection that it lost without an error of the system. */
const LOST = /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;
