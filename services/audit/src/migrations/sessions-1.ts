import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Sessions1767225600000 implements MigrationInterface {
  readonly name = 'Sessions1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE "session" (
      "session" text PRIMARY KEY, "tenant" text NOT NULL, "principal" text, "principal_kind" text, "party" jsonb, "target" text, "protocol" text,
      "status" text NOT NULL, "opened_at" text NOT NULL, "closed_at" text, "close_reason" text, "close_detail" text, "commands" bigint, "bytes_to_client" bigint,
      "client_address" text, "client_application" text, "token_expires_at" text, "bundle_version" bigint, "erased" boolean NOT NULL,
      "instance" text NOT NULL, "run" text NOT NULL, "sequence" bigint NOT NULL, "position" integer NOT NULL)`);
    await runner.query('CREATE INDEX "session_place" ON "session" ("sequence" DESC, "position" DESC)');
    await runner.query('CREATE INDEX "session_principal" ON "session" ("principal", "sequence" DESC)');
    await runner.query(`CREATE INDEX "session_open" ON "session" ("instance") WHERE "status" = 'open'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "session"');
  }
}
