import { Column, Entity, PrimaryColumn, type DataSource } from 'typeorm';
import { Generations1767225600000 } from '../migrations/generations-1.js';
import { answered, DatabaseAway, openSchema, quoted } from './database.js';
import { wholeNumber } from './whole-number.js';

@Entity('generation')
export class GenerationRow {
  @PrimaryColumn('text')
  view!: string;

  @Column('integer')
  number!: number;
}

/** The newest checkpoint that a verification saw: the next one must extend it. */
@Entity('seen_checkpoint')
export class SeenCheckpointRow {
  @PrimaryColumn('text')
  origin!: string;

  @Column('bigint', { transformer: wholeNumber })
  size!: number;

  @Column('text')
  root!: string;
}

const SCHEMA = 'interlock_audit';

/** How long a question of one row may take; a health check has less. */
const ANSWER_MS = 5_000;
const THERE_MS = 1_000;

/** Which schema serves each view, and what verifications remember. Until it is open, everything throws DatabaseAway. */
export class Generations {
  #source: DataSource | undefined;

  constructor(private readonly url: string) {}

  /** Makes the tables where they are missing. May be called again, also after it failed. */
  async open(): Promise<void> {
    this.#source ??= await openSchema({ url: this.url, schema: SCHEMA, entities: [GenerationRow, SeenCheckpointRow], migrations: [Generations1767225600000], connections: 2 });
  }

  /** Number of the generation that serves the view, 1 at first. */
  async serving(view: string): Promise<number> {
    const rows = this.#opened.getRepository(GenerationRow);
    await rows.createQueryBuilder().insert().values({ view, number: 1 }).orIgnore().execute();
    return (await rows.findOneByOrFail({ view })).number;
  }

  async serve(view: string, number: number): Promise<void> {
    await this.#opened.getRepository(GenerationRow).update({ view }, { number });
  }

  /** Takes away a schema that a broken rebuild left. */
  async dropSchema(schema: string): Promise<void> {
    await this.#opened.query(`DROP SCHEMA IF EXISTS ${quoted(schema)} CASCADE`);
  }

  async seenCheckpoint(origin: string): Promise<SeenCheckpointRow | null> {
    return answered(this.#opened.getRepository(SeenCheckpointRow).findOneBy({ origin }), ANSWER_MS);
  }

  async rememberCheckpoint(seen: SeenCheckpointRow): Promise<void> {
    await answered(this.#opened.getRepository(SeenCheckpointRow).save(seen), ANSWER_MS);
  }

  /** Whether the database answers. */
  async isThere(): Promise<boolean> {
    return this.#source !== undefined && answered(this.#source.query('SELECT 1'), THERE_MS).then(() => true, () => false);
  }

  async close(): Promise<void> {
    await this.#source?.destroy();
  }

  get #opened(): DataSource {
    if (!this.#source) throw new DatabaseAway('the database of the views could not be opened yet');
    return this.#source;
  }
}

/** Name of the schema of one generation of a view. */
export function schemaOf(view: string, generation: number): string {
  return `view_${view}_${generation}`;
}
