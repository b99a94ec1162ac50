import { MemoryLedger } from '@interlock/adapter-memory-log';
import type { Backtest, GrantFact } from '@interlock/contracts';
import { principalOf, type Recognised } from '@interlock/domain-identity';
import type { EventDraft } from '@interlock/kernel';
import { KeysUnavailable } from '@interlock/adapter-sealing';
import { describe, expect, it } from 'vitest';
import { CEDAR, files, YAML } from '../../../../libs/authoring/spec/files.js';
import { action, bundle, CLEAR_KEYS, connectorLedger, decided, ETL, opened, RULES, truth } from '../../spec/recorded-world.js';
import { Backtests, type BacktestPorts } from './backtests.js';
import { firstSince } from './seek.js';

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-11-10T00:00:00.000Z');
const FIRST = bundle(1);

/** A ledger of a connector, an hour between its batches. */
async function recorded(...batches: EventDraft[][]): Promise<MemoryLedger> {
  let hours = -1;
  const ledger = connectorLedger(() => START_MS + Math.floor(hours) * HOUR_MS);
  for (const batch of batches) {
    hours = Math.floor(hours) + 1;
    await ledger.append(batch);
  }
  return ledger;
}

function reader(name: string, roles: string[]): Recognised {
  const configuration = FIRST.configuration;
  const known = principalOf({ issuer: 'demo', subject: name, claims: {}, expiresAtMs: 0 }, configuration);
  if (!known.ok) throw new Error(known.refusal.detail);
  return { principal: { ...known.value, roles, party: [name] }, configuration, expiresAtMs: 0 };
}

/** An auditor, someone who may change the configuration and stands behind nobody here, and the human behind the agent. */
const AUDITOR = reader('security', ['security']);
const AUTHOR = reader('security', ['dba']);
const OWNER = reader('dba', ['dba']);

async function run(ledger: MemoryLedger, cedar: string, { as = AUDITOR, ...wish }: { as?: Recognised; since?: string; limit?: number } = {}, more: Partial<BacktestPorts> = {}) {
  const own = new MemoryLedger({ service: 'policy' });
  const tests = new Backtests({ recorded: ledger, keys: CLEAR_KEYS, verify: () => true, ledger: own, nowMs: () => START_MS + 48 * HOUR_MS, versionInForce: () => 1, ...more });
  const outcome = await tests.run(as, { files: files(YAML, cedar), limit: 1_000, since: new Date(START_MS).toISOString(), ...wish });
  return { own, outcome, result: outcome.ok ? outcome.value : (undefined as never as Backtest) };
}

const asked = truth(FIRST, action('delete'));
const GRANT: GrantFact = { id: 'g', rules: ['delete-asks'], ruleHash: asked.decision.ask!.ruleHash, approvers: ['security'] };
/** A morning: two reads, a refused update, and a delete that was asked about, agreed to and let through. */
const MORNING = [
  [opened(), decided(truth(FIRST, action()), 'c1')], [decided(truth(FIRST, action('select', 'customers')), 'c2'), decided(truth(FIRST, action('update')), 'c3')],
  [decided(asked, 'c4')], [decided(truth(FIRST, action('delete'), GRANT), 'c4')],
];

const NO_READ = RULES.split('\n').slice(1).join('\n');
const READ_ASKS = `${RULES}\n@id("read-asks") @reason("Reading customers needs security.") @approvers("security") forbid (principal, action == Action::"select", resource == Table::"shop/public/customers");`;
const DELETE_FREE = RULES.split('\n').slice(0, 2).join('\n');
const UPDATE_TOO = `${RULES}\n@id("etl-updates") permit (principal in Role::"etl", action == Action::"update", resource in Target::"shop");`;
const DELETE_OTHERWISE = RULES.replace('15m', '30m');

describe('a back-test', () => {
  it('finds nothing otherwise by the same rules', async () => {
    const { result } = await run(await recorded(...MORNING), RULES);
    expect(result).toMatchObject({ bundleVersion: 1, complete: true, commands: 4, unchanged: 4, changes: [], unlisted: 0, grants: { kept: 1, voided: 0 }, undecidable: [], withoutHistory: 0 });
    expect(result.approvals).toEqual({ days: 2, perDayBefore: 0.5, perDayAfter: 0.5, roles: [{ role: 'security', approvers: ['security'], perDayBefore: 0.5, perDayAfter: 0.5, askers: [{ principal: 'agent-etl', perDay: 0.5 }] }] });
  });

  it.each([
    ['allow', 'deny', NO_READ, ['default-deny'], 2, 'select table shop/public/orders'],
    ['allow', 'ask', READ_ASKS, ['read-asks'], 1, 'select table shop/public/customers'],
    ['ask', 'allow', DELETE_FREE, ['etl-deletes'], 1, 'delete table shop/public/orders'],
    ['deny', 'allow', UPDATE_TOO, ['etl-updates'], 1, 'update table shop/public/orders'],
  ])('tells %s -> %s with its rules, whose commands, and examples', async (from, to, cedar, rules, count, what) => {
    const { result } = await run(await recorded(...MORNING), cedar);
    expect(result.changes).toMatchObject([{ from, to, principal: 'agent-etl', target: 'shop', rules, count, examples: expect.any(Array) }]);
    expect(result.commands - result.unchanged).toBe(count);
    const { verb, objects } = result.changes[0]!.examples[0]!;
    expect(`${verb} ${objects.join()}`).toBe(what);
  });

  it('tells grants that a changed rule voids, and who would be asked how often', async () => {
    expect((await run(await recorded(...MORNING), DELETE_OTHERWISE)).result).toMatchObject({ commands: 4, unchanged: 4, grants: { kept: 0, voided: 1 } });
    expect((await run(await recorded(...MORNING), READ_ASKS)).result.approvals).toMatchObject({ perDayBefore: 0.5, perDayAfter: 1, roles: [{ role: 'security', perDayBefore: 0.5, perDayAfter: 1 }] });
    expect((await run(await recorded(...MORNING), DELETE_FREE)).result.approvals).toMatchObject({ perDayAfter: 0, roles: [{ role: 'security', perDayBefore: 0.5, perDayAfter: 0, askers: [] }] });
  });

  it('shows texts to auditors and to the humans behind the principal, and records who asked', async () => {
    const textFor = async (as: Recognised) => (await run(await recorded(...MORNING), NO_READ, { as })).result.changes[0]!.examples[0]!.text;
    expect([await textFor(AUDITOR), await textFor(OWNER), await textFor(AUTHOR)]).toEqual(['select orders', 'select orders', undefined]);
    expect((await run(await recorded(...MORNING), NO_READ)).own.events).toEqual([{ type: 'record.read.v1', data: { reader: 'security', what: 'backtest', subject: 'commands since 2026-11-10T00:00:00.000Z' } }]);
  });

  it('replays who people were at that moment, though their session began before it', async () => {
    const other = { ...ETL, roles: ['nothing'] };
    const ledger = await recorded([opened('s-0', other), opened()], [decided(truth(FIRST, action(), undefined, other), 'c1', 's-0'), decided(truth(FIRST, action()), 'c2')]);
    const { result } = await run(ledger, RULES, { since: new Date(START_MS + HOUR_MS).toISOString() });
    expect(result).toMatchObject({ commands: 2, unchanged: 2, undecidable: [] });
  });

  it('tells what it cannot replay', async () => {
    const { result } = await run(await recorded([decided(truth(FIRST, action()), 'c1', 's-unknown')]), RULES);
    expect(result).toMatchObject({ commands: 0, undecidable: [{ reason: 'session_unknown', count: 1 }] });
  });

  it('tells for how many nobody had asked who made their objects', async () => {
    const cedar = `${RULES}\n@id("makers") @reason("Makers do not unmake.") forbid (principal, action == Action::"delete", resource) when { context.ownCreation };`;
    const { result } = await run(await recorded(...MORNING), cedar);
    expect(result).toMatchObject({ withoutHistory: 1, changes: [{ from: 'ask', to: 'deny', rules: ['makers'] }] });
  });

  it('ends at its limit and says so; exactly as many is not cut', async () => {
    expect((await run(await recorded(...MORNING), RULES, { limit: 2 })).result).toMatchObject({ commands: 2, complete: false, until: '2026-11-10T01:00:00.000Z' });
    expect((await run(await recorded(...MORNING), RULES, { limit: 4 })).result).toMatchObject({ commands: 4, complete: true });
  });

  it('begins where it is told, and reads nothing where nothing is', async () => {
    expect((await run(await recorded(...MORNING), RULES, { since: new Date(START_MS + 2 * HOUR_MS).toISOString() })).result).toMatchObject({ commands: 1 });
    expect((await run(await recorded(...MORNING), RULES, { since: new Date(START_MS + 9 * HOUR_MS).toISOString() })).result).toMatchObject({ commands: 0, complete: true });
    expect((await run(await recorded(), RULES)).result).toMatchObject({ commands: 0, unchanged: 0, complete: true });
  });

  it('is refused for what does not load, while another runs, and without keys', async () => {
    const ledger = await recorded(...MORNING);
    expect((await run(ledger, `${CEDAR}permit;`)).outcome).toMatchObject({ ok: false, refusal: { reason: 'configuration_invalid', detail: expect.stringContaining('policies/shop.cedar:3') } });
    const tests = new Backtests({ recorded: ledger, keys: CLEAR_KEYS, verify: () => true, ledger: new MemoryLedger(), nowMs: () => START_MS, versionInForce: () => 1 });
    const wish = { files: files(YAML, RULES), limit: 10 };
    const [first, second] = await Promise.all([tests.run(AUDITOR, wish), tests.run(AUDITOR, wish)]);
    expect([first.ok, second]).toMatchObject([true, { refusal: { reason: 'busy', retryable: true } }]);
    const away = { of: () => Promise.reject(new KeysUnavailable('the recorder is away')) };
    expect((await run(ledger, RULES, {}, { keys: away })).outcome).toMatchObject({ refusal: { reason: 'unavailable', retryable: true } });
    expect(await tests.run(AUDITOR, wish)).toMatchObject({ ok: true });
  });
});

describe('the first batch since', () => it.each([[-5, 1], [0, 1], [1, 2], [2.5, 4], [3, 4], [99, 5]])('%s hours is number %s', async (hours, sequence) =>
  expect(await firstSince(await recorded(...MORNING), START_MS + hours * HOUR_MS)).toBe(sequence)));
