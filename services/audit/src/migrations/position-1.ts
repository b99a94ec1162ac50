import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Beside every view's table: how much of the ledger its rows hold. */
export class Position1767225500000 implements MigrationInterface {
  readonly name = 'Position1767225500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE "position" ("view" text PRIMARY KEY, "epoch" text NOT NULL, "sequence" bigint NOT NULL, "hash" text NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "position"');
  }
}
