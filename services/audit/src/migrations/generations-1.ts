import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which schema each view is served from, and the newest checkpoint that was verified. */
export class Generations1767225600000 implements MigrationInterface {
  readonly name = 'Generations1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE "generation" ("view" text PRIMARY KEY, "number" integer NOT NULL)');
    await runner.query('CREATE TABLE "seen_checkpoint" ("origin" text PRIMARY KEY, "size" bigint NOT NULL, "root" text NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "seen_checkpoint"');
    await runner.query('DROP TABLE "generation"');
  }
}
