import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NatsRpcClient } from '@interlock/adapter-jetstream';
import { seal } from '@interlock/adapter-sealing';
import type { RpcClient, RpcName, RpcRequest, SealedBox } from '@interlock/contracts';
import type { Running } from '@interlock/nest';
import { startMasking } from '@interlock/service-masking';
import { startBus, type OwnTestBus } from '@interlock/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CEDAR, files, YAML } from '../../../libs/authoring/spec/files.js';
import { TestIssuer } from '../spec/issuer.js';
import { startPolicy } from './index.js';

/** The service as it runs, on a real bus, asked as the api asks it. The recorder is played: it takes every key. */
describe('policy on the bus', () => {
  let bus: OwnTestBus;
  let issuer: TestIssuer;
  let state: string;
  let policy: Running;
  let masking: Running;
  let api: RpcClient;

  const environment = (): NodeJS.ProcessEnv => ({ INTERLOCK_NATS_URL: bus.url, INTERLOCK_KEYS_DIR: bus.keysDir, INTERLOCK_STATE_DIR: state, INTERLOCK_LOG_LEVEL: 'error', INTERLOCK_MASKING_KEK: randomBytes(32).toString('base64') });
  const token = (name: string): SealedBox => seal(bus.trust.services['policy']!.sealingKey, 'token', Buffer.from(issuer.token(name)));
  const here = (yaml = YAML, cedar = CEDAR) => files(yaml.replace('http://127.0.0.1:8801', issuer.url), cedar);
  const ask = <N extends RpcName>(name: N, request: RpcRequest<N>) => api.call(name, request, { timeoutMs: 20_000 });

  beforeAll(async () => {
    [bus, issuer, state] = await Promise.all([startBus(), TestIssuer.start(), mkdtemp(join(tmpdir(), 'interlock-policy-'))]);
    const recorder = await bus.serviceBus('recorder');
    recorder.connection.subscribe('rpc.recorder.registerKey', { callback: (_fault, message) => void message.respond(JSON.stringify({ ok: true, value: {} })) });
    api = new NatsRpcClient(await bus.serviceBus('api'));
    [masking, policy] = await Promise.all([startMasking(environment()), startPolicy(environment())]);
  }, 60_000);

  afterAll(async () => {
    await Promise.all([policy.close(), masking.close()]);
    await Promise.all([bus.close(), issuer.close(), rm(state, { recursive: true, force: true })]);
  });

  it('takes nothing from a token of nobody, before and after', async () => {
    const forged = seal(bus.trust.services['policy']!.sealingKey, 'token', Buffer.from(`${issuer.token('dba')}x`));
    expect(await ask('policy.propose', { token: forged, files: here() })).toMatchObject({ ok: false, refusal: { reason: expect.stringMatching(/^signature_|^token_/) } });
    expect(await ask('policy.configuration', { token: token('dba') })).toMatchObject({ ok: false, refusal: { reason: 'not_configured' } });
  });

  it('tells a typo with its line, and takes nothing', async () => {
    expect(await ask('policy.propose', { token: token('dba'), files: here(YAML.replace('protocol: postgres', 'protocl: postgres')) })).toMatchObject({
      ok: false, refusal: { reason: 'configuration_invalid', detail: expect.stringContaining('interlock.yaml:13:5: there is no key "protocl" (did you mean protocol?)') },
    });
  });

  it('takes the first configuration, asks masking about it, and tells a problem of masking with its line', async () => {
    const masked = `${YAML}masking:\n  columns:\n    - { id: m, target: shp, column: public.customers.email }\n`;
    expect(await ask('policy.propose', { token: token('dba'), files: here(masked) })).toMatchObject({ ok: false, refusal: { detail: expect.stringContaining('interlock.yaml:24:24: there is no target shp') } });
    expect(await ask('policy.propose', { token: token('dba'), files: here() })).toMatchObject({ ok: true, value: { change: 'bootstrap', status: 'applied', version: 1 } });
  });

  it('puts a later one into force when a second person agrees, and keeps it over a restart', async () => {
    const next = here(YAML, `${CEDAR}@id("no-drop") @reason("Nothing is dropped.")\nforbid (principal, action == Action::"drop", resource);\n`);
    const proposed = await ask('policy.propose', { token: token('dba'), files: next });
    expect(proposed).toMatchObject({ ok: true, value: { status: 'pending', version: 1 } });
    const change = proposed.ok ? proposed.value.change : '';
    expect(await ask('policy.decideChange', { token: token('dba'), change, verdict: 'approve' })).toMatchObject({ ok: false, refusal: { reason: 'not_independent' } });
    const shown = await ask('policy.change', { token: token('security'), change });
    expect(shown).toMatchObject({ ok: true, value: { change: { baseVersion: 1, files: [{ file: 'policies/shop.cedar', status: 'changed', diff: expect.stringContaining('+forbid (principal, action == Action::"drop", resource);') }] } } });
    const digest = shown.ok ? shown.value.change.digest : '';
    expect(await ask('policy.change', { token: token('agent-etl'), change })).toMatchObject({ ok: false, refusal: { reason: 'human_required' } });
    expect(await ask('policy.decideChange', { token: token('security'), change, verdict: 'approve', digest })).toMatchObject({ ok: true, value: { status: 'applied', version: 2 } });
    await policy.close();
    policy = await startPolicy(environment());
    expect(await ask('policy.configuration', { token: token('security') })).toEqual({ ok: true, value: { version: 2, files: next } });
    expect(await ask('policy.changes', { token: token('security') })).toMatchObject({ ok: true, value: { changes: [{ change, status: 'applied', version: 2 }, { change: 'bootstrap', status: 'applied', version: 1 }] } });
  });

  it('explains by the configuration in force, to those who may ask', async () => {
    const question = { as: 'agent-etl', target: 'shop', text: 'drop table public.customers' };
    expect(await ask('policy.explain', { token: token('security'), ...question })).toMatchObject({ ok: true, value: { decision: { outcome: 'deny', bundleVersion: 2, reasons: [{ rule: 'no-drop' }] }, policies: [{ rule: 'no-drop', file: 'policies/shop.cedar' }] } });
    expect(await ask('policy.explain', { token: token('agent-etl'), ...question })).toMatchObject({ ok: false, refusal: { reason: 'human_required' } });
  });
});
