import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Until when a command is held for its approval. Of what was projected before it is not known, and nothing begins anew for it. */
export class Approvals1798329600000 implements MigrationInterface {
  readonly name = 'Approvals1798329600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "approval" ADD "waits_until" text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "approval" DROP "waits_until"');
  }
}
