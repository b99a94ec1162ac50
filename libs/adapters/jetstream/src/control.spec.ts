import { verifySignature } from '@interlock/adapter-sealing';
import type { AccessState, Bundle, Lock } from '@interlock/contracts';
import { sha256Hex } from '@interlock/kernel';
import { startBus, type OwnTestBus } from '@interlock/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Bus } from './bus.js';
import { BundleHistory } from './bundle-history.js';
import { ControlFollower } from './control-follower.js';
import { ControlWriter } from './control-writer.js';

let bus: OwnTestBus;
let policy: ControlWriter;
let identity: ControlWriter;
let problems: string[];
beforeEach(async () => {
  bus = await startBus();
  policy = await writer('policy');
  identity = await writer('identity');
  problems = [];
});
afterEach(() => bus.close());

async function writer(service: 'policy' | 'identity' | 'approval', signer: 'policy' | 'identity' | 'approval' | 'api' = service): Promise<ControlWriter> {
  const keys = await bus.keys(signer);
  return new ControlWriter(await bus.serviceBus(service), (text) => keys.sign(text));
}

function follow(on: Bus): Promise<ControlFollower> {
  return ControlFollower.start(on, { trust: bus.trust, verify: verifySignature, onProblem: (problem) => void problems.push(problem) });
}

function bundle(version: number): string {
  const content: Bundle = {
    version, policies: [], change: `c-${version}`, author: 'dba', approvedBy: ['security'], createdAt: '2026-01-01T00:00:00Z',
    configuration: {
      version: 1, principals: [], targets: [], masking: { columns: [], content: [] },
      issuers: [{ name: 'demo', url: 'https://issuer.example', audience: 'interlock', algorithms: ['EdDSA'], clockSkewSeconds: 60 }],
      administration: { changes: ['dba'], secrets: ['dba'], audit: ['auditor'], locks: ['security'] },
    },
  };
  return JSON.stringify(content);
}

function lock(id: string): Lock {
  return { id, scope: 'principal', subject: 'agent-etl', reason: 'odd', by: 'security', at: '2026-01-01T00:00:00Z' };
}

const lifted = (id: string) => ({ id, by: ['security', 'dba'], at: '2026-01-01T00:01:00Z' });

async function stored(outcome: Promise<{ readonly ok: boolean; readonly value?: { readonly revision: number } }>): Promise<number> {
  const { ok, value } = await outcome;
  if (!ok || !value) throw new Error('it was not stored');
  return value.revision;
}

/** Past the writer: what the bus would take from a service's account. */
async function inject(service: 'policy' | 'identity' | 'approval', subject: string, message: object | string): Promise<number> {
  const answer = await (await bus.serviceBus(service)).connection.request(subject, typeof message === 'string' ? message : JSON.stringify(message));
  return answer.json<{ seq: number }>().seq;
}

describe('the control state', () => {
  it('is empty on a new bus, and has what was there and what comes', async () => {
    const api = await bus.serviceBus('api');
    expect((await follow(api)).state).toEqual({ bundle: undefined, bundleHash: '', locks: new Map(), delegations: new Map(), access: new Map(), sequence: 0 });
    const first = await stored(policy.putBundle(bundle(1), 0));
    const follower = await follow(api);
    expect(follower.state).toMatchObject({ bundle: { version: 1 }, bundleHash: sha256Hex(bundle(1)), sequence: first });
    const seen: number[] = [];
    follower.onChange((state) => void seen.push(state.sequence));
    const locked = await stored(identity.putLock(lock('one')));
    const second = await stored(policy.putBundle(bundle(2), first));
    expect(await follower.reached(second)).toBe(true);
    expect(follower.state.bundle?.version).toBe(2);
    expect(follower.state.locks).toEqual(new Map([['one', lock('one')]]));
    expect(seen).toEqual([locked, second]);
    expect(await follower.reached(await stored(identity.liftLock(lifted('one'))))).toBe(true);
    expect(follower.state.locks.size).toBe(0);
    await stored(identity.putLock(lock('two')));
    expect(await follower.caughtUp()).toBe(true);
    expect([...follower.state.locks.keys()]).toEqual(['two']);
    expect(problems).toEqual([]);
    await follower.close();
  });

  it('reaches a follower within the second that a lock has', async () => {
    const follower = await follow(await bus.serviceBus('connector-postgres'));
    const started = performance.now();
    expect(await follower.reached(await stored(identity.putLock(lock('fast'))), 1_000)).toBe(true);
    expect(performance.now() - started).toBeLessThan(1_000);
    await follower.close();
  });

  it('goes on where it was when the bus was away', async () => {
    const follower = await follow(await bus.serviceBus('api'));
    const first = await stored(policy.putBundle(bundle(1), 0));
    await bus.kill();
    await bus.start();
    const last = await stored(policy.putBundle(bundle(2), first));
    expect(await follower.reached(last, 10_000)).toBe(true);
    expect(follower.state.bundle?.version).toBe(2);
    await follower.close();
  });

  it('keeps the bundle in force when the next one is not signed by policy, and says so', async () => {
    const follower = await follow(await bus.serviceBus('api'));
    const first = await stored(policy.putBundle(bundle(1), 0));
    expect(await follower.reached(first)).toBe(true);
    const forged = await stored((await writer('policy', 'api')).putBundle(bundle(2), first));
    expect(await follower.reached(forged)).toBe(true);
    expect(follower.state).toMatchObject({ bundle: { version: 1 }, problem: 'the newest message for the bundle is not taken, for it is no bundle signed by policy; version 1 stays in force' });
    // Whoever starts now knows the same.
    const later = await follow(await bus.serviceBus('vault'));
    expect(later.state).toMatchObject({ bundle: { version: 1 }, problem: expect.stringContaining('version 1 stays') });
    await later.close();
    expect(problems[0]).toContain('no bundle signed by policy');
    expect(await follower.reached(await stored(policy.putBundle(bundle(2), forged)))).toBe(true);
    expect(follower.state.bundle?.version).toBe(2);
    expect(follower.state.problem).toBeUndefined();
    await follower.close();
  });

  it.each<[string, string]>([['no JSON', '{'], ['another shape', '{"bundle":1}'], ['nothing', '']])('keeps its bundle after %s', async (_what, message) => {
    const follower = await follow(await bus.serviceBus('api'));
    await stored(policy.putBundle(bundle(1), 0));
    expect(await follower.reached(await inject('policy', 'control.bundle', message))).toBe(true);
    expect(follower.state).toMatchObject({ bundle: { version: 1 }, problem: expect.stringContaining('version 1 stays in force') });
    await follower.close();
  });

  it('does not go back to an older bundle that is played again', async () => {
    const follower = await follow(await bus.serviceBus('api'));
    const first = await policy.putBundle(bundle(1), 0);
    if (!first.ok) throw new Error('not stored');
    const second = await stored(policy.putBundle(bundle(2), first.value.revision));
    expect(await follower.reached(await inject('policy', 'control.bundle', first.value.signed))).toBe(true);
    expect(second).toBe(2);
    expect(follower.state.bundle?.version).toBe(2);
    expect(problems).toEqual([expect.stringContaining('not newer than 2')]);
    expect(follower.state.problem).toContain('its version 1 is not newer than 2; version 2 stays in force');
    await follower.close();
  });

  it('does not go back to an older bundle behind a forged one', async () => {
    const follower = await follow(await bus.serviceBus('api'));
    const first = await policy.putBundle(bundle(1), 0);
    if (!first.ok) throw new Error('not stored');
    const second = await policy.putBundle(bundle(2), first.value.revision);
    if (!second.ok) throw new Error('not stored');
    await inject('policy', 'control.bundle', '{}');
    expect(await follower.reached(await inject('policy', 'control.bundle', first.value.signed))).toBe(true);
    const later = await follow(await bus.serviceBus('vault'));
    expect([follower.state.bundle?.version, later.state.bundle?.version]).toEqual([2, 2]);
    const last = await inject('policy', 'control.bundle', second.value.signed);
    expect([await follower.reached(last), await later.reached(last)]).toEqual([true, true]);
    expect([follower.state.bundle?.version, later.state.bundle?.version]).toEqual([2, 2]);
    await Promise.all([follower.close(), later.close()]);
  });

  it('is not set back with its stream: an older bundle is not taken, and locks stand', async () => {
    const follower = await follow(await bus.serviceBus('api'));
    const first = await policy.putBundle(bundle(1), 0);
    if (!first.ok) throw new Error('not stored');
    await stored(policy.putBundle(bundle(2), first.value.revision));
    expect(await follower.reached(await stored(identity.putLock(lock('one'))))).toBe(true);
    const { connection } = await bus.operatorBus();
    const { config } = (await connection.request('$JS.API.STREAM.INFO.CONTROL')).json<{ config: object }>();
    await connection.request('$JS.API.STREAM.DELETE.CONTROL');
    await connection.request('$JS.API.STREAM.CREATE.CONTROL', JSON.stringify(config));
    await stored(policy.putBundle(bundle(1), 0));
    await vi.waitFor(() => expect(problems).toContainEqual(expect.stringContaining('its version 1 is not newer than 2')), 5_000);
    expect(follower.state.bundle).toBeUndefined();
    expect([...follower.state.locks.keys()]).toEqual(['one']);
    await follower.close();
  });

  it('knows no lock that identity did not sign, nor one on another\'s place, nor one that was lifted and is played again', async () => {
    const follower = await follow(await bus.serviceBus('api'));
    const keys = await bus.keys('identity');
    const signed = { lock: JSON.stringify(lock('one')), signature: keys.signBase64(`interlock-lock/v1\n${JSON.stringify(lock('one'))}`) };
    await stored((await writer('identity', 'policy')).putLock(lock('forged')));
    await inject('identity', 'control.lock.other', signed);
    await stored(identity.putLock(lock('one')));
    await stored(identity.liftLock(lifted('one')));
    const last = await inject('identity', 'control.lock.one', signed);
    expect(await follower.reached(last)).toBe(true);
    expect(follower.state.locks.size).toBe(0);
    expect(problems.map((problem) => problem.replace(/^Message \d+ of CONTROL on /, ''))).toEqual([
      expect.stringContaining('control.lock.forged is ignored: it is no lock signed by identity'),
      expect.stringContaining('control.lock.other is ignored: its lock does not belong here'),
      expect.stringContaining('control.lock.one is ignored: this lock was lifted before'),
    ]);
    await follower.close();
  });

  it('keeps a lock that someone else tries to lift', async () => {
    const follower = await follow(await bus.serviceBus('api'));
    await stored(identity.putLock(lock('one')));
    const text = JSON.stringify(lifted('one'));
    const asLock = (await bus.keys('identity')).signBase64(`interlock-lock/v1\n${text}`);
    await stored((await writer('identity', 'policy')).liftLock(lifted('one')));
    const last = await inject('identity', 'control.lock.one', { lifted: text, signature: asLock });
    expect(await follower.reached(last)).toBe(true);
    expect([...follower.state.locks.keys()]).toEqual(['one']);
    await follower.close();
  });
});

describe('the delegations that stand', () => {
  const person = (name: string) => ({ name, kind: 'human' as const, issuer: 'i', subject: name, roles: ['dba'], party: [name] });
  const delegation = (id: string) => ({ id, delegator: person('dba'), delegate: person('deputy'), roles: ['dba'], reason: 'leave', from: '2026-01-01T00:00:00Z', until: '2026-01-02T00:00:00Z' });
  const revoked = (id: string) => ({ id, by: 'dba', at: '2026-01-01T00:01:00Z' });
  let approval: ControlWriter;
  beforeEach(async () => { approval = await writer('approval'); });

  it('are those that approval signed and that were not revoked; an id is used once', async () => {
    const follower = await follow(await bus.serviceBus('connector-postgres'));
    await stored(approval.putDelegation(delegation('one')));
    expect(await follower.reached(await stored(approval.putDelegation(delegation('two'))))).toBe(true);
    expect(follower.state.delegations).toEqual(new Map([['one', delegation('one')], ['two', delegation('two')]]));
    expect(await follower.reached(await stored(approval.revokeDelegation(revoked('one'))))).toBe(true);
    expect([...follower.state.delegations.keys()]).toEqual(['two']);
    expect(await approval.revokeDelegation(revoked('one'))).toMatchObject({ ok: false, refusal: { reason: 'not_delegated' } });
    expect(await approval.putDelegation(delegation('one'))).toMatchObject({ ok: false, refusal: { reason: 'conflict' } });
    expect(problems).toEqual([]);
    await follower.close();
  });

  it('are none that another service signed, none on another place, none that was revoked and is played again', async () => {
    const follower = await follow(await bus.serviceBus('api'));
    const text = JSON.stringify(delegation('one'));
    const signed = { delegation: text, signature: (await bus.keys('approval')).signBase64(`interlock-delegation/v1\n${text}`) };
    const asLock = { delegation: text, signature: (await bus.keys('approval')).signBase64(`interlock-lock/v1\n${text}`) };
    await stored((await writer('approval', 'identity')).putDelegation(delegation('forged')));
    await inject('approval', 'control.delegation.other', signed);
    await inject('approval', 'control.delegation.one', asLock);
    await stored(approval.putDelegation(delegation('two')));
    await stored(approval.revokeDelegation(revoked('two')));
    const again = JSON.stringify(delegation('two'));
    const last = await inject('approval', 'control.delegation.two', { delegation: again, signature: (await bus.keys('approval')).signBase64(`interlock-delegation/v1\n${again}`) });
    expect(await follower.reached(last)).toBe(true);
    expect(follower.state.delegations.size).toBe(0);
    expect(problems.map((problem) => problem.replace(/^Message \d+ of CONTROL on /, ''))).toEqual([
      'control.delegation.forged is ignored: it is no delegation signed by approval.', 'control.delegation.other is ignored: its delegation does not belong here.',
      'control.delegation.one is ignored: it is no delegation signed by approval.', 'control.delegation.two is ignored: this delegation was revoked before.',
    ]);
    await follower.close();
  });

  it('cannot be written by anyone else, and approval writes nothing else', async () => {
    await expect((await writer('identity')).putDelegation(delegation('one'))).resolves.toMatchObject({ ok: false });
    await expect(approval.putLock(lock('one'))).resolves.toMatchObject({ ok: false });
  });
});

describe('roles for a time', () => {
  const person = { name: 'dba', kind: 'human' as const, issuer: 'i', subject: 'dba', roles: ['dba'], party: ['dba'] };
  const access = (revision: number, status: AccessState['status'], id = 'one'): AccessState => ({
    id, revision, status, votes: [], from: '2026-01-01T00:00:00Z', until: '2026-01-01T08:00:00Z',
    request: { id, principal: person, requester: person, role: 'fixer', reason: 'r', seconds: 1, approvers: [{ role: 'dba', count: 1 }], requestedAt: 't', expiresAt: 't', digest: 'd' },
  });

  it('have the newest state that approval signed, and none once they ended', async () => {
    const approval = await writer('approval');
    const follower = await follow(await bus.serviceBus('connector-postgres'));
    await stored(approval.putAccess(access(1, 'pending')));
    expect(await follower.reached(await stored(approval.putAccess(access(2, 'granted'))))).toBe(true);
    expect(follower.state.access).toEqual(new Map([['one', access(2, 'granted')]]));
    expect(await approval.putAccess(access(2, 'denied'))).toMatchObject({ ok: false, refusal: { reason: 'conflict' } });
    expect(await follower.reached(await stored(approval.putAccess(access(3, 'revoked'))))).toBe(true);
    expect([follower.state.access.size, problems]).toEqual([0, []]);
    await follower.close();
  });

  it('do not come back by what is played again, forged or on the place of another', async () => {
    const approval = await writer('approval');
    const follower = await follow(await bus.serviceBus('api'));
    const text = JSON.stringify(access(2, 'granted'));
    const signed = { access: text, signature: (await bus.keys('approval')).signBase64(`interlock-access/v1\n${text}`) };
    await stored(approval.putAccess(access(1, 'pending')));
    await inject('approval', 'control.access.one', signed);
    await stored(approval.putAccess(access(3, 'revoked')));
    await inject('approval', 'control.access.one', signed);
    await inject('approval', 'control.access.two', signed);
    const last = await stored((await writer('approval', 'identity')).putAccess(access(1, 'granted', 'three')));
    expect(await follower.reached(last)).toBe(true);
    expect(follower.state.access.size).toBe(0);
    expect(problems).toEqual([expect.stringContaining('its revision 2 is not newer'), expect.stringContaining('belongs here'), expect.stringContaining('belongs here')]);
    expect(await (await writer('identity')).putAccess(access(1, 'granted', 'four'))).toMatchObject({ ok: false });
    await follower.close();
  });
});

describe('who writes control', () => {
  it('of two bundles for the same place one is stored', async () => {
    const outcomes = await Promise.all([policy.putBundle(bundle(1), 0), policy.putBundle(bundle(1).replace('c-1', 'c-2'), 0)]);
    expect(outcomes.map((outcome) => (outcome.ok ? 'stored' : outcome.refusal.reason)).sort()).toEqual(['conflict', 'stored']);
    expect(await policy.bundleRevision()).toBe(1);
  });

  it('cannot store a bundle that the bus would not take', async () => {
    const large = JSON.stringify({ text: '"'.repeat(600 * 1024) });
    expect(await policy.putBundle(large, 0)).toMatchObject({ ok: false, refusal: { reason: 'bundle_too_large' } });
  });

  it('cannot use the id of a lock twice, nor lift what does not stand', async () => {
    await stored(identity.putLock(lock('one')));
    expect(await identity.putLock(lock('one'))).toMatchObject({ ok: false, refusal: { reason: 'conflict' } });
    expect(await identity.liftLock(lifted('two'))).toMatchObject({ ok: false, refusal: { reason: 'not_locked' } });
    await stored(identity.liftLock(lifted('one')));
    expect(await identity.liftLock(lifted('one'))).toMatchObject({ ok: false, refusal: { reason: 'not_locked' } });
    expect(() => identity.putLock(lock('a.b'))).toThrow(RangeError);
  });
});

describe('the history of bundles', () => {
  it('has every version by its number, and when it was stored', async () => {
    const history = new BundleHistory(await bus.serviceBus('policy'), { trust: bus.trust, verify: verifySignature });
    expect([await history.at(1), await history.after(0)]).toEqual([undefined, undefined]);
    const before = Date.now();
    const first = await stored(policy.putBundle(bundle(1), 0));
    await identity.putLock(lock('between'));
    const second = await stored(policy.putBundle(bundle(2), first));
    expect([(await history.at(2))?.change, (await history.at(1))?.change, await history.at(3)]).toEqual(['c-2', 'c-1', undefined]);
    const { version, storedAtMs } = (await history.after(1))!;
    expect(version).toBe(2);
    expect(Math.abs(storedAtMs - before)).toBeLessThan(60_000);
    expect(await history.after(2)).toBeUndefined();
    await policy.putBundle(bundle(5), second);
    expect([(await history.after(2))?.version, (await history.at(5))?.version]).toEqual([5, 5]);
  });

  it('passes over what policy did not sign, and what says an old version again', async () => {
    const history = new BundleHistory(await bus.serviceBus('policy'), { trust: bus.trust, verify: verifySignature });
    const first = await stored(policy.putBundle(bundle(2), 0));
    const forger = await writer('policy', 'api');
    const forged = await stored(forger.putBundle(bundle(3), first));
    const other = await stored(policy.putBundle(JSON.stringify({ ...JSON.parse(bundle(2)) as object, change: 'another' }), forged));
    await policy.putBundle(bundle(4), other);
    expect([await history.at(3), (await history.at(2))?.change, (await history.after(2))?.version]).toEqual([undefined, 'c-2', 4]);
  });
});
