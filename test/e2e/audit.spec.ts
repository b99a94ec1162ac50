import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { pendingFor, vote } from './system/approvals.js';
import { interlock } from './system/cli.js';
import { eventually } from './system/eventually.js';
import type { Place } from './system/installation.js';
import { readLedger } from './system/ledger.js';
import { api, apiOk } from './system/people.js';
import { gatewayLogin, startPsql } from './system/psql.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';

const DELETE = 'delete from orders where id = 29';

let place: Place;
let session: string;

/** The story that the auditor reads: a read, a refusal, an approved delete. */
beforeAll(async () => {
  place = await sharedInstallation();
  const running = await startPsql(await gatewayLogin(place, 'agent-etl'), 'lab', { script: `select id, ssn from customers where id = 1;\ndrop table slips;\n${DELETE};\nselect 'story ends';\n` });
  const approval = await pendingFor(place, DELETE);
  session = approval.request.session;
  await vote(place, 'dba', approval, 'approve');
  await running.result;
}, SHARED_START_MS + 60_000);

interface Step { readonly kind: string; readonly command?: string; readonly sequence: number; readonly position: number; readonly data: Record<string, unknown> }

async function replay(): Promise<Step[]> {
  const steps: Step[] = [];
  for (let after: number | null = 0; after !== null;) {
    const page: { steps: Step[]; next: number | null } = await apiOk(place, 'auditor', 'GET', `/sessions/${session}/replay?after=${after}`);
    steps.push(...page.steps);
    after = page.next;
  }
  return steps;
}

describe('the auditor', () => {
  it('sees who asked, who agreed, what ran and what came back', async () => {
    const steps = await eventually('the session is complete in the views', async () => {
      const found = await replay();
      return JSON.stringify(found).includes('story ends') && found.some(({ kind }) => /closed/.test(kind)) && found;
    });
    const text = JSON.stringify(steps);
    for (const expected of ['agent-etl', 'dba', DELETE, 'drop table slips', 'DELETE 1']) expect(text).toContain(expected);
    const places = steps.map(({ sequence, position }) => [sequence, position] as const);
    expect(places).toEqual(places.toSorted(([one, first], [other, second]) => one - other || first - second));
    const deletion = steps.find(({ kind, data }) => kind === 'asked' && String(data['text']).includes(DELETE))!.command;
    expect(steps.filter(({ command }) => command === deletion).map(({ kind }) => kind)).toEqual(['asked', 'decided', 'agreement asked', 'voted', 'decided', 'answer', 'outcome']);
    // What came back is what the agent saw: the masked value is in no part of it.
    expect(text).not.toMatch(/9\d\d-7\d-\d{4}/);
  }, 60_000);

  it('replays it in the terminal', async () => {
    const { said, code } = await interlock(place, 'auditor', ['sessions', 'replay', session]);
    expect(code).toBe(0);
    for (const expected of ['agent-etl', 'dba', DELETE, 'DELETE 1']) expect(said).toContain(expected);
  }, 60_000);

  it('finds the session among all, by principal and target', async () => {
    const { sessions } = await apiOk<{ sessions: Record<string, unknown>[] }>(place, 'auditor', 'GET', '/sessions?principal=agent-etl&target=lab&limit=500');
    expect(JSON.stringify(sessions)).toContain(session);
    expect(sessions.length).toBeGreaterThan(0);
  });

  it('verifies the log', async () => {
    const { said, code } = await interlock(place, 'auditor', ['audit', 'verify']);
    expect(said).toMatch(/^ok: \d+ events in \d+ batches$/m);
    expect(code).toBe(0);
  }, 120_000);

  it('rebuilds every view from the ledger and finds it identical', async () => {
    const { views } = await apiOk<{ views: { view: string; rows: number; identical: boolean }[] }>(place, 'auditor', 'POST', '/audit/rebuild', {});
    expect(views.length).toBeGreaterThan(0);
    expect(views.filter(({ identical }) => !identical)).toEqual([]);
    expect(views.some(({ rows }) => rows > 0)).toBe(true);
  }, 120_000);

  it('is the only one who may: neither agents nor owners read what was recorded', async () => {
    for (const name of ['agent-etl', 'owner-etl', 'agent-support'] as const) {
      for (const path of ['/sessions', `/sessions/${session}`, `/sessions/${session}/replay`]) expect((await api(place, name, 'GET', path)).status, `${name} ${path}`).toBe(403);
      expect((await api(place, name, 'POST', '/audit/verify', {})).status, name).toBe(403);
    }
  });
});

describe('one event', () => {
  it('is proved, as files that stand alone', async () => {
    const event = (await readLedger(place)).find(({ metadata }) => metadata.session === session)!.metadata.id;
    const folder = mkdtempSync(join(place.folder, 'proof-'));
    const proved = await eventually('it is proved', async () => {
      const { said, code } = await interlock(place, 'owner-etl', ['audit', 'prove', event], { cwd: folder });
      return code === 0 && said;
    });
    expect(proved).toMatch(/^The event is leaf \d+ of \d+: /);
    expect(readFileSync(join(folder, `${event}.tlog-proof`), 'utf8')).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex \d+\n/);
    expect(readFileSync(join(folder, `${event}.entry`), 'latin1')).toContain(event);
  }, 60_000);
});

describe('a bundle of evidence', () => {
  it('is verified without the system, and no more once something in it was changed', async () => {
    const folder = mkdtempSync(join(place.folder, 'evidence-'));
    const exported = await interlock(place, 'auditor', ['audit', 'export', '--bundle', 'evidence.tar'], { cwd: folder });
    expect(exported, exported.said).toMatchObject({ code: 0 });
    const nowhere = { ...place, ports: { ...place.ports, api: 1 } };
    const verified = await interlock(nowhere, 'auditor', ['audit', 'verify', '--bundle', 'evidence.tar'], { cwd: folder });
    expect(verified, verified.said).toMatchObject({ code: 0 });
    expect(verified.said).toMatch(/^ok: \d+ events in \d+ batches\nBy the keys that the bundle itself brings/);
    const bytes = readFileSync(join(folder, 'evidence.tar'));
    const at = bytes.indexOf('"type":"command.decided.v1"');
    expect(at).toBeGreaterThan(0);
    bytes.write('x', at + 8);
    writeFileSync(join(folder, 'changed.tar'), bytes);
    const changed = await interlock(nowhere, 'auditor', ['audit', 'verify', '--bundle', 'changed.tar'], { cwd: folder });
    expect(changed).toMatchObject({ code: 5 });
    expect(changed.said).toContain('The entry was changed');
  }, 60_000);
});
