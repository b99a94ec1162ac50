import { Column, Entity, PrimaryColumn, type DataSource, type EntityManager, type EntityMetadata, type MigrationInterface, type Repository } from 'typeorm';
import { LEDGER_START, type LedgerPosition } from '@interlock/kernel';
import type { EventType } from '@interlock/contracts';
import { Position1767225500000 } from '../migrations/position-1.js';
import { openSchema, quoted } from './database.js';
import { wholeNumber } from './whole-number.js';
import type { EventOf, View } from './view.js';

@Entity('position')
export class PositionRow {
  @PrimaryColumn('text')
  view!: string;

  @Column('text')
  epoch!: string;

  @Column('bigint', { transformer: wholeNumber })
  sequence!: number;

  @Column('text')
  hash!: string;
}

/** A view with its table. */
export interface StoredView<Row extends object = object, Type extends EventType = EventType> {
  readonly view: View<Row, Type>;
  readonly row: new () => Row;
  readonly migrations: readonly (new () => MigrationInterface)[];
}

/** Someone else moved the view's position: two projectors write the same view. */
export class PositionMoved extends Error {
  override readonly name = 'PositionMoved';
}

/** The rows of one view in one schema, and how much of the ledger they hold. */
export class ViewStore<Row extends object> {
  readonly #metadata: EntityMetadata;
  readonly #key: string;
  readonly #upsert: string;

  private constructor(private readonly source: DataSource, private readonly view: View<Row, EventType>, row: new () => Row, readonly schema: string) {
    this.#metadata = source.getMetadata(row);
    this.#key = this.#metadata.primaryColumns[0]!.databaseName;
    this.#upsert = upsertOf(this.#metadata, this.#key);
  }

  static async open<Row extends object>(url: string, schema: string, stored: StoredView<Row>): Promise<ViewStore<Row>> {
    const source = await openSchema({ url, schema, entities: [stored.row, PositionRow], migrations: [Position1767225500000, ...stored.migrations] });
    const { epoch, sequence, hash } = LEDGER_START;
    await source.getRepository(PositionRow).createQueryBuilder().insert().values({ view: stored.view.name, epoch, sequence, hash }).orIgnore().execute();
    return new ViewStore(source, stored.view, stored.row, schema);
  }

  get repository(): Repository<Row> {
    return this.source.getRepository(this.#metadata.target as new () => Row);
  }

  async position(): Promise<LedgerPosition> {
    const { epoch, sequence, hash } = await this.source.getRepository(PositionRow).findOneByOrFail({ view: this.view.name });
    return { epoch, sequence, hash };
  }

  /**
   * Moves the rows over these events, and the position with them, in one transaction; most slices have no events for most views,
   * and a statement alone is one, too. Done already is done: when an answer
   * of the database was lost, the same call may be made again.
   *
   * @throws PositionMoved when the view is neither at `from` nor at `to`.
   */
  async apply(from: LedgerPosition, to: LedgerPosition, events: readonly EventOf<EventType>[]): Promise<void> {
    if (events.length === 0) return void (await this.#move(this.source.manager, from, to));
    await this.source.transaction(async (manager) => {
      if (!(await this.#move(manager, from, to))) return;
      for (const segment of this.#segments(events)) await this.#fold(manager, segment);
    });
  }

  /** How many rows there are, and SHA-256 over them in the order of their keys. */
  async digest(): Promise<{ readonly rows: number; readonly hash: string }> {
    const [{ rows, hash }] = await this.source.query<[{ rows: string; hash: string }]>(
      `SELECT count(*) AS rows, encode(sha256(convert_to(coalesce(string_agg(encode(sha256(convert_to(t::text, 'UTF8')), 'hex'), '' ORDER BY t.${quoted(this.#key)} COLLATE "C"), ''), 'UTF8')), 'hex') AS hash FROM ${this.#table} t`,
    );
    return { rows: Number(rows), hash };
  }

  async drop(): Promise<void> {
    try {
      await this.source.query(`DROP SCHEMA ${quoted(this.schema)} CASCADE`);
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.source.destroy();
  }

  get #table(): string {
    return quoted(this.#metadata.tableName);
  }

  async #move(manager: EntityManager, from: LedgerPosition, to: LedgerPosition): Promise<boolean> {
    const [, moved] = await manager.query<[unknown, number]>(MOVE, [this.view.name, from.sequence, from.hash, to.epoch, to.sequence, to.hash]);
    if (moved === 1) return true;
    const found = await manager.findOneByOrFail(PositionRow, { view: this.view.name });
    if (found.sequence === to.sequence && found.hash === to.hash) return false;
    throw new PositionMoved(`view ${this.view.name} is at sequence ${found.sequence}, not at ${from.sequence}: another audit service writes it`);
  }

  /** Events that concern rows by their values must see the rows of all events before them: each closes a segment. */
  #segments(events: readonly EventOf<EventType>[]): EventOf<EventType>[][] {
    const segments: EventOf<EventType>[][] = [[]];
    for (const event of events) {
      const isWide = this.view.concerned?.(event) !== undefined;
      if (isWide) segments.push([event], []);
      else segments.at(-1)!.push(event);
    }
    return segments.filter((segment) => segment.length > 0);
  }

  async #fold(manager: EntityManager, events: readonly EventOf<EventType>[]): Promise<void> {
    const concerned = this.view.concerned?.(events[0]!);
    const rows = concerned ? await this.#rowsLike(manager, concerned) : await this.#rowsByKey(manager, events);
    const changed = new Map<string, Row>();
    for (const event of events) {
      const own = this.view.keyOf(event);
      const keys = concerned ? [...rows.keys()] : own === undefined ? [] : [own];
      for (const key of keys) {
        const before = rows.get(key);
        const after = this.view.evolve(before, event);
        if (!after || after === before) continue;
        rows.set(key, after);
        changed.set(key, after);
      }
    }
    if (changed.size > 0) await manager.query(this.#upsert, [this.#json([...changed.values()])]);
  }

  async #rowsByKey(manager: EntityManager, events: readonly EventOf<EventType>[]): Promise<Map<string, Row>> {
    const keys = [...new Set(events.map((event) => this.view.keyOf(event)).filter((key) => key !== undefined))];
    if (keys.length === 0) return new Map();
    return this.#rowsOf(await manager.query(`SELECT * FROM ${this.#table} WHERE ${quoted(this.#key)} = ANY($1)`, [keys.map(storable)]));
  }

  async #rowsLike(manager: EntityManager, concerned: Partial<Row>): Promise<Map<string, Row>> {
    const columns = Object.entries(concerned).map(([property, value]) => [this.#metadata.findColumnWithPropertyName(property)!.databaseName, value] as const);
    const where = columns.map(([column], at) => `${quoted(column)} = $${at + 1}`).join(' AND ');
    return this.#rowsOf(await manager.query(`SELECT * FROM ${this.#table} WHERE ${where}`, columns.map(([, value]) => value)));
  }

  #rowsOf(found: readonly Record<string, unknown>[]): Map<string, Row> {
    return new Map(found.map((raw) => {
      const row: Record<string, unknown> = {};
      for (const column of this.#metadata.columns) {
        const value = raw[column.databaseName];
        row[column.propertyName] = column.type === 'bigint' ? wholeNumber.from(value as string | null) : value;
      }
      return [String(raw[this.#key]), row as Row];
    }));
  }

  #json(rows: readonly Row[]): string {
    const named = rows.map((row) => Object.fromEntries(this.#metadata.columns.map((column) => [column.databaseName, (row as Record<string, unknown>)[column.propertyName] ?? null])));
    const text = JSON.stringify(named);
    return UNSTORABLE.test(text) ? JSON.stringify(named, (_name, value: unknown) => (typeof value === 'string' ? storable(value) : value)) : text;
  }
}

const MOVE = 'UPDATE position SET epoch = $4, sequence = $5, hash = $6 WHERE view = $1 AND sequence = $2 AND hash = $3';

/** As JSON writes them: NUL, and half of a surrogate pair. */
const UNSTORABLE = /\\u0000|\\ud[89a-f]/i;

/** PostgreSQL stores neither NUL nor half a surrogate pair; an agent that sends one must not stop a view. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\u2400').toWellFormed();
}

function upsertOf(metadata: EntityMetadata, key: string): string {
  const names = metadata.columns.map((column) => quoted(column.databaseName));
  const typed = metadata.columns.map((column) => `${quoted(column.databaseName)} ${String(column.type)}`);
  const updates = names.filter((name) => name !== quoted(key)).map((name) => `${name} = EXCLUDED.${name}`);
  return `INSERT INTO ${quoted(metadata.tableName)} (${names.join(', ')}) SELECT ${names.join(', ')} FROM json_to_recordset($1::json) AS r(${typed.join(', ')})
    ON CONFLICT (${quoted(key)}) DO UPDATE SET ${updates.join(', ')}`;
}
