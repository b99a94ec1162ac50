import { accepted, LedgerUnavailable, LIMITS, refused, type EventDraft, type Ledger } from '@interlock/kernel';
import { BusUnavailable } from '@interlock/adapter-jetstream';
import { describe, expect, it, vi } from 'vitest';
import { answer } from './answer.js';
import { ConfigurationError, loadConfig, serviceSettings } from './configuration.js';
import { Health } from './health.js';
import { Limiter } from './limiter.js';
import { createLogger, type LogLevel } from './logger.js';
import { nestLinesTo, nestLogger } from './nest-logger.js';
import { OwnKeyLedger } from './own-key-ledger.js';
import { closeInOrder } from './shutdown.js';

const sound = { INTERLOCK_NATS_URL: 'nats://127.0.0.1:4222', INTERLOCK_KEYS_DIR: '/keys', INTERLOCK_STATE_DIR: '/state' };

function log(level: LogLevel = 'debug') {
  const lines: string[] = [];
  const logger = createLogger({ service: 'demo', level, write: (line) => lines.push(line), nowMs: () => 0 });
  return { logger, lines, last: () => JSON.parse(lines.at(-1)!) as Record<string, unknown> };
}

describe('configuration', () => {
  it('reads what is set and fills in what is not', () => {
    expect(loadConfig(serviceSettings, { ...sound, INTERLOCK_DEV_UNSYNCED: '1', INTERLOCK_HEALTH_PORT: '', UNRELATED: 'x' })).toEqual({
      ...sound, INTERLOCK_INSTANCE: '1', INTERLOCK_DEV_UNSYNCED: true, INTERLOCK_LOG_LEVEL: 'info',
    });
  });

  it.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['a missing one', { INTERLOCK_NATS_URL: undefined }, /INTERLOCK_NATS_URL is not set\. Set it to the address of the bus/],
    ['an empty one', { INTERLOCK_KEYS_DIR: '' }, /INTERLOCK_KEYS_DIR is not set\. Set it to the folder/],
    ['a wrong one', { INTERLOCK_NATS_URL: 'http://hunter2' }, /INTERLOCK_NATS_URL is set, but expected an address like nats:/],
    ['a wrong choice', { INTERLOCK_LOG_LEVEL: 'loud' }, /INTERLOCK_LOG_LEVEL is set, but expected one of .*debug/],
    ['a switch that is neither', { INTERLOCK_DEV_UNSYNCED: 'yes' }, /INTERLOCK_DEV_UNSYNCED is set, but expected 1 or 0/],
    ['a port that is none', { INTERLOCK_HEALTH_PORT: '70000' }, /INTERLOCK_HEALTH_PORT is set, but expected a TCP port, at most 65535/],
  ])('names %s, what was expected and what to do', (_what, change, expected) => {
    const read = () => loadConfig(serviceSettings, { ...sound, ...change });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(expected);
    expect(read).not.toThrow(/hunter2|loud|70000/);
  });

  it('names every wrong one at once', () => expect(() => loadConfig(serviceSettings, {})).toThrow(/NATS_URL[\s\S]*KEYS_DIR[\s\S]*STATE_DIR/));
});

describe('the log', () => {
  it('writes one JSON object per line, its head first and not to be overwritten', () => {
    const { logger, lines } = log();
    logger.with({ session: 's1' }).info('two\nlines', { level: 'error', time: 'never', count: 2 });
    expect(lines).toEqual(['{"time":"1970-01-01T00:00:00.000Z","level":"info","service":"demo","message":"two\\nlines","session":"s1","count":2}']);
  });

  it('keeps its level', () => {
    const { logger, lines } = log('warn');
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d');
    expect(lines).toHaveLength(2);
  });

  const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZ2VudCJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ';
  it.each<[string, unknown]>([
    ['a password', { password: 'needle' }],
    ['a nested credential', { request: { deep: [{ credential: { user: 'u', password: 'needle' } }] } }],
    ['a key', { eventKey: 'needle', INTERLOCK_VAULT_KEK: 'needle', nkeySeed: 'needle', sealingPrivateKey: 'needle' }],
    ['a header', { headers: { Authorization: 'Bearer needle-needle', 'set-cookie': 'needle', 'x-api-key': 'needle' } }],
    ['a box', { box: 'needle' }],
    ['bytes', { payload: Buffer.from('needle') }],
    ['a token in a text', { note: `got ${jwt} from it` }],
    ['a password in an address', { url: 'postgres://user:needle@host/db' }],
    ['a fault that quotes one', { error: Object.assign(new Error('Bearer needle-needle'), { password: 'needle' }) }],
    ['a cause', { error: new Error('outer', { cause: new Error(`nats://u:needle@h ${jwt}`) }) }],
    ['a seed', { note: `SU${'A'.repeat(56)}` }],
  ])('lets no secret through: %s', (_what, fields) => {
    const { logger, lines } = log();
    logger.info('x', fields as Record<string, unknown>);
    logger.info(JSON.stringify({ note: jwt }));
    expect(lines.join()).not.toMatch(/needle|eyJhbGci|SUAAAA/);
  });

  it('keeps identifiers and numbers', () => {
    const { logger, last } = log();
    logger.info('x', { keyId: 'k1', session: 's.1', tokenExpiresAt: 'soon', bytes: 7, ok: true, nothing: null });
    expect(last()).toMatchObject({ keyId: 'k1', session: 's.1', tokenExpiresAt: 'soon', bytes: 7, ok: true, nothing: null });
  });

  it('survives circles and strange values', () => {
    const circle: Record<string, unknown> = { big: 1n, call: () => 1 };
    circle['self'] = circle;
    const { logger, lines } = log();
    logger.info('x', circle);
    expect(JSON.parse(lines[0]!)).toMatchObject({ message: 'x', big: '1' });
  });

  it('takes the lines of Nest, by class, from whoever started first in the process', () => {
    const [first, second] = [log(), log()];
    nestLinesTo(first.logger);
    nestLinesTo(second.logger);
    nestLogger.error('broken', 'Error: at x', 'Injector');
    expect(first.last()).toMatchObject({ level: 'error', message: 'broken', by: 'Injector', stack: 'Error: at x' });
    expect(second.lines).toHaveLength(0);
  });
});

describe('health', () => {
  it('is as good as its worst check', async () => {
    const health = new Health();
    health.add('bus', () => undefined);
    expect(await health.report()).toEqual({ ok: true, checks: [{ name: 'bus', ok: true }] });
    health.add('views', () => 'two batches behind');
    health.add('broken', () => Promise.reject(new RangeError('password')));
    health.add('hanging', () => new Promise(() => undefined));
    const report = await health.report();
    expect(report.ok).toBe(false);
    expect(report.checks.map((check) => check.ok)).toEqual([true, false, false, false]);
    expect(JSON.stringify(report)).not.toContain('password');
  });

  it('reports a warning and stays well', async () => {
    const health = new Health();
    health.warn('evidence', () => 'sealing stopped');
    expect(await health.report()).toEqual({ ok: true, checks: [{ name: 'evidence', ok: false, detail: 'sealing stopped' }] });
  });
});

describe('an answer', () => {
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
  const reply = (data: Uint8Array, handle: () => Promise<unknown>, logger = log().logger) => answer('recorder.checkpoint', data, handle, logger);

  it('is the value, kept to its contract', async () => {
    const value = { checkpoint: 'c', size: 1, extra: 'dropped' };
    expect(await reply(bytes({}), () => Promise.resolve(accepted(value)))).toEqual(accepted({ checkpoint: 'c', size: 1 }));
  });

  it('is the refusal', async () => {
    expect(await reply(bytes({}), () => Promise.resolve(refused('not_now', 'Not now.', { retryable: true })))).toEqual(refused('not_now', 'Not now.', { retryable: true }));
  });

  it.each<[string, Uint8Array, string]>([['no JSON', Buffer.from('{'), 'request_malformed'], ['no bytes', Buffer.alloc(0), 'request_malformed'], ['no object', bytes(7), 'request_invalid']])(
    'refuses a request that is %s without calling the handler', async (_what, data, reason) => {
      const handle = vi.fn(() => Promise.resolve(accepted({})));
      expect(await reply(data, handle)).toMatchObject({ refusal: { reason } });
      expect(handle).not.toHaveBeenCalled();
    });

  it('does not repeat values of a bad request', async () => {
    const outcome = await answer('identity.whoami', bytes({ token: { box: 7, purpose: 'needle' } }), () => Promise.resolve(), log().logger);
    expect(outcome).toMatchObject({ refusal: { reason: 'request_invalid', detail: expect.stringContaining('token.box') } });
    expect(JSON.stringify(outcome)).not.toContain('needle');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a throw', () => Promise.reject(new TypeError('needle'))],
    ['nothing', () => Promise.resolve(undefined)],
    ['null', () => Promise.resolve(null)],
    ['a value that breaks the contract', () => Promise.resolve(accepted({ checkpoint: 7 }))],
  ])('makes %s a fault with an id that the log explains', async (_what, handle) => {
    const { logger, last } = log();
    const outcome = await reply(bytes({}), handle, logger);
    expect(outcome).toMatchObject({ refusal: { reason: 'internal_fault' } });
    expect(JSON.stringify(outcome)).not.toContain('needle');
    expect(JSON.stringify(outcome)).toContain(String(last()['fault']));
    expect(last()).toMatchObject({ level: 'error', rpc: 'recorder.checkpoint' });
  });

  it('says when the ledger or the bus did not answer', async () => {
    expect(await reply(bytes({}), () => Promise.reject(new BusUnavailable('no')))).toMatchObject({ refusal: { reason: 'unavailable', retryable: true } });
    expect(await reply(bytes({}), () => Promise.reject(new LedgerUnavailable('no')))).toMatchObject({ refusal: { reason: 'ledger_unavailable', retryable: true } });
  });
});

describe('the limiter', () => {
  it('works on so many at once, keeps so many in line, and says when it is full', async () => {
    const limiter = new Limiter(2, 1);
    const done: (() => void)[] = [];
    const order: number[] = [];
    const work = (n: number) => limiter.run(() => new Promise<void>((resolve) => done.push(() => (order.push(n), resolve()))));
    const all = [work(1), work(2)];
    expect(limiter.hasPlace).toBe(true);
    all.push(work(3));
    expect(limiter.hasPlace).toBe(false);
    expect(done).toHaveLength(2);
    let idle = false;
    const whenIdle = limiter.idle().then(() => (idle = true));
    done.shift()!();
    await all[0];
    expect(done).toHaveLength(2);
    expect(idle).toBe(false);
    for (const end of done) end();
    await Promise.all([...all, whenIdle]);
    expect(order).toEqual([1, 2, 3]);
    await limiter.idle();
  });

  it('frees the place of a failed work', async () => {
    const limiter = new Limiter(1, 0);
    await expect(limiter.run(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(limiter.hasPlace).toBe(true);
  });
});

describe('the ledger of a run', () => {
  const draft: EventDraft = { type: 'service.started.v1', data: {} };
  function ledgerOver(register: () => Promise<ReturnType<typeof accepted<true>> | ReturnType<typeof refused>>) {
    const appended: string[] = [];
    const inner: Ledger = { append: (drafts) => (appended.push(...drafts.map((one) => one.type)), Promise.resolve({ ids: [], sequence: 1 })) };
    let nowMs = 0;
    return { appended, ledger: new OwnKeyLedger(inner, register, log().logger, () => (nowMs += 1_000)) };
  }

  it('registers once, before the first event, and keeps the order of those that waited', async () => {
    const attempts: number[] = [];
    const { appended, ledger } = ledgerOver(async () => (attempts.push(appended.length), attempts.length < 3 ? refused('unavailable', 'not yet') : accepted(true as const)));
    await Promise.all([ledger.append([draft]), ledger.append([{ ...draft, type: 'two' }])]);
    await ledger.append([{ ...draft, type: 'three' }]);
    expect(attempts).toEqual([0, 0, 0]);
    expect(appended).toEqual(['service.started.v1', 'two', 'three']);
  });

  it('appends nothing while the recorder does not take the key, and tries anew with the next event', async () => {
    let up = false;
    const { appended, ledger } = ledgerOver(async () => (up ? accepted(true as const) : Promise.reject(new Error('no responders'))));
    await expect(ledger.append([draft])).rejects.toThrow(LedgerUnavailable);
    expect(appended).toEqual([]);
    up = true;
    await ledger.append([draft]);
    expect(appended).toHaveLength(1);
    expect(LIMITS.ledgerAckMs).toBeGreaterThan(0);
  });
});

describe('shutdown', () => {
  it('closes in order, bounded, whatever one step does', async () => {
    const { logger, lines } = log();
    const closed: string[] = [];
    const step = (name: string, close: () => Promise<unknown>) => ({ name, withinMs: 20, close: () => (closed.push(name), close()) });
    await closeInOrder([step('rpc', () => new Promise(() => undefined)), step('app', () => Promise.reject(new Error('x'))), step('bus', () => Promise.resolve())], logger);
    expect(closed).toEqual(['rpc', 'app', 'bus']);
    expect(lines.map((line) => (JSON.parse(line) as { part: string }).part)).toEqual(['rpc', 'app']);
  });
});
