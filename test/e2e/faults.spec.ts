import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../fuzz/random.js';
import { killedAtEachStep } from './kills.js';
import { peopleShownThroughKills } from './people-shown.js';
import { interlock } from './system/cli.js';
import { nodePg } from './system/clients.js';
import { eventually } from './system/eventually.js';
import { layLab, LAB } from './system/fixture.js';
import { childrenOf, makeFolder, processesOf, startInstallation, stopInstallation, type Place } from './system/installation.js';
import { eventAfter, lastSequence, readLedger, type ReadEvent } from './system/ledger.js';
import { recordLie } from './system/lying-connector.js';
import { bareLogin, withClient } from './system/server.js';
import { SHARED_START_MS } from './system/shared.js';
import { Writers, type Written } from './system/writers.js';

/** 30 by INTERLOCK_E2E_KILLS; a few in every run of the tests. */
const KILLS = Number(process.env['INTERLOCK_E2E_KILLS'] ?? 3);
const SEED = Number(process.env['INTERLOCK_E2E_SEED'] ?? 7);
const CLIENTS = 8;
/** No client may wait longer for an answer. */
const HANG_MS = 10_000;
/** From a kill until every client writes again. */
const RECOVERY_MS = 45_000;
/** To read once more what is written while one part after the other is killed once. */
const EACH_KILLS_EVENTS_MS = 20_000;

let place: Place;
beforeAll(async () => {
  place = await startInstallation(makeFolder('faults'), process.ppid);
  await layLab(place);
}, SHARED_START_MS);
afterAll(() => place && stopInstallation(place), 120_000);

/** Rows on the target, by the gateway's way and by no other. */
async function rowsOnTarget(): Promise<Set<string>> {
  const rows = await withClient(bareLogin(place, 'superuser'), LAB, async (client) => (await client.query<{ id: string }>('select id from written')).rows);
  return new Set(rows.map(({ id }) => id));
}

/** Clients may write while what was killed before is not back yet; only what runs can be killed. */
async function kill(part: string): Promise<void> {
  await eventually(`${part} is killed`, () => {
    const pid = processesOf(place)[part];
    return pid !== undefined && process.kill(pid, 'SIGKILL');
  }, { withinMs: RECOVERY_MS });
}

/** Kills at seeded moments while clients write; after each kill every client must come to write again by itself. */
async function killUnderLoad(part: string, random: Random): Promise<Writers> {
  const writers = new Writers(place, LAB, CLIENTS);
  try {
    await writers.successes(3, RECOVERY_MS);
    for (let count = 0; count < KILLS; count += 1) {
      // The one wait that is no waiting for something: it chooses the moment of the fault.
      await sleep(random.below(1_500));
      await kill(part);
      await writers.successes(2, RECOVERY_MS);
    }
  } finally {
    await writers.stop();
  }
  return writers;
}

/** Ids of rows that an allowed and recorded insert named. */
function allowedRows(events: readonly ReadEvent[]): Set<string> {
  const allowed = events.filter(({ metadata, data }) => metadata.type === 'command.decided.v1' && (data['decision'] as { outcome: string }).outcome === 'allow');
  return new Set(allowed.flatMap(({ data }) => (data['action'] as { parameters: { value: string | null }[] }).parameters.map(({ value }) => value ?? '')));
}

async function nothingIsLost(written: readonly Written[], rowsBefore: ReadonlySet<string>): Promise<void> {
  const rows = await rowsOnTarget();
  const recorded = allowedRows(await readLedger(place));
  const attempted = new Set(written.flatMap((own) => own.attempted));
  expect([...rows].filter((id) => !recorded.has(id)), 'rows on the target without an allow event in the ledger').toEqual([]);
  expect(written.flatMap((own) => own.acknowledged).filter((id) => !rows.has(id)), 'acknowledged rows that are not on the target').toEqual([]);
  expect([...rows].filter((id) => !rowsBefore.has(id) && !attempted.has(id)), 'rows that nobody sent').toEqual([]);
}

/** Every command that was allowed has an outcome in the end: completed, failed, not sent, or unknown. */
async function everyCommandEnds(): Promise<void> {
  await eventually('every allowed command has an outcome', async () => {
    const events = await readLedger(place);
    const ended = new Set(events.filter(({ metadata }) => metadata.type === 'command.outcome.v1').map(({ metadata }) => metadata.command));
    const open = events.filter(({ metadata, data }) => metadata.type === 'command.decided.v1' && (data['decision'] as { outcome: string }).outcome === 'allow' && !ended.has(metadata.command));
    if (open.length > 0) throw new Error(`${open.length} without an outcome, e.g. ${JSON.stringify(open[0]?.metadata)}`);
    return true;
  }, { withinMs: 60_000, everyMs: 1_000 });
}

describe(`killed ${KILLS} times under ${CLIENTS} writing clients (INTERLOCK_E2E_SEED=${SEED})`, () => {
  it.each(['bus', 'connectors', 'recorder', 'control', 'database views'])('%s: nothing is lost, nobody hangs, it recovers by itself', async (part) => {
    const before = await rowsOnTarget();
    const { written } = await killUnderLoad(part, new Random(SEED));
    expect(Math.max(...written.map(({ longestMs }) => longestMs)), 'the longest wait of a client').toBeLessThan(HANG_MS);
    await nothingIsLost(written, before);
    await everyCommandEnds();
    expect(written.flatMap(({ acknowledged }) => acknowledged).length).toBeGreaterThan(CLIENTS * KILLS);
  }, 120_000 + KILLS * (RECOVERY_MS + 5_000));

  it('while the database of the views hangs, the recorder comes back, commands go on, and who reads is told', async () => {
    const server = processesOf(place)['database views']!;
    const frozen = [server, ...childrenOf(server)];
    for (const pid of frozen) process.kill(pid, 'SIGSTOP');
    try {
      await kill('recorder');
      const writers = new Writers(place, LAB, 1);
      await writers.successes(3, RECOVERY_MS).finally(() => writers.stop());
      await eventually('readers are told what is away', async () => {
        const { said, code } = await interlock(place, 'auditor', ['sessions', 'list']);
        return code === 4 && said.includes('The database of the views does not answer');
      }, { withinMs: 20_000 });
      await eventually('health tells it', async () => (await (await fetch(`http://127.0.0.1:${place.ports.api}/health/ready`)).text()).includes('the database of the views does not answer'), { withinMs: RECOVERY_MS });
    } finally {
      for (const pid of frozen) process.kill(pid, 'SIGCONT');
    }
    await eventually('the views are there again', async () => (await interlock(place, 'auditor', ['sessions', 'list'])).code === 0, { withinMs: RECOVERY_MS });
  }, 180_000);
});

killedAtEachStep(() => place);

peopleShownThroughKills(() => place);

describe('afterwards', () => {
  it('the log verifies and every view is rebuilt identically', async () => {
    await eventually('the log verifies', async () => {
      const { said, code } = await interlock(place, 'auditor', ['audit', 'verify']);
      if (code !== 0) throw new Error(said);
      return true;
    }, { withinMs: 60_000 + KILLS * EACH_KILLS_EVENTS_MS });
    const { said, code } = await interlock(place, 'auditor', ['views', 'rebuild']);
    expect(code, said).toBe(0);
  }, 180_000 + 2 * KILLS * EACH_KILLS_EVENTS_MS);
});

describe('a connector that decides otherwise than its rules', () => {
  it('is locked: its live sessions end, with what they run, and nobody comes in until two people lift the lock', async () => {
    const before = await lastSequence(place);
    const [busy, idle] = [await nodePg(place, 'agent-etl', LAB), await nodePg(place, 'agent-etl', LAB)];
    await expect(idle.query('drop table slips')).rejects.toThrow('default-deny');
    const denied = await eventAfter(place, before, 'command.decided.v1', ({ decision }) => (decision as { outcome: string }).outcome === 'deny');
    const carrier = denied.metadata.source.replace('interlock/', '');
    const ends = [busy.query('select pg_sleep(100)'), new Promise((_resolve, reject) => idle.on('error', reject))].map((end) => end.then(() => 'it went on', (fault: Error) => fault.message));
    await eventAfter(place, before, 'command.decided.v1', ({ action }) => (action as { text: string }).text === 'select pg_sleep(100)');
    await recordLie(place, denied);
    for (const said of await Promise.all(ends)) expect(said).toContain(`${carrier} is locked by policy`);
    await expect(nodePg(place, 'agent-etl', LAB)).rejects.toThrow(`${carrier} is locked by policy`);

    const mismatch = await eventAfter(place, before, 'decision.mismatch.v1');
    expect(mismatch.data).toMatchObject({ principal: 'agent-etl', target: LAB, recorded: { outcome: 'allow' }, again: { outcome: 'deny' } });
    const lock = String(mismatch.data['lock']);
    for (const name of ['security', 'dba'] as const) expect(await interlock(place, name, ['unlock', lock])).toMatchObject({ code: 0 });
    const again = await eventually('sessions are let in again', () => nodePg(place, 'agent-etl', LAB), { withinMs: RECOVERY_MS });
    expect((await again.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await again.end();
  }, 120_000);
});
