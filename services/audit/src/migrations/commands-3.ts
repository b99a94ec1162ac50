import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a command scored. Nothing that was projected before had a score. */
export class Commands1795910400000 implements MigrationInterface {
  readonly name = 'Commands1795910400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "command" ADD "risk" jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "command" DROP "risk"');
  }
}
