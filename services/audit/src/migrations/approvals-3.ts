import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who broke a glass. What was projected before has none, so nothing begins anew. */
export class Approvals1798243200000 implements MigrationInterface {
  readonly name = 'Approvals1798243200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "approval" ADD "glass" jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "approval" DROP "glass"');
  }
}
