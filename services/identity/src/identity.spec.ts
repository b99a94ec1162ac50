import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accepted, refused } from '@interlock/kernel';
import { Configuration, type Bundle, type Lock, type SealedBox, type Trust } from '@interlock/contracts';
import type { ControlFollower, ControlState, ControlWriter, Lifted } from '@interlock/adapter-jetstream';
import { MemoryLedger } from '../../../libs/adapters/memory-log/src/index.js';
import { generateServiceKeys, seal, ServiceKeys } from '@interlock/adapter-sealing';
import { OidcTokenVerifier } from '@interlock/adapter-oidc';
import { Recognition, UNLOCK_PROPOSAL_MS } from '@interlock/domain-identity';
import { createLogger } from '@interlock/nest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalIssuer, newKey, type IssuerKey } from '../../../libs/adapters/oidc/spec/local-issuer.js';
import { AuthenticationController } from './authentication.controller.js';
import { LockDesk } from './lock-desk.js';
import { LocksController } from './locks.controller.js';
import { UnlockProposals } from './unlock-proposals.js';

/** CONTROL of one process: what is written is followed at once. */
class DirectControl {
  state: ControlState = { bundle: undefined, bundleHash: '', locks: new Map(), delegations: new Map(), access: new Map(), sequence: 0 };

  change(next: Partial<ControlState>): number {
    this.state = { ...this.state, ...next, sequence: this.state.sequence + 1 };
    return this.state.sequence;
  }

  reached() {
    return Promise.resolve(true);
  }

  caughtUp() {
    return Promise.resolve(true);
  }

  readonly used = new Set<string>();

  wasUsed(id: string) {
    return Promise.resolve(this.used.has(id));
  }

  putLock(lock: Lock) {
    this.used.add(lock.id);
    return Promise.resolve(accepted({ revision: this.change({ locks: new Map([...this.state.locks, [lock.id, lock]]) }) }));
  }

  liftLock({ id }: Lifted) {
    const locks = new Map(this.state.locks);
    return Promise.resolve(locks.delete(id) ? accepted({ revision: this.change({ locks }) }) : refused('not_locked', 'no'));
  }
}

let issuer: LocalIssuer;
let key: IssuerKey;
let nowMs: number;
let control: DirectControl;
let ledger: MemoryLedger;
let stateDir: string;
let publicKeys: Trust['services'][string];
let authentication: AuthenticationController;
let locks: LocksController;
let lines: string[];

const person = (name: string, roles: string[], more: object = {}) => ({ name, kind: 'human', issuer: 'local', subject: name, roles, ...more });

beforeEach(async () => {
  issuer = await LocalIssuer.start();
  key = await newKey('EdDSA', 'k1');
  issuer.keys = [key.jwk];
  nowMs = Date.UTC(2026, 0, 1);
  stateDir = await mkdtemp(join(tmpdir(), 'interlock-identity-'));
  const configuration = Configuration.parse({
    version: 1,
    issuers: [{ name: 'local', url: issuer.url, audience: 'interlock', algorithms: ['EdDSA'] }],
    principals: [
      { name: 'agent-etl', kind: 'agent', issuer: 'local', subject: 'agent-etl', roles: ['etl'], owners: ['owner-etl'] },
      { name: 'agent-support', kind: 'agent', issuer: 'local', subject: 'agent-support', owners: ['owner-support'] },
      person('owner-etl', []), person('owner-support', []), person('dba', ['dba', 'locker']), person('dba-2', ['locker'], { human: 'dba' }),
      person('security', ['security', 'locker']), person('sam', ['locker']),
    ],
    targets: [{ name: 'shop', protocol: 'postgres', host: 'db', database: 'shop' }],
    delegation: { allowed: [{ actor: 'agent-etl', for: ['sam'] }] },
    administration: { changes: ['dba'], secrets: ['dba'], audit: ['auditor'], locks: ['locker'] },
  });
  const bundle: Bundle = { version: 3, configuration, policies: [], change: 'c', author: 'a', approvedBy: [], createdAt: '' };
  const generated = generateServiceKeys();
  publicKeys = { signingKey: generated.signingKey, sealingKey: generated.sealingKey };
  const keys = new ServiceKeys('identity', { nkeySeed: 'unused', ...generated });
  const trust: Trust = { services: { identity: publicKeys, 'connector-postgres': publicKeys, policy: publicKeys } };
  control = new DirectControl();
  control.change({ bundle });
  ledger = new MemoryLedger();
  lines = [];
  const clock = { nowMs: () => nowMs };
  const logger = createLogger({ service: 'identity', level: 'debug', write: (line) => lines.push(line), nowMs: clock.nowMs });
  const follower = control as unknown as ControlFollower;
  const recognition = new Recognition({ verifier: new OidcTokenVerifier(clock), keys, control: follower, nowMs: clock.nowMs });
  const proposals = new UnlockProposals({ name: 'identity', instance: '1', stateDir, busSynced: true }, logger);
  const desk = new LockDesk(ledger, follower, control as unknown as ControlWriter, proposals, clock);
  authentication = new AuthenticationController(recognition, follower, trust, logger);
  locks = new LocksController(recognition, desk, follower);
});

afterEach(async () => {
  await issuer.close();
  await rm(stateDir, { recursive: true });
});

const seconds = () => Math.floor(nowMs / 1_000);
const tokenOf = (sub: string, more: object = {}) => issuer.sign(key, { iss: issuer.url, aud: 'interlock', sub, exp: seconds() + 7_200, ...more });
const sealed = (token: string, purpose = 'token'): SealedBox => seal(publicKeys.sealingKey, purpose, Buffer.from(token));
const boxOf = async (sub: string, more: object = {}) => sealed(await tokenOf(sub, more));
async function authenticate(sub: string, more: object = {}, claims: object = {}) {
  return authentication.authenticate({ token: await boxOf(sub, claims), session: 's1', connector: 'connector-postgres', target: 'shop', clientAddress: '127.0.0.1', ...more });
}
async function lock(who: string, scope: Lock['scope'], subject: string): Promise<Lock> {
  const outcome = await locks.lock({ token: await boxOf(who), scope, subject, reason: 'drill' });
  if (!outcome.ok) throw new Error(outcome.refusal.detail);
  return outcome.value.lock;
}
const unlock = async (who: string, id: string, claims: object = {}) => locks.unlock({ token: await boxOf(who, claims), lock: id });
const eventTypes = () => ledger.events.map((event) => event.type);

describe('authenticate', () => {
  it('tells who it is, until when, and under which bundle', async () => {
    expect(await authenticate('agent-etl')).toEqual(accepted({
      principal: { name: 'agent-etl', kind: 'agent', issuer: issuer.url, subject: 'agent-etl', roles: ['etl'], party: ['owner-etl'] },
      expiresAt: new Date((seconds() + 7_200) * 1_000).toISOString(), bundleVersion: 3,
    }));
  });

  it.each<[string, object, object, string]>([
    ['an unknown connector', { connector: 'connector-nobody' }, {}, 'connector_unknown'],
    ['a service that is no connector', { connector: 'policy' }, {}, 'connector_unknown'],
    ['a name of the prototype', { connector: 'connector-__proto__' }, {}, 'connector_unknown'],
    ['an unknown target', { target: 'nowhere' }, {}, 'target_unknown'],
    ['an expired token', {}, { exp: 1 }, 'token_expired'],
    ['a token for someone else', {}, { aud: 'else' }, 'audience_wrong'],
    ['an unknown principal', {}, { sub: 'stranger' }, 'principal_unknown'],
  ])('refuses %s', async (_what, request, claims, reason) => {
    expect(await authenticate('agent-etl', request, claims)).toMatchObject({ ok: false, refusal: { reason } });
  });

  it('refuses a box made for another use or another service', async () => {
    const token = await tokenOf('agent-etl');
    const other = generateServiceKeys().sealingKey;
    expect(await authenticate('agent-etl', { token: sealed(token, 'secret') })).toMatchObject({ refusal: { reason: 'box_purpose' } });
    expect(await authenticate('agent-etl', { token: { ...sealed(token, 'secret'), purpose: 'token' } })).toMatchObject({ refusal: { reason: 'box_unopenable' } });
    expect(await authenticate('agent-etl', { token: seal(other, 'token', Buffer.from(token)) })).toMatchObject({ refusal: { reason: 'box_unopenable' } });
  });

  it('refuses everyone before the first configuration', async () => {
    control.change({ bundle: undefined });
    expect(await authenticate('agent-etl')).toMatchObject({ refusal: { reason: 'not_configured', retryable: true } });
  });

  it.each<[Lock['scope'], string]>([['everything', ''], ['principal', 'agent-etl'], ['party', 'owner-etl'], ['target', 'shop'], ['session', 's1'], ['connector', 'connector-postgres/1']])('refuses under a lock on %s %s', async (scope, subject) => {
    await lock('security', scope, subject);
    expect(await authenticate('agent-etl')).toMatchObject({ refusal: { reason: 'locked', detail: expect.stringContaining('drill') } });
  });

  it.each<[Lock['scope'], string]>([['principal', 'agent-support'], ['party', 'owner-support'], ['session', 's2'], ['connector', 'connector-ssh/1']])('is not stopped by a lock on %s %s', async (scope, subject) => {
    await lock('security', scope, subject);
    expect(await authenticate('agent-etl')).toMatchObject({ ok: true });
  });

  it('whoami tells the same; a lock on everything does not keep people from lifting it, one on the person does', async () => {
    await lock('security', 'everything', '');
    expect(await authentication.whoami({ token: await boxOf('dba') })).toMatchObject({ value: { principal: { name: 'dba', party: ['dba'] } } });
    await lock('security', 'party', 'dba');
    expect(await authentication.whoami({ token: await boxOf('dba-2') })).toMatchObject({ refusal: { reason: 'locked' } });
  });
});

describe('lock', () => {
  it('is in the ledger before it is published', async () => {
    ledger.failWith('no acknowledgement');
    await expect(lock('security', 'everything', '')).rejects.toThrow('no acknowledgement');
    expect(control.state.locks.size).toBe(0);
    ledger.failWith(undefined);
    const set = await lock('security', 'principal', 'agent-etl');
    expect(ledger.events).toEqual([{ type: 'lock.set.v1', data: { lock: set } }]);
    expect(control.state.locks.get(set.id)).toEqual(set);
  });

  it('may be set by the owner for their own agent, and by nobody else without the role', async () => {
    expect((await lock('owner-etl', 'principal', 'agent-etl')).by).toBe('owner-etl');
    await expect(lock('owner-support', 'principal', 'agent-etl')).rejects.toThrow('may not lock');
    await expect(lock('agent-support', 'principal', 'agent-etl')).rejects.toThrow('only a person may');
    expect(eventTypes()).toEqual(['lock.set.v1', 'lock.refused.v1', 'lock.refused.v1']);
  });

  it('asked for twice stands once', async () => {
    const first = await lock('security', 'target', 'shop');
    expect(await lock('dba', 'target', 'shop')).toEqual(first);
    expect(control.state.locks.size).toBe(1);
  });

  it('cannot be set by a person who is locked', async () => {
    await lock('security', 'principal', 'dba');
    await expect(lock('dba', 'principal', 'security')).rejects.toThrow('is locked by security');
  });
});

describe('lock of who broke the glass on approval\'s word', () => {
  const word = (grant = 'g-1') => locks.lockUnreviewed({ grant, principal: 'dba', reason: 'Glass g-1 was to be reviewed.' });

  it('stops that person, once for each grant, whatever other locks stand on them', async () => {
    expect(await word()).toMatchObject({ value: { lock: { scope: 'principal', subject: 'dba', by: 'approval', reason: 'Glass g-1 was to be reviewed.' } } });
    expect(await word()).toEqual(await word());
    expect(await word('g-2')).toMatchObject({ value: { lock: { subject: 'dba' } } });
    expect(control.state.locks.size).toBe(2);
    expect(eventTypes()).toEqual(['lock.set.v1', 'lock.set.v1']);
    expect(await locks.lock({ token: await boxOf('dba'), scope: 'target', subject: 'shop', reason: 'r' })).toMatchObject({ refusal: { reason: 'locked' } });
  });

  it('is lifted by the reviews of its grant, and does not come back', async () => {
    await word();
    await word('g-2');
    expect(await locks.liftReviewed({ grant: 'g-1', by: ['dana', 'sven'] })).toEqual(accepted({ lifted: true }));
    expect(await locks.liftReviewed({ grant: 'g-1', by: ['dana', 'sven'] })).toEqual(accepted({ lifted: false }));
    expect([control.state.locks.size, await word()]).toEqual([1, accepted({})]);
    expect(eventTypes().at(-1)).toBe('lock.lifted.v1');
  });

  it('lifts no lock that people have set, whatever it is told', async () => {
    const { id } = await lock('security', 'principal', 'dba');
    expect(await locks.liftReviewed({ grant: id, by: ['dana', 'sven'] })).toEqual(accepted({ lifted: false }));
    expect(control.state.locks.size).toBe(1);
  });
});

describe('lock of a connector on policy\'s word', () => {
  const word = (event: string, more: object = {}) => locks.lockConnector({ connector: 'connector-postgres', instance: '1', event, reason: 'It decided otherwise.', ...more });

  it('stops that instance, whoever comes, and no other', async () => {
    expect(await word('e-1')).toMatchObject({ value: { lock: { scope: 'connector', subject: 'connector-postgres/1', by: 'policy' } } });
    expect(eventTypes()).toEqual(['lock.set.v1']);
    expect(await authenticate('agent-etl', { instance: '1' })).toMatchObject({ refusal: { reason: 'locked', detail: expect.stringContaining('It decided otherwise.') } });
    expect(await authenticate('agent-etl', { instance: '2' })).toMatchObject({ ok: true });
  });

  it('takes two to lift, and does not come back with the same event', async () => {
    const first = await word('e-1');
    const { id } = first.ok ? first.value.lock! : { id: '' };
    expect(await word('e-2')).toEqual(first);
    expect(await unlock('security', id)).toMatchObject({ value: { lifted: false } });
    expect(await unlock('dba', id)).toMatchObject({ value: { lifted: true } });
    expect(await word('e-1')).toEqual(accepted({}));
    expect(control.state.locks.size).toBe(0);
    expect(await word('e-3')).toMatchObject({ value: { lock: { subject: 'connector-postgres/1' } } });
  });

  it.each([['no connector', { connector: 'vault' }], ['more than one instance', { instance: '*' }], ['a reason of two lines', { reason: 'a\nb' }]])('is refused for %s', async (_what, more) => {
    expect(await word('e-1', more)).toMatchObject({ ok: false });
    expect(control.state.locks.size).toBe(0);
  });
});

describe('unlock', () => {
  it('takes two independent people, each word in the ledger, the lift before it is published', async () => {
    const { id } = await lock('security', 'everything', '');
    expect(await unlock('security', id)).toEqual(accepted({ lifted: false, by: ['security'] }));
    expect(await unlock('security', id)).toEqual(accepted({ lifted: false, by: ['security'] }));
    expect(control.state.locks.size).toBe(1);
    expect(await unlock('dba', id)).toEqual(accepted({ lifted: true, by: ['security', 'dba'] }));
    expect(control.state.locks.size).toBe(0);
    expect(eventTypes()).toEqual(['lock.set.v1', 'unlock.proposed.v1', 'unlock.proposed.v1', 'lock.lifted.v1']);
    expect(await unlock('dba', id)).toMatchObject({ refusal: { reason: 'not_locked' } });
    expect(await readdir(join(stateDir, 'unlock-proposals'))).toEqual([]);
  });

  it('does not take one person twice, over another account or with an agent', async () => {
    const { id } = await lock('security', 'everything', '');
    await unlock('dba', id);
    expect(await unlock('dba-2', id)).toMatchObject({ refusal: { reason: 'not_independent', detail: expect.stringContaining('share the human dba') } });
    expect(await unlock('owner-etl', id)).toMatchObject({ refusal: { reason: 'role_missing' } });
    expect(await unlock('sam', id, { act: { sub: 'agent-etl' } })).toMatchObject({ refusal: { reason: 'human_required' } });
    expect(control.state.locks.size).toBe(1);
    expect(eventTypes().filter((type) => type === 'lock.refused.v1')).toHaveLength(3);
  });

  it('is not for whoever stands behind what is locked', async () => {
    const { id } = await lock('security', 'principal', 'dba-2');
    expect(await unlock('dba', id)).toMatchObject({ refusal: { reason: 'not_independent' } });
  });

  it('keeps a first word over a restart, and forgets it after its time', async () => {
    const { id } = await lock('security', 'target', 'shop');
    await unlock('security', id);
    expect(await readdir(join(stateDir, 'unlock-proposals'))).toHaveLength(1);
    nowMs += UNLOCK_PROPOSAL_MS;
    expect(await unlock('dba', id)).toMatchObject({ value: { lifted: false, by: ['dba'] } });
    expect(await unlock('sam', id)).toMatchObject({ value: { lifted: true, by: ['dba', 'sam'] } });
  });

  it('forgets the first word of someone who is locked meanwhile, and when the lock is asked for anew', async () => {
    const { id } = await lock('security', 'target', 'shop');
    await unlock('dba', id);
    await lock('security', 'party', 'dba');
    expect(await unlock('sam', id)).toMatchObject({ value: { lifted: false, by: ['sam'] } });
    await lock('security', 'target', 'shop');
    expect(await unlock('security', id)).toMatchObject({ value: { lifted: false, by: ['security'] } });
  });

  it('of an id with a path in it is none', async () => {
    expect(await unlock('security', '../../x')).toMatchObject({ refusal: { reason: 'not_locked' } });
  });
});

it('locks are listed to people only', async () => {
  const set = await lock('security', 'target', 'shop');
  expect(await locks.locks({ token: await boxOf('owner-etl') })).toEqual(accepted({ locks: [set] }));
  expect(await locks.locks({ token: await boxOf('agent-etl') })).toMatchObject({ refusal: { reason: 'human_required' } });
});

it('no token is in the log or the ledger', async () => {
  const token = await tokenOf('agent-etl', { jti: 'needle' });
  await authenticate('agent-etl', { token: sealed(token), connector: token, target: token });
  await authenticate('agent-etl', { token: sealed(token), target: token });
  await locks.lock({ token: sealed(token), scope: 'everything', subject: token, reason: token });
  const seen = JSON.stringify(ledger.events) + lines.join('');
  for (const part of token.split('.')) expect(seen).not.toContain(part);
});
