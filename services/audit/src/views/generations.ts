import { Column, Entity, PrimaryColumn, type DataSource } from 'typeorm';
import { Generations1767225600000 } from '../migrations/generations-1.js';
import { openSchema, quoted } from './database.js';
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

/** Which schema serves each view, and what verifications remember. */
export class Generations {
  private constructor(private readonly source: DataSource) {}

  static async open(url: string): Promise<Generations> {
    return new Generations(await openSchema({ url, schema: SCHEMA, entities: [GenerationRow, SeenCheckpointRow], migrations: [Generations1767225600000], connections: 2 }));
  }

  /** Number of the generation that serves the view, 1 at first. */
  async serving(view: string): Promise<number> {
    await this.source.getRepository(GenerationRow).createQueryBuilder().insert().values({ view, number: 1 }).orIgnore().execute();
    return (await this.source.getRepository(GenerationRow).findOneByOrFail({ view })).number;
  }

  async serve(view: string, number: number): Promise<void> {
    await this.source.getRepository(GenerationRow).update({ view }, { number });
  }

  /** Takes away a schema that a broken rebuild left. */
  async dropSchema(schema: string): Promise<void> {
    await this.source.query(`DROP SCHEMA IF EXISTS ${quoted(schema)} CASCADE`);
  }

  seenCheckpoint(origin: string): Promise<SeenCheckpointRow | null> {
    return this.source.getRepository(SeenCheckpointRow).findOneBy({ origin });
  }

  async rememberCheckpoint(seen: SeenCheckpointRow): Promise<void> {
    await this.source.getRepository(SeenCheckpointRow).save(seen);
  }

  /** Whether the database answers. */
  async isThere(): Promise<boolean> {
    return this.source.query('SELECT 1').then(() => true, () => false);
  }

  async close(): Promise<void> {
    await this.source.destroy();
  }
}

/** Name of the schema of one generation of a view. */
export function schemaOf(view: string, generation: number): string {
  return `view_${view}_${generation}`;
}
