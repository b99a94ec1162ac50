import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestTarget } from './target.js';
import { World } from './world.js';

const run = promisify(execFile);
let target: TestTarget;
let world: World;

beforeAll(async () => {
  target = await TestTarget.start();
  world = await World.start(target);
});
afterAll(async () => {
  await world?.stop();
  await target?.stop();
});
beforeEach(() => world.forget());

function client(name: string, database: string, more: pg.ClientConfig = {}): pg.Client {
  const made = new pg.Client({ host: '127.0.0.1', port: world.port, user: name, password: world.token(name), database, ssl: { ca: target.tls.authority, servername: 'localhost' }, ...more });
  made.on('error', () => undefined);
  return made;
}

async function as<T>(name: string, database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const one = client(name, database);
  await one.connect();
  try {
    return await work(one);
  } finally {
    await one.end();
  }
}

function psql(database: string, ...commands: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, PGPASSWORD: world.token('agent-etl'), PGSSLMODE: 'require', PSQLRC: '/dev/null' };
  return run('psql', ['-h', '127.0.0.1', '-p', String(world.port), '-U', 'agent-etl', '-XAt', ...commands.flatMap((command) => ['-c', command]), database], { env, timeout: 20_000 });
}

describe('a session', () => {
  it('runs what psql asks, recorded from its opening to its end', async () => {
    const { stdout } = await psql('sandbox', 'select 1 + 1', "select 'a' || 'b'");
    expect(stdout).toBe('2\nab\n');
    await world.until('the end', () => world.events('session.closed.v1')[0]);
    expect(world.ledger.events.map(({ type }) => type).filter((type) => type !== 'probe.ran.v1' && type !== 'recording.chunk.v1')).toEqual([
      'session.opened.v1', 'command.decided.v1', 'command.outcome.v1', 'command.decided.v1', 'command.outcome.v1', 'session.closed.v1',
    ]);
    expect(world.events('command.decided.v1')[0]).toMatchObject({ principal: 'agent-etl', target: 'sandbox', phase: 'request', decision: { outcome: 'allow' }, action: { verb: 'select', text: 'select 1 + 1' } });
    expect(world.events('command.outcome.v1')[0]).toMatchObject({ status: 'completed', summary: 'SELECT 1', rows: 1 });
    expect(world.events('session.closed.v1')[0]).toMatchObject({ reason: 'client_closed', commands: 2 });
    const session = world.ledger.events.find(({ type }) => type === 'session.opened.v1')!.session!;
    expect(world.recording(session).includes('SELECT 1\0')).toBe(true);
    expect(world.problems).toEqual([]);
  });

  it('speaks the extended protocol with values', async () => {
    const rows = await as('agent-etl', 'shop', async (one) => (await one.query('select id, status from orders where id = $1', [7])).rows);
    expect(rows).toHaveLength(1);
    expect(world.events('command.decided.v1')[0]).toMatchObject({ action: { parameters: [{ type: '0', format: 'text', value: '7' }], facts: { hasWhere: true } } });
  });

  it.each(['no JSON: swordfish', '{"password":"swordfish"}'])('does not begin where the vault gives no credential, and tells nobody what it gave: %s', async (given) => {
    world.releasedInstead = given;
    const refusal = await as('agent-etl', 'shop', (one) => one.query('select 1')).then(() => undefined, (fault: pg.DatabaseError) => fault);
    world.releasedInstead = undefined;
    expect(refusal).toMatchObject({ severity: 'FATAL', message: 'The probe credential of target shop cannot be read.', hint: 'Set it anew with: interlock secrets set shop --user USER --kind probe' });
    expect(JSON.stringify([world.problems, world.ledger.events, refusal])).not.toContain('swordfish');
  });
});
