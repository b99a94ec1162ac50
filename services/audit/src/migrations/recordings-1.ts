import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Recordings1767225600000 implements MigrationInterface {
  readonly name = 'Recordings1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE "recording_chunk" (
      "chunk" text PRIMARY KEY, "session" text NOT NULL, "exchange" text NOT NULL, "index" integer NOT NULL, "first_byte" bigint NOT NULL, "bytes" integer NOT NULL,
      "hash" text NOT NULL, "stream_sequence" bigint, "message_offset" integer NOT NULL, "key_id" text NOT NULL, "key_offset" bigint,
      "recorded_at" text NOT NULL, "sequence" bigint NOT NULL, "position" integer NOT NULL)`);
    await runner.query('CREATE INDEX "recording_chunk_place" ON "recording_chunk" ("session", "exchange", "first_byte")');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "recording_chunk"');
  }
}
