import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { encodeCancelRequest, encodeSslRequest, encodeStartupMessage } from '@interlock/protocol-postgres';
import { setUp } from './setting.js';
import { WireClient } from './wire-client.js';

const setting = setUp();

const refusal = (work: Promise<unknown>): Promise<pg.DatabaseError> => work.then(() => { throw new Error('it was not refused'); }, (fault: pg.DatabaseError) => fault);

/** A CREATE that must not have happened, seen from the bare target. */
async function exists(table: string): Promise<boolean> {
  const { rows } = await setting.target.bare('sandbox', (client) => client.query('select to_regclass($1) is not null as there', [table]));
  return rows[0].there as boolean;
}

describe('when the ledger does not answer', () => {
  it('nothing is sent, the error is retryable, and the session lives on', async () => {
    const { world } = setting;
    await setting.as('agent-etl', 'sandbox', async (client) => {
      await client.query('select 1');
      world.ledger.failWith('away');
      const error = await refusal(client.query('create table while_away (x int)'));
      expect(error).toMatchObject({ code: '57P03', hint: 'Send the command again.' });
      expect(JSON.parse(error.detail!)).toMatchObject({ interlock: { reason: 'ledger_unavailable', retryable: true } });
      world.ledger.failWith(undefined);
      expect(await exists('while_away')).toBe(false);
      await client.query('begin');
      world.ledger.failWith('away');
      expect(await refusal(client.query('create table while_away (x int)'))).toMatchObject({ code: '57P03' });
      world.ledger.failWith(undefined);
      expect(await refusal(client.query('select 1'))).toMatchObject({ code: '25P02' });
      await client.query('rollback');
      await client.query('create table while_back (x int)');
    });
    expect(await exists('while_away')).toBe(false);
    expect(await exists('while_back')).toBe(true);
    const commandsOf = (type: string): (string | undefined)[] => world.ledger.events.filter((event) => event.type === type).map(({ command }) => command);
    await world.until('every outcome', () => commandsOf('command.decided.v1').every((command) => commandsOf('command.outcome.v1').includes(command)));
    expect(world.events('command.outcome.v1').filter(({ status }) => status === 'not_sent')).toHaveLength(2);
  });

  it('nobody gets in', async () => {
    setting.world.ledger.failWith('away');
    expect((await refusal(setting.as('agent-etl', 'sandbox', (client) => client.query('select 1')))).code).toBe('57P03');
    setting.world.ledger.failWith(undefined);
  });

  it('copied data is not sent on', async () => {
    const { world } = setting;
    await setting.as('agent-etl', 'sandbox', (client) => client.query('create table copied_away (x text)'));
    const wire = await setting.wire('agent-etl', 'sandbox');
    wire.send({ kind: 'query', text: 'copy copied_away from stdin' });
    await wire.until('copyInResponse');
    world.ledger.failWith('away');
    wire.send({ kind: 'copyData', data: Buffer.from('a\n') }, { kind: 'copyDone' });
    const answer = await wire.until('readyForQuery');
    expect(answer[0]).toMatchObject({ kind: 'errorResponse', fields: { code: '57P03' } });
    world.ledger.failWith(undefined);
    const { rows } = await setting.target.bare('sandbox', (client) => client.query('select count(*)::int as n from copied_away'));
    expect(rows).toEqual([{ n: 0 }]);
    expect((await wire.query('select 1')).map(({ kind }) => kind)).toContain('dataRow');
    wire.close();
  });
});

describe('when the control plane is silent', () => {
  it('commands wait, are refused after five seconds, and run again once it speaks', async () => {
    const { world } = setting;
    await setting.as('agent-etl', 'sandbox', async (client) => {
      await client.query('select 1');
      world.silence();
      await sleep(1_300);
      const startedMs = Date.now();
      const error = await refusal(client.query('select 2'));
      expect(error).toMatchObject({ code: '57P03' });
      expect(Date.now() - startedMs).toBeGreaterThan(2_000);
      const again = client.query('select 3');
      again.catch(() => undefined);
      world.beat();
      await refusal(again).catch(() => undefined);
      expect((await client.query('select 4 as n')).rows).toEqual([{ n: 4 }]);
    });
  });

  it('a command that waits runs as soon as it speaks', async () => {
    const { world } = setting;
    await setting.as('agent-etl', 'sandbox', async (client) => {
      world.silence();
      await sleep(1_300);
      const waiting = client.query('select 5 as n');
      await sleep(300);
      expect(world.events('command.decided.v1')).toEqual([]);
      world.beat();
      expect((await waiting).rows).toEqual([{ n: 5 }]);
    });
  });
});

describe('an end from this side', () => {
  it('a lock ends what runs within a second, and what runs is cancelled at the target', async () => {
    const { world } = setting;
    const client = setting.client('agent-etl', 'sandbox');
    await client.connect();
    const running = client.query('select pg_sleep(30)');
    const failed = refusal(running);
    await world.until('the command', () => world.events('command.decided.v1')[0]);
    await sleep(100);
    const lockedAtMs = Date.now();
    const session = world.ledger.events.find(({ type }) => type === 'session.opened.v1')!.session!;
    world.lock({ scope: 'session', subject: session });
    expect(await failed).toMatchObject({ code: '57P01', message: expect.stringContaining('locked by security') });
    expect(Date.now() - lockedAtMs).toBeLessThan(1_000);
    expect(await world.until('the end', () => world.events('session.closed.v1')[0])).toMatchObject({ reason: 'locked' });
    expect(world.events('command.outcome.v1')).toMatchObject([{ status: 'unknown' }]);
    await sleep(200);
    const { rows } = await setting.target.bare('sandbox', (bare) => bare.query("select count(*)::int as n from pg_stat_activity where query like 'select pg_sleep(30)%' and state = 'active'"));
    expect(rows).toEqual([{ n: 0 }]);
  });

  it('a token that expires ends its session', async () => {
    const { world } = setting;
    world.tokenExpiresInMs = 1_500;
    const client = setting.client('agent-etl', 'sandbox');
    const ended = new Promise((resolve) => client.on('end', () => resolve(undefined)));
    await client.connect();
    world.tokenExpiresInMs = 3_600_000;
    await ended;
    expect(await world.until('the end', () => world.events('session.closed.v1')[0])).toMatchObject({ reason: 'token_expired' });
  });

  it('a changed configuration ends the sessions it concerns', async () => {
    const { world } = setting;
    const client = setting.client('agent-support', 'shop');
    const ended = new Promise((resolve) => client.on('end', () => resolve(undefined)));
    await client.connect();
    world.publish((bundle) => ({ ...bundle, configuration: { ...bundle.configuration, principals: bundle.configuration.principals.filter(({ name }) => name !== 'agent-support') } }));
    await ended;
    expect(await world.until('the end', () => world.events('session.closed.v1')[0])).toMatchObject({ reason: 'revoked' });
  });
});

describe('when the target is lost', () => {
  it('the outcome is unknown, recorded, and the client is told', async () => {
    const { world } = setting;
    const client = setting.client('agent-etl', 'sandbox');
    await client.connect();
    const failed = refusal(client.query('select pg_sleep(20)'));
    await world.until('the command', () => world.events('command.decided.v1')[0]);
    await sleep(100);
    await setting.target.bare('postgres', (bare) => bare.query("select pg_terminate_backend(pid) from pg_stat_activity where query like 'select pg_sleep(20)%' and pid <> pg_backend_pid()"));
    expect((await failed).code).toBe('57P01');
    expect(await world.until('the end', () => world.events('session.closed.v1')[0])).toMatchObject({ reason: 'target_closed' });
    expect(world.events('command.outcome.v1')).toMatchObject([{ status: 'failed', errorCode: '57P01' }]);
  });
});

describe('cancelling', () => {
  it('stops what runs, by the gateway’s own key only', async () => {
    const { world } = setting;
    const wire = await setting.wire('agent-etl', 'sandbox');
    const key = wire.received.find((message) => message.kind === 'backendKeyData')!;
    wire.send({ kind: 'query', text: 'select pg_sleep(10)' });
    await world.until('the command', () => world.events('command.decided.v1')[0]);
    await sleep(100);
    const cancel = (bytes: Buffer): void => void net.connect(world.port, '127.0.0.1').end(encodeCancelRequest(key.processId, bytes));
    cancel(Buffer.from(key.key.map((byte: number) => byte ^ 1)));
    await sleep(200);
    expect(wire.received.at(-1)!.kind).toBe('readyForQuery');
    cancel(key.key);
    expect((await wire.until('readyForQuery'))[0]).toMatchObject({ kind: 'rowDescription' });
    await world.until('the outcome', () => world.events('command.outcome.v1')[0]);
    expect(world.events('command.outcome.v1')).toMatchObject([{ status: 'cancelled', errorCode: '57014' }]);
    wire.close();
  });
});

describe('what ends early', () => {
  it('is taken back when it is cancelled before the ledger has it, and nothing of it is sent', async () => {
    const { world } = setting;
    const wire = await setting.wire('agent-etl', 'sandbox');
    const key = wire.received.find((message) => message.kind === 'backendKeyData')!;
    const { ledger } = world;
    const append = ledger.append.bind(ledger);
    let open: () => void = () => undefined;
    const door = new Promise<void>((resolve) => { open = resolve; });
    ledger.append = (drafts) => door.then(() => append(drafts));
    wire.send({ kind: 'query', text: 'create table taken_back (x int)' });
    await sleep(100);
    net.connect(world.port, '127.0.0.1').end(encodeCancelRequest(key.processId, key.key));
    await sleep(100);
    open();
    ledger.append = append;
    expect((await wire.until('readyForQuery'))[0]).toMatchObject({ kind: 'errorResponse', fields: { code: '57014' } });
    wire.send({ kind: 'query', text: 'select 1' });
    expect((await wire.until('readyForQuery')).map(({ kind }) => kind)).toContain('dataRow');
    await world.until('the outcomes', () => world.events('command.outcome.v1').length === 2 && world.events('command.outcome.v1'));
    expect(world.events('command.outcome.v1').map(({ status }) => status).toSorted()).toEqual(['completed', 'not_sent']);
    expect(await exists('taken_back')).toBe(false);
    wire.close();
  });

  it('is told once when the target itself ends the session', async () => {
    const wire = await setting.wire('agent-etl', 'sandbox');
    await setting.target.bare('sandbox', (client) => client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'interlock_standing' and pid <> pg_backend_pid()"));
    await wire.whenClosed();
    const fatal = wire.received.filter((message) => message.kind === 'errorResponse');
    expect(fatal).toMatchObject([{ fields: { code: '57P01' } }]);
  });
});

describe('the door', () => {
  const raw = async (...parts: Buffer[]): Promise<WireClient> => {
    const wire = await WireClient.dial(setting.world.port);
    wire.socket.write(Buffer.concat(parts));
    return wire;
  };

  it.each<[string, Buffer[], string | undefined]>([
    ['PGW-01: a startup message behind SSLRequest in one segment', [encodeSslRequest(), encodeStartupMessage([['user', 'agent-etl'], ['database', 'shop']])], 'bytes-before-encryption'],
    ['PGW-05: a length of ffffffff', [Buffer.from('ffffffff', 'hex')], 'length-too-large'],
    ['PGW-05: a length of 3', [Buffer.from('00000003', 'hex')], 'length-too-small'],
    ['PGW-21: a CancelRequest of 1,024 bytes', [Buffer.from('0000040004d2162e00000001', 'hex')], 'length-too-large'],
    ['protocol 2', [Buffer.from('0000000800020000', 'hex')], 'unsupported-version'],
    ['HTTP', [Buffer.from('GET / HTTP/1.1\r\n\r\n')], 'length-too-large'],
  ])('closes on %s', async (_, bytes, reason) => {
    const wire = await raw(...bytes);
    await wire.whenClosed();
    expect(await setting.world.until('the violation', () => setting.world.events('protocol.violation.v1')[0])).toMatchObject({ reason });
  });

  it('PGW-33: closes on a password that declares 2 GiB', async () => {
    const wire = await raw(encodeStartupMessage([['user', 'agent-etl'], ['database', 'shop']]));
    await wire.next('authenticationCleartextPassword');
    wire.send(Buffer.from('7080000000', 'hex'));
    await wire.whenClosed();
    expect(await setting.world.until('the violation', () => setting.world.events('protocol.violation.v1')[0])).toMatchObject({ reason: 'length-too-large' });
  });

  it.each<[string, Record<string, string>]>([
    ['PGW-25: options', { options: '-c search_path=evil,public -c statement_timeout=0' }],
    ['search_path', { search_path: 'evil' }],
    ['replication', { replication: 'database' }],
    ['another encoding', { client_encoding: 'SJIS' }],
    ['a role', { options: '--role=postgres' }],
    ['session_preload', { session_preload_libraries: 'x' }],
  ])('refuses by name: %s', async (_, parameters) => {
    const wire = await raw(encodeStartupMessage([['user', 'agent-etl'], ['database', 'shop'], ...Object.entries(parameters)]));
    await wire.next('authenticationCleartextPassword');
    wire.send({ kind: 'password', password: setting.world.token('agent-etl') });
    expect(await wire.next('errorResponse')).toMatchObject({ fields: { severity: 'FATAL', code: '28000', message: expect.stringContaining('startup parameter') } });
    await wire.whenClosed();
    expect(await setting.world.until('the refusal', () => setting.world.events('authentication.refused.v1')[0])).toMatchObject({ reason: 'startup_parameter_refused' });
  });

  it.each<[string, string, string, string, string]>([
    ['a wrong token', 'agent-etl', 'shop', 'nonsense', '28P01'],
    ["another's token", 'agent-etl', 'shop', 'token-of:agent-support', '28000'],
    ['an unknown target', 'agent-etl', 'nowhere', 'token-of:agent-etl', '3D000'],
  ])('refuses %s and records it', async (_, user, database, password, code) => {
    const wire = await raw(encodeStartupMessage([['user', user], ['database', database]]));
    await wire.next('authenticationCleartextPassword');
    wire.send({ kind: 'password', password });
    expect(await wire.next('errorResponse')).toMatchObject({ fields: { severity: 'FATAL', code, detail: expect.stringMatching(/^\{"interlock":\{.*"decision":"deny","event":"[^"]+"/) } });
    await wire.whenClosed();
    const recorded = await setting.world.until('the refusal', () => setting.world.events('authentication.refused.v1')[0]);
    expect(JSON.stringify(setting.world.ledger.events)).not.toContain(password);
    expect(recorded).toMatchObject({ claimedUser: user, target: database });
  });

  it('speaks 3.2 with a long cancel key, and says which version it speaks', async () => {
    const wire = await WireClient.dial(setting.world.port);
    wire.startUp('agent-etl', 'sandbox', { '_pq_.unheard_of': '1' }, 2);
    await wire.next('authenticationCleartextPassword');
    wire.send({ kind: 'password', password: setting.world.token('agent-etl') });
    const greeting = await wire.until('readyForQuery');
    expect(greeting[0]).toMatchObject({ kind: 'negotiateProtocolVersion', minor: 2, unrecognizedOptions: ['_pq_.unheard_of'] });
    expect(greeting.find((message) => message.kind === 'backendKeyData')!.key).toHaveLength(32);
    wire.close();
  });

  it('has lost nothing of all that: no fault, no session left', async () => {
    await setting.world.until('the end of all sessions', () => setting.world.connector.ports.book.size === 0);
    expect(setting.world.problems.map((problem) => JSON.stringify(problem)).filter((problem) => problem.includes('fault'))).toEqual([]);
  });
});

describe('a slow reader', () => {
  it('does not make the connector hold its answer', async () => {
    const wire = await setting.wire('agent-etl', 'sandbox');
    wire.socket.pause();
    const before = process.memoryUsage().rss;
    wire.send({ kind: 'query', text: "select repeat('x', 1000) from generate_series(1, 200000)" });
    await sleep(3_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
    wire.socket.resume();
    await wire.until('commandComplete');
    wire.close();
  }, 40_000);
});

describe('strangers', () => {
  it('who say nothing give way to who comes later, and shut nobody out', async () => {
    const silent = Array.from({ length: 300 }, () => net.connect(setting.world.port, '127.0.0.1', function (this: net.Socket) { this.write('abc'); }));
    let ended = 0;
    for (const socket of silent) socket.on('error', () => undefined).on('close', () => { ended += 1; });
    await setting.as('agent-etl', 'sandbox', async (client) => {
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      await setting.world.until('room was made', () => ended >= 50);
      expect(ended).toBeLessThan(300);
    });
    for (const socket of silent) socket.destroy();
  });
});
