import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlFollower, JetStreamLedger, NatsRpcClient } from '@interlock/adapter-jetstream';
import { createEventSeal, seal, sealFor, verifySignature } from '@interlock/adapter-sealing';
import { draft, type Bundle, type EventData, type RpcClient, type RpcName, type RpcRequest, type SealedBox } from '@interlock/contracts';
import type { EventSeal, Ledger } from '@interlock/kernel';
import type { Running } from '@interlock/nest';
import { startIdentity } from '@interlock/service-identity';
import { startMasking } from '@interlock/service-masking';
import { startRecorder } from '@interlock/service-recorder';
import { startBus, type OwnTestBus } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { files, YAML } from '../../../../libs/authoring/spec/files.js';
import { TestIssuer } from '../../spec/issuer.js';
import { action, ALLOWED, decided, ETL, lie, RULES, truth } from '../../spec/recorded-world.js';
import { startPolicy } from '../start.js';

/** The real policy, identity and recorder on a real bus; the connector is played, with the connector's own keys. */
let bus: OwnTestBus;
let issuer: TestIssuer;
let state: string;
let running: Record<string, Running>;
let api: RpcClient;
let connectorRpc: RpcClient;
let control: ControlFollower;
let key: EventSeal;
let connector: Ledger & { close(): Promise<void> };

const environment = (): NodeJS.ProcessEnv => ({
  INTERLOCK_NATS_URL: bus.url, INTERLOCK_KEYS_DIR: bus.keysDir, INTERLOCK_STATE_DIR: state, INTERLOCK_LOG_LEVEL: 'error', INTERLOCK_RECORDER_KEK: randomBytes(32).toString('base64'), INTERLOCK_MASKING_KEK: randomBytes(32).toString('base64'),
});
const token = (name: string, service: string): SealedBox => seal(bus.trust.services[service]!.sealingKey, 'token', Buffer.from(issuer.token(name)));
const ask = <N extends RpcName>(name: N, request: RpcRequest<N>) => api.call(name, request, { timeoutMs: 20_000 });
const report = async () => {
  const answer = await ask('policy.secondDecisions', { token: token('security', 'policy') });
  if (!answer.ok) throw new Error(answer.refusal.detail);
  return answer.value;
};
const caughtUp = (decisions: number) => vi.waitFor(async () => expect(await report()).toMatchObject({ decided: decisions }), { timeout: 10_000, interval: 100 });
const inForce = (): Bundle => control.state.bundle!;
const health = async () => (await ask('policy.health', {}) as { readonly value: { readonly ok: boolean; readonly checks: readonly { name: string; ok: boolean; detail?: string }[] } }).value;

async function apply(cedar: string, yaml = YAML.replace('http://127.0.0.1:8801', issuer.url).replace('locks: [security]', 'locks: [security, dba]')): Promise<void> {
  const proposed = await ask('policy.propose', { token: token('dba', 'policy'), files: files(yaml, cedar) });
  if (!proposed.ok) throw new Error(proposed.refusal.detail);
  if (proposed.value.status === 'pending') await agree(proposed.value.change);
  const version = proposed.value.version + (proposed.value.status === 'pending' ? 1 : 0);
  await vi.waitFor(() => expect(control.state.bundle?.version).toBe(version), { timeout: 5_000 });
}

async function agree(change: string): Promise<void> {
  const read = await ask('policy.change', { token: token('security', 'policy'), change });
  if (!read.ok) throw new Error(read.refusal.detail);
  const agreed = await ask('policy.decideChange', { token: token('security', 'policy'), change, verdict: 'approve', digest: read.value.change.digest });
  if (!agreed.ok) throw new Error(agreed.refusal.detail);
}

const tell = (...told: EventData<'command.decided.v1'>[]) => connector.append(told.map((one) => ({ ...decided(one, `s-1.1.${randomUUID()}`), seal: key })));

beforeAll(async () => {
  [bus, issuer, state] = await Promise.all([startBus(), TestIssuer.start(), mkdtemp(join(tmpdir(), 'interlock-second-'))]);
  const recorder = await startRecorder(environment());
  const [identity, masking, policy] = await Promise.all([startIdentity(environment()), startMasking(environment()), startPolicy(environment())]);
  running = { recorder, identity, masking, policy };
  const [apiBus, connectorBus, keys] = await Promise.all([bus.serviceBus('api'), bus.serviceBus('connector-postgres'), bus.keys('connector-postgres')]);
  [api, connectorRpc] = [new NatsRpcClient(apiBus), new NatsRpcClient(connectorBus)];
  control = await ControlFollower.start(apiBus, { trust: bus.trust, verify: verifySignature });
  const bytes = randomBytes(32);
  key = createEventSeal('connector-postgres.s-1.1.x', bytes);
  await connectorRpc.call('recorder.registerKey', { keyId: key.keyId, session: 's-1', key: sealFor(bus.trust, 'recorder', 'event-key', Buffer.from(bytes.toString('base64'))) });
  connector = new JetStreamLedger(connectorBus, { service: 'connector-postgres', instance: '1', seal: key, sign: (text) => keys.sign(text), nowMs: Date.now });
  await apply(RULES);
  const principal = { ...ETL, issuer: issuer.url };
  await connector.append([{ ...draft('session.opened.v1', { principal, target: 'shop', protocol: 'postgres', clientAddress: 'x', tokenExpiresAt: '', bundleVersion: 1 }, { session: 's-1' }), seal: key }]);
}, 60_000);

afterAll(async () => {
  await connector.close();
  await control.close();
  for (const name of ['policy', 'masking', 'identity', 'recorder']) await running[name]!.close();
  await Promise.all([bus.close(), issuer.close(), rm(state, { recursive: true, force: true })]);
});

describe('the second decision on the bus', () => {
  it('agrees with a connector that tells the truth, while a bundle is replaced', async () => {
    const before = inForce();
    await tell(truth(before, action()), truth(before, action('delete')), truth(before, action('update')));
    await apply(RULES.split('\n').slice(1).join('\n'));
    await tell(truth(inForce(), action()), truth(before, action()));
    await caughtUp(5);
    expect(await report()).toMatchObject({ mismatched: 0, undecidable: [], lag: expect.any(Number) });
    const { ok, checks } = await health();
    expect(ok).toBe(true);
    expect(checks.find(({ name }) => name === 'second decision lag')).toMatchObject({ ok: true, detail: expect.stringMatching(/^\d+ batches; 5 decided again, 0 otherwise$/) });
  });

  it('locks a connector that lies within a second: nobody comes in through it, until two people lift the lock', async () => {
    const toldAtMs = Date.now();
    await tell(truth(inForce(), action('update')), lie(truth(inForce(), action('update', 'customers')), ALLOWED));
    const lock = await vi.waitFor(() => {
      const [standing] = control.state.locks.values();
      expect(standing).toMatchObject({ scope: 'connector', subject: 'connector-postgres/1', by: 'policy', reason: expect.stringContaining('outcome: recorded allow, again deny') });
      return standing!;
    }, { timeout: 5_000, interval: 10 });
    expect(Date.now() - toldAtMs).toBeLessThan(1_000);
    const authenticate = (instance: string) => connectorRpc.call('identity.authenticate', { token: token('agent-etl', 'identity'), session: 's-2', connector: 'connector-postgres', instance, target: 'shop', clientAddress: 'x' });
    await vi.waitFor(async () => expect(await authenticate('1')).toMatchObject({ ok: false, refusal: { reason: 'locked', detail: expect.stringContaining('connector-postgres/1 is locked by policy') } }), { timeout: 1_000, interval: 20 });
    expect(await authenticate('2')).toMatchObject({ ok: true });
    await caughtUp(7);
    expect(await report()).toMatchObject({ mismatched: 1, mismatches: [{ connector: 'connector-postgres/1', principal: 'agent-etl', lock: lock.id, recorded: { outcome: 'allow' }, again: { outcome: 'deny' } }] });
    expect(await health()).toMatchObject({ ok: true, checks: expect.arrayContaining([{ name: 'mismatches', ok: false, detail: expect.stringContaining(lock.id) }]) });

    expect(await ask('identity.unlock', { token: token('security', 'identity'), lock: lock.id })).toMatchObject({ value: { lifted: false } });
    expect(await ask('identity.unlock', { token: token('dba', 'identity'), lock: lock.id })).toMatchObject({ value: { lifted: true } });
    await vi.waitFor(async () => expect(await authenticate('1')).toMatchObject({ ok: true }), { timeout: 3_000 });
  }, 20_000);

  it('goes on from its place after a restart, with what came meanwhile', async () => {
    await running['policy']!.close();
    await tell(truth(inForce(), action()), lie(truth(inForce(), action()), { ...ALLOWED, bundleVersion: 99 }));
    running['policy'] = await startPolicy(environment());
    await caughtUp(9);
    expect(await report()).toMatchObject({ mismatched: 2, mismatches: [{ bundleVersion: 99, differences: ['bundle: version 99 was never published'] }, { bundleVersion: 2 }] });
    expect([...control.state.locks.values()]).toMatchObject([{ subject: 'connector-postgres/1', by: 'policy' }]);
  }, 20_000);

  it('replays what was recorded against a proposed configuration, for those who may ask', async () => {
    const proposed = files(YAML.replace('http://127.0.0.1:8801', issuer.url).replace('locks: [security]', 'locks: [security, dba]'), RULES.split('\n').slice(1).join('\n'));
    const answer = await ask('policy.backtest', { token: token('security', 'policy'), files: proposed });
    expect(answer).toMatchObject({ ok: true, value: {
      bundleVersion: 2, complete: true, commands: 9, undecidable: [], grants: { kept: 0, voided: 0 },
      changes: expect.arrayContaining([{ from: 'allow', to: 'deny', principal: 'agent-etl', target: 'shop', rules: ['default-deny'], count: 4, examples: expect.arrayContaining([expect.objectContaining({ text: 'select orders' })]) }]),
    } });
    expect(await ask('policy.backtest', { token: token('agent-etl', 'policy'), files: proposed })).toMatchObject({ ok: false, refusal: { reason: 'human_required' } });
  });

  it('tells nothing to whoever may not ask, and lets nobody but policy lock without a person', async () => {
    expect(await ask('policy.secondDecisions', { token: token('agent-etl', 'policy') })).toMatchObject({ ok: false, refusal: { reason: 'human_required' } });
    const word = { connector: 'connector-postgres', instance: '2', event: 'e', reason: 'a lie' };
    for (const other of [api, connectorRpc]) expect(await other.call('identity.lockConnector', word, { timeoutMs: 1_000 })).toMatchObject({ ok: false, refusal: { reason: 'unavailable' } });
    expect(await connectorRpc.call('recorder.revealDecisionKeys', { keyIds: [key.keyId] }, { timeoutMs: 1_000 })).toMatchObject({ ok: false, refusal: { reason: 'unavailable' } });
  });
});
