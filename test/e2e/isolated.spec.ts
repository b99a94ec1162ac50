import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pendingFor, vote } from './system/approvals.js';
import { interlock } from './system/cli.js';
import { Collector, type CollectedSpan } from './system/collector.js';
import { eventually } from './system/eventually.js';
import { makeFolder, processesOf, startInstallation, stopInstallation, type Place } from './system/installation.js';
import { gatewayLogin, startPsql } from './system/psql.js';
import { bareLogin } from './system/server.js';
import { SHARED_START_MS } from './system/shared.js';

const SERVICES = ['recorder', 'audit', 'identity', 'masking', 'policy', 'approval', 'vault', 'api', 'chatops', 'connector-postgres'];
const READ = "select 'canary-4711' as canary, count(*) from orders where status = 'canary-4712'";
const DELETE = 'delete from orders where id = 7';

let collector: Collector;
let place: Place;
/** What must be in no span. */
let secrets: readonly string[];

beforeAll(async () => {
  collector = await Collector.start();
  place = await startInstallation(makeFolder('isolated'), process.ppid, { args: ['--isolate'], env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: '200' } });
  const login = await gatewayLogin(place, 'agent-etl');
  secrets = [login.password, bareLogin(place, 'standing').password, 'canary-4711', 'canary-4712', 'select ', 'delete from', 'drop table'];
  const running = await startPsql(login, 'shop', { script: `${READ};\ndrop table customers;\n${DELETE};\nselect 'the end';\n` });
  await vote(place, 'dba', await pendingFor(place, DELETE), 'approve');
  const { said } = await running.result;
  expect(said).toMatch(/canary-4711 \|\s+0[^]*shop-no-ddl[^]*DELETE 1[^]*the end/);
}, SHARED_START_MS + 60_000);
afterAll(async () => {
  if (place) await stopInstallation(place);
  collector.close();
}, 120_000);

/** The trace of the one command with this verb and this end, once all that belongs to it was told. */
function traceOf(verb: string, outcome: string, whole: (names: readonly string[]) => boolean): Promise<CollectedSpan[]> {
  return eventually(`the whole trace of ${verb}`, () => {
    const root = collector.spans.find(({ name, attributes }) => name === 'command' && attributes['interlock.verb'] === verb && attributes['interlock.outcome'] === outcome);
    const spans = root ? collector.trace(root.traceId) : [];
    return whole(spans.map(({ name }) => name)) && spans;
  }, { withinMs: 20_000 });
}

const told = (spans: readonly CollectedSpan[]) => new Set(spans.map(({ service, name }) => `${service.replace('interlock-', '')} ${name}`));

describe('one process per service, with traces', () => {
  it('runs every service in a process of its own', () => {
    const processes = processesOf(place);
    expect(SERVICES.filter((service) => processes[service] === undefined)).toEqual([]);
    expect(new Set(Object.values(processes)).size).toBe(Object.keys(processes).length);
  });

  it('verifies its log', async () => {
    expect(await interlock(place, 'auditor', ['audit', 'verify'])).toMatchObject({ code: 0 });
  }, 60_000);

  it('a read is followed from the connection over decision, ledger and target to the log and the views', async () => {
    const spans = await traceOf('select', 'completed', (names) => ['seal', 'project'].every((name) => names.filter((one) => one === name).length >= 2));
    expect(told(spans)).toEqual(new Set(['connector-postgres command', 'connector-postgres decide', 'connector-postgres append', 'connector-postgres run', 'recorder seal', 'audit project']));
    const [root] = spans.filter(({ parentSpanId }) => parentSpanId === undefined || parentSpanId === '');
    expect(root!.name).toBe('command');
    expect(spans.filter(({ parentSpanId }) => parentSpanId === root!.spanId)).toHaveLength(spans.length - 1);
    const session = collector.trace(root!.links[0]!.traceId);
    expect(told(session)).toEqual(new Set(['connector-postgres session', 'connector-postgres connect', 'identity rpc identity.authenticate', 'vault rpc vault.release', 'recorder rpc recorder.registerKey']));
    const life = session.find(({ name }) => name === 'session')!;
    expect(session.filter(({ from, to }) => from < life.from || to > life.to)).toEqual([]);
  }, 60_000);

  it('a refusal ends at its decision', async () => {
    const spans = await traceOf('drop', 'deny', (names) => names.includes('project') && names.includes('seal'));
    expect(told(spans)).toEqual(new Set(['connector-postgres command', 'connector-postgres decide', 'connector-postgres append', 'recorder seal', 'audit project']));
  }, 60_000);

  it('what people agreed to shows how long it waited for them', async () => {
    const spans = await traceOf('delete', 'completed', (names) => names.includes('run') && names.filter((name) => name === 'seal').length >= 3);
    expect([...told(spans)]).toEqual(expect.arrayContaining(['connector-postgres park', 'connector-postgres approval', 'approval rpc approval.request', 'connector-postgres run']));
    expect(spans.filter(({ name }) => name === 'decide')).toHaveLength(2);
  }, 60_000);

  it('no span holds text of a command, a value, a token or a password', async () => {
    expect(collector.spans.length).toBeGreaterThan(50);
    for (const secret of secrets) expect(collector.bodies.filter((body) => body.includes(secret)), secret).toEqual([]);
  });
});
