import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where in the ledger each step lies. What was projected before does not know it, so the view begins anew. */
export class Sessions1795824000000 implements MigrationInterface {
  readonly name = 'Sessions1795824000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('TRUNCATE "session"');
    await runner.query('TRUNCATE "position"');
    await runner.query('ALTER TABLE "session" ADD "closed_place" bigint');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "session" DROP "closed_place"');
  }
}
