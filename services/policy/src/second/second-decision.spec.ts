import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CedarJudgeCompiler } from '@interlock/adapter-cedar';
import type { RpcClient } from '@interlock/contracts';
import { MemoryLedger } from '@interlock/adapter-memory-log';
import { accepted, refused } from '@interlock/kernel';
import { createLogger } from '@interlock/nest';
import { KeysUnavailable } from '@interlock/adapter-sealing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { action, ALLOWED, bundle, CLEAR_KEYS, connectorLedger, decided, ETL, lie, MemoryBundles, opened, RULES, truth } from '../../spec/recorded-world.js';
import { DecisionReader } from './decision-reader.js';
import { Incidents } from './incidents.js';
import { OpenSessions } from './open-sessions.js';
import { PlaceFile } from './place-file.js';
import { SecondDecision } from './second-decision.js';
import { SecondJudge } from './second-judge.js';
import { Tally } from './tally.js';

const FIRST = bundle(1);
const HONEST = decided(truth(FIRST, action()));
const WRONG = decided(lie(truth(FIRST, action('update')), ALLOWED), 's-1.1.2');

/** One connector's ledger, identity's locks and policy's own ledger, in memory; the place in a file. */
class World {
  ledger = connectorLedger();
  readonly own = new MemoryLedger({ service: 'policy' });
  readonly bundles = new MemoryBundles([FIRST]);
  readonly locked: string[] = [];
  readonly asked: string[] = [];
  identityAway = false;
  keysAway = false;
  lines: string[] = [];

  constructor(readonly folder: string) {}

  get path(): string {
    return join(this.folder, 'place.json');
  }

  async start(): Promise<SecondDecision> {
    const place = new PlaceFile(this.path);
    const state = await place.load();
    const rpc: Pick<RpcClient, 'call'> = { call: (_name, request) => Promise.resolve(this.#lock(request as { event: string; connector: string; instance: string }) as never) };
    const keys = { of: (ids: ReadonlySet<string>) => (this.keysAway ? Promise.reject(new KeysUnavailable('away')) : CLEAR_KEYS.of(ids)) };
    const second = new SecondDecision({
      ledger: this.ledger, decisions: new DecisionReader(keys, () => true, new OpenSessions(state?.sessions)), incidents: new Incidents(rpc, this.own), place, tally: new Tally(state?.tally),
      judge: new SecondJudge(this.bundles, new CedarJudgeCompiler(), () => this.bundles.list.at(-1)!.version),
      log: createLogger({ service: 'policy', level: 'info', nowMs: () => 0, write: (line) => void this.lines.push(line) }),
    }, state?.position);
    second.start();
    running.push(second);
    return second;
  }

  #lock({ event, connector, instance }: { event: string; connector: string; instance: string }) {
    this.asked.push(event);
    if (this.identityAway) return refused('unavailable', 'away', { retryable: true });
    this.locked.push(`${connector}/${instance}`);
    return accepted({ lock: { id: 'l-1', scope: 'connector', subject: `${connector}/${instance}`, reason: '', by: 'policy', at: '' } });
  }

  mismatches() {
    return this.own.events.filter(({ type }) => type === 'decision.mismatch.v1').map(({ data }) => data as { event: string; connector: string });
  }
}

const running: SecondDecision[] = [];
let world: World;
beforeEach(async () => void (world = new World(await mkdtemp(join(tmpdir(), 'second-')))));
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
  await rm(world.folder, { recursive: true });
});

async function through(second: SecondDecision, sequence: number) {
  await vi.waitFor(async () => expect(await second.report()).toMatchObject({ sequence, lag: 0 }), { timeout: 5_000 });
  return second.report();
}

describe('the second decision', () => {
  it('finds nothing where connectors tell the truth', async () => {
    const second = await world.start();
    await world.ledger.append([opened(), HONEST, decided(truth(FIRST, action('delete'))), decided(truth(FIRST, action('update')))]);
    expect(await through(second, 1)).toMatchObject({ decided: 3, mismatched: 0, mismatches: [], undecidable: [] });
    expect([world.locked, world.own.events]).toEqual([[], []]);
  });

  it('locks the connector that decided otherwise, and tells it to the ledger', async () => {
    const second = await world.start();
    await world.ledger.append([opened(), HONEST, WRONG, decided(lie(truth(FIRST, action('update')), ALLOWED), 's-1.1.3')]);
    const told = { connector: 'connector-postgres/1', principal: 'agent-etl', target: 'shop', bundleVersion: 1, recorded: { outcome: 'allow', rules: ['etl-reads'] }, again: { outcome: 'deny', rules: ['default-deny'] }, lock: 'l-1' };
    expect(await through(second, 1)).toMatchObject({ decided: 3, mismatched: 2, mismatches: [{ ...told, command: 's-1.1.3' }, { ...told, command: 's-1.1.2', event: 'memory-1-2' }] });
    expect(world.locked).toEqual(['connector-postgres/1']);
    expect(world.own.events).toMatchObject([{ type: 'decision.mismatch.v1', session: 's-1', command: 's-1.1.2', data: told }, { command: 's-1.1.3' }]);
  });

  it('goes on after a restart, with the sessions that were open', async () => {
    await world.ledger.append([opened(), HONEST]);
    const first = await world.start();
    await through(first, 1);
    await first.close();
    await world.ledger.append([HONEST, WRONG]);
    expect(await through(await world.start(), 2)).toMatchObject({ decided: 3, mismatched: 1, undecidable: [] });
  });

  it('killed between an incident and the keeping of its place, raises it again; a kept place is not gone back behind', async () => {
    await world.ledger.append([opened(), HONEST]);
    const first = await world.start();
    await through(first, 1);
    await first.close();
    const before = await readFile(world.path);
    await world.ledger.append([WRONG]);
    const second = await world.start();
    await through(second, 2);
    await second.close();
    const after = await readFile(world.path);
    await writeFile(world.path, before);
    await (async (third) => (await through(third, 2), third.close()))(await world.start());
    expect(world.asked).toEqual(['memory-2-0', 'memory-2-0']);
    await writeFile(world.path, after);
    await world.ledger.append([HONEST]);
    expect(await through(await world.start(), 3)).toMatchObject({ decided: 3, mismatched: 1 });
    expect(world.mismatches()).toHaveLength(2);
  });

  it('begins again where its place is lost, and is no place to go on from where the ledger was set back', async () => {
    await world.ledger.append([opened(), HONEST]);
    const first = await world.start();
    await through(first, 1);
    await first.close();
    await writeFile(world.path, '{"position":');
    const again = await world.start();
    expect(await through(again, 1)).toMatchObject({ decided: 1 });
    await again.close();
    world.ledger = connectorLedger();
    await world.ledger.append([opened('s-9'), HONEST]);
    const setBack = await world.start();
    await vi.waitFor(() => expect(setBack.problem).toContain('another batch at sequence 1'));
    expect(await setBack.report()).toMatchObject({ decided: 1, problem: expect.any(String) });
  });

  it('waits for identity, for the ledger and for keys, and skips nothing meanwhile', async () => {
    world.identityAway = true;
    const second = await world.start();
    await world.ledger.append([opened(), WRONG]);
    await vi.waitFor(() => expect(second.problem).toContain('identity did not lock'));
    expect(await second.report()).toMatchObject({ sequence: 0, lag: 1, mismatched: 0 });
    world.own.failWith('away');
    world.identityAway = false;
    await vi.waitFor(() => expect(second.problem).toContain('away'), { timeout: 3_000 });
    world.own.failWith(undefined);
    expect(await through(second, 1)).toMatchObject({ mismatched: 1, decided: 1 });
    world.keysAway = true;
    await world.ledger.append([WRONG]);
    await vi.waitFor(() => expect(second.problem).toBe('away'));
    world.keysAway = false;
    expect(await through(second, 2)).toMatchObject({ mismatched: 2, decided: 2 });
    expect(second.problem).toBeUndefined();
  });

  it('judges each by the bundle of its own moment when one is replaced on the way', async () => {
    const next = bundle(2, RULES.split('\n').slice(1).join('\n'));
    const second = await world.start();
    await world.ledger.append([opened(), HONEST]);
    world.bundles.list.push(next);
    await world.ledger.append([HONEST, decided(truth(next, action())), decided(lie(truth(next, action()), ALLOWED), 's-1.1.4')]);
    expect(await through(second, 2)).toMatchObject({ decided: 4, mismatched: 1, mismatches: [{ bundleVersion: 2, command: 's-1.1.4' }] });
  });

  it('does not take for a match what it cannot decide', async () => {
    world.bundles.list.splice(0, 1, bundle(5));
    const second = await world.start();
    await world.ledger.append([opened(), HONEST, decided(truth(bundle(5), action()), 's-2.1.1', 's-2'), { type: 'command.decided.v1', data: { nothing: 'known' }, session: 's-1', command: 'x' }]);
    const report = await through(second, 1);
    expect(report).toMatchObject({ decided: 0, mismatched: 0, undecidable: [{ reason: 'bundle_unknown', count: 1, last: { event: 'memory-1-1', sequence: 1 } }, { reason: 'session_unknown', count: 1 }, { reason: 'event_malformed', count: 1 }] });
    expect(new Tally(report).gaps).toContain('could not be decided again, the last in batch 1');
    expect(world.locked).toEqual([]);
  });

  it('believes of a session only what its own connector\'s running instance says', async () => {
    const sessions = new OpenSessions([['connector-postgres/1', 's-1', { principal: ETL, target: 'shop', run: 'a' }], ['connector-postgres/2', 's-1', { principal: ETL, target: 'other', run: 'b' }]]);
    sessions.closeOlder('connector-postgres/1', 'a');
    expect(sessions.get('connector-postgres/1', 's-1')?.target).toBe('shop');
    sessions.closeOlder('connector-postgres/1', 'c');
    expect([sessions.get('connector-postgres/1', 's-1'), sessions.get('connector-postgres/2', 's-1')?.target]).toEqual([undefined, 'other']);
  });
});
