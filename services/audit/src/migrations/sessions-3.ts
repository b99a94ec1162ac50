import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each session says it is for. What was projected before does not know it, so the view begins anew. */
export class Sessions1795996800000 implements MigrationInterface {
  readonly name = 'Sessions1795996800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('TRUNCATE "session"');
    await runner.query('TRUNCATE "position"');
    await runner.query('ALTER TABLE "session" ADD "purpose" text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "session" DROP "purpose"');
  }
}
