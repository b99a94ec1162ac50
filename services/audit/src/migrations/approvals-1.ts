import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Approvals1767225600000 implements MigrationInterface {
  readonly name = 'Approvals1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE "approval" (
      "grant" text PRIMARY KEY, "tenant" text NOT NULL, "session" text, "command" text, "requester" text, "party" jsonb, "target" text, "text" text,
      "reasons" jsonb, "ask" jsonb, "status" text NOT NULL, "votes" jsonb NOT NULL, "rejected" jsonb NOT NULL, "requested_at" text NOT NULL, "expires_at" text,
      "decided_at" text, "consumed_at" text, "action_digest" text, "grant_digest" text, "erased" boolean NOT NULL,
      "sequence" bigint NOT NULL, "position" integer NOT NULL)`);
    await runner.query('CREATE INDEX "approval_session" ON "approval" ("session")');
    await runner.query('CREATE INDEX "approval_command" ON "approval" ("command")');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "approval"');
  }
}
