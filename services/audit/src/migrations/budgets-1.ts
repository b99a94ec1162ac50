import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Budgets1795910400000 implements MigrationInterface {
  readonly name = 'Budgets1795910400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE "budget_window" (
      "window" text PRIMARY KEY, "budget" text NOT NULL, "account" text NOT NULL, "window_ends_at" text NOT NULL, "leased" bigint NOT NULL, "most" bigint NOT NULL,
      "leased_at" text NOT NULL)`);
    await runner.query('CREATE INDEX "budget_window_end" ON "budget_window" ("window_ends_at")');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "budget_window"');
  }
}
