import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where in the ledger each step lies. What was projected before does not know it, so the view begins anew. */
export class Approvals1795824000000 implements MigrationInterface {
  readonly name = 'Approvals1795824000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('TRUNCATE "approval"');
    await runner.query('TRUNCATE "position"');
    await runner.query('ALTER TABLE "approval" ADD "ended_place" bigint, ADD "last_place" bigint NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "approval" DROP "ended_place", DROP "last_place"');
  }
}
