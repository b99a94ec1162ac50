import { describe, expect, it } from 'vitest';
import { budgetFrom } from './budget.js';
import { chats } from './entries/chat.js';
import { configurations } from './entries/configuration.js';
import { content } from './entries/content.js';
import { ledgerBatch } from './entries/ledger-batch.js';
import { patterns } from './entries/pattern.js';
import { copies } from './entries/postgres-copy.js';
import { frames } from './entries/postgres-frames.js';
import { messages } from './entries/postgres-messages.js';
import { scram } from './entries/postgres-scram.js';
import { startup } from './entries/postgres-startup.js';
import { sealing } from './entries/sealing.js';
import { sql } from './entries/sql.js';
import { tileLog } from './entries/tile-log.js';
import { accessToken } from './entries/token.js';
import { fuzz } from './fuzz.js';

const ENTRIES = [...chats, startup, ...frames, ...messages, ...copies, ...scram, ledgerBatch, ...tileLog, sql, ...configurations, ...content, ...patterns, ...sealing, accessToken];
const budget = budgetFrom(process.env);

describe(`whatever arrives (FUZZ_SEED=${budget.seed}), a decoder answers, in bounded time and memory:`, () => {
  it.each(ENTRIES)('$name', async (entry) => {
    const report = await fuzz(entry, budget);
    const { finding } = report;
    expect(finding && `input ${finding.iteration} of seed ${budget.seed}, ${finding.input.length} bytes, ${finding.input.toString('hex', 0, 1_000)}: ${finding.what}`).toBeUndefined();
    // A decoder that gives one answer to everything was not reached.
    expect(report.outcomes.length).toBeGreaterThan(entry.name === 'payloads of events' ? 0 : 1);
    expect(report.iterations).toBeGreaterThan(10);
  }, budget.seconds * 1_000 + 60_000);
});
