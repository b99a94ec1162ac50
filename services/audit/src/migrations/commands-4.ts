import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was gathered for each decision. What was projected before does not know it, so the view begins anew. */
export class Commands1795996800000 implements MigrationInterface {
  readonly name = 'Commands1795996800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('TRUNCATE "command"');
    await runner.query('TRUNCATE "position"');
    await runner.query('ALTER TABLE "command" ADD "gathered" jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "command" DROP "gathered"');
  }
}
