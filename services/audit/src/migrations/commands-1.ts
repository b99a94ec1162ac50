import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Commands1767225600000 implements MigrationInterface {
  readonly name = 'Commands1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE "command" (
      "command" text PRIMARY KEY, "tenant" text NOT NULL, "session" text, "exchange" text, "principal" text, "target" text, "verb" text, "text" text,
      "parameters" jsonb, "accesses" jsonb, "facts" jsonb, "action_digest" text, "decision" text, "reasons" jsonb, "bundle_version" bigint,
      "grant" text, "approvers" jsonb, "asked_at" text NOT NULL, "decided_at" text NOT NULL, "status" text, "ended_at" text, "summary" text, "error_code" text,
      "rows" bigint, "bytes" bigint, "masked" bigint, "duration_ms" double precision, "first_byte" bigint, "erased" boolean NOT NULL,
      "event" text NOT NULL, "sequence" bigint NOT NULL, "position" integer NOT NULL)`);
    await runner.query('CREATE INDEX "command_session" ON "command" ("session", "sequence", "position")');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "command"');
  }
}
