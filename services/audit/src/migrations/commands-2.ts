import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where in the ledger each step lies, and what was decided first. What was projected before does not know it, so the view begins anew. */
export class Commands1795824000000 implements MigrationInterface {
  readonly name = 'Commands1795824000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('TRUNCATE "command"');
    await runner.query('TRUNCATE "position"');
    await runner.query('ALTER TABLE "command" ADD "asking" jsonb, ADD "decided_place" bigint NOT NULL, ADD "ended_place" bigint');
    await runner.query('CREATE INDEX "command_ended" ON "command" ("session", "ended_place")');
    await runner.query('CREATE INDEX "command_decided_again" ON "command" ("session", "decided_place") WHERE "asking" IS NOT NULL');
    await runner.query('CREATE INDEX "command_event" ON "command" ("event")');
    await runner.query(`CREATE INDEX "command_asking_event" ON "command" (("asking"->>'event')) WHERE "asking" IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE "command" DROP "asking", DROP "decided_place", DROP "ended_place"');
  }
}
