import { randomBytes } from 'node:crypto';
import { Configuration, type AccessState, type Bundle, type Lock, type SealedBox, type SecretState, type Trust } from '@interlock/contracts';
import { accepted, refused } from '@interlock/kernel';
import type { ControlFollower, ControlState } from '@interlock/adapter-jetstream';
import { OidcTokenVerifier } from '@interlock/adapter-oidc';
import { generateServiceKeys, seal, ServiceKeys } from '@interlock/adapter-sealing';
import { Recognition, rolesNow } from '@interlock/domain-identity';
import { createLogger, Health, type Logger } from '@interlock/nest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryAggregate, MemoryLedger } from '../../../libs/adapters/memory-log/src/index.js';
import { LocalIssuer, newKey, type IssuerKey } from '../../../libs/adapters/oidc/spec/local-issuer.js';
import { CredentialRelease } from './credential-release.js';
import { KeyCheck } from './key-check.js';
import { withoutRolesForATime } from './roles-for-good.js';
import { SecretStore } from './secret-store.js';
import type { Authenticators } from './signed/authenticators.js';
import { SecretsDesk } from './secrets-desk.js';
import { VaultController } from './vault.controller.js';

const PASSWORD = 'needle-in-the-vault';
const credential = { user: 'gateway', password: PASSWORD };
const kek = randomBytes(32);

let issuer: LocalIssuer;
let key: IssuerKey;
let state: ControlState;
let ledger: MemoryLedger;
let stored: MemoryAggregate<SecretState>;
let vaultKeys: Trust['services'][string];
let connector: ServiceKeys;
let trust: Trust;
let vault: VaultController;
let logger: Logger;
let lines: string[];
let wishes: object[];
const elevated = { take: async (wish: { readonly grant?: string | undefined }) => (wishes.push(wish), wish.grant === 'signed' ? accepted(undefined) : refused('grant_unsigned', 'Nobody signed it.')) };
const clock = { nowMs: () => Date.UTC(2026, 0, 1) };

const person = (name: string, roles: string[]) => ({ name, kind: 'human', issuer: 'local', subject: name, roles });

beforeEach(async () => {
  issuer = await LocalIssuer.start();
  key = await newKey('EdDSA', 'k1');
  issuer.keys = [key.jwk];
  const target = (name: string) => ({ name, protocol: 'postgres', host: 'db', database: 'shop' });
  const configuration = Configuration.parse({
    version: 1,
    issuers: [{ name: 'local', url: issuer.url, audience: 'interlock', algorithms: ['EdDSA'] }],
    principals: [{ name: 'agent-etl', kind: 'agent', issuer: 'local', subject: 'agent-etl', roles: ['etl', 'dba'], owners: ['owner-etl'] }, person('owner-etl', []), person('dba', ['dba']), person('auditor', ['auditor'])],
    delegation: { allowed: [{ actor: 'agent-etl', for: ['dba'] }] },
    targets: [target('shop'), target('a.b'), target('a_2eb')],
    administration: { changes: ['dba'], secrets: ['dba'], audit: ['auditor'], locks: ['dba'] },
  });
  const bundle: Bundle = { version: 1, configuration, policies: [], change: 'c', author: 'a', approvedBy: [], createdAt: '' };
  state = { bundle, bundleHash: 'h', locks: new Map(), delegations: new Map(), access: new Map(), sequence: 1 };
  const own = generateServiceKeys();
  const connectorKeys = generateServiceKeys();
  vaultKeys = own;
  connector = new ServiceKeys('connector-postgres', { nkeySeed: 'unused', ...connectorKeys });
  trust = { services: { vault: own, policy: generateServiceKeys(), 'connector-postgres': connectorKeys } };
  ledger = new MemoryLedger();
  stored = new MemoryAggregate();
  lines = [];
  wishes = [];
  logger = createLogger({ service: 'vault', level: 'debug', write: (line) => lines.push(line), nowMs: clock.nowMs });
  vault = over(new SecretStore(stored, kek), new ServiceKeys('vault', { nkeySeed: 'unused', ...own }));
});
afterEach(() => issuer.close());

function over(secrets: SecretStore, keys: ServiceKeys): VaultController {
  const control = { get state() { return state; }, caughtUp: async () => true } as ControlFollower;
  const recognition = new Recognition({ verifier: new OidcTokenVerifier(clock), keys, control: withoutRolesForATime(control), nowMs: () => clock.nowMs() });
  const desk = new SecretsDesk(secrets, ledger, keys, clock);
  return new VaultController(recognition, desk, new CredentialRelease({ recognition, secrets, ledger, control, trust, elevated }), secrets, {} as Authenticators);
}

const exp = clock.nowMs() / 1_000 + 300;
const tokenOf = (sub: string, more: object = {}) => issuer.sign(key, { iss: issuer.url, aud: 'interlock', sub, exp, ...more });
const box = (text: string, purpose: string): SealedBox => seal(vaultKeys.sealingKey, purpose, Buffer.from(text));
const token = async (sub: string, more: object = {}) => box(await tokenOf(sub, more), 'token');
const set = async (who = 'dba', target = 'shop', kind: 'standing' | 'probe' | 'elevated' = 'standing', secret: object = credential) =>
  vault.setSecret({ token: await token(who), target, kind, secret: box(JSON.stringify(secret), 'secret') });
const release = async (more: object = {}, who = 'agent-etl', claims: object = {}) =>
  vault.release({ token: await token(who, claims), session: 's1', connector: 'connector-postgres', target: 'shop', kind: 'standing', ...more });
const lock = (scope: Lock['scope'], subject: string): void => {
  const standing: Lock = { id: 'l1', scope, subject, reason: 'drill', by: 'dba', at: '' };
  state = { ...state, locks: new Map([['l1', standing]]) };
};
const opened = (outcome: Awaited<ReturnType<typeof release>>) => {
  if (!outcome.ok) throw new Error(outcome.refusal.detail);
  const plain = connector.open(outcome.value.credential, 'credential');
  if (!plain.ok) throw new Error(plain.refusal.detail);
  return JSON.parse(plain.value.toString()) as unknown;
};
const reason = (outcome: { readonly ok: true } | { readonly ok: false; readonly refusal: { readonly reason: string } }) => (outcome.ok ? 'accepted' : outcome.refusal.reason);

describe('setSecret', () => {
  it('stores what only this key-encryption key opens, and says in the ledger that it was set', async () => {
    expect(await set()).toEqual({ ok: true, value: { target: 'shop', kind: 'standing' } });
    expect(ledger.events).toEqual([{ type: 'secret.set.v1', data: { target: 'shop', by: 'dba', kind: 'standing' } }]);
    const atRest = JSON.stringify(await stored.list());
    expect(atRest).not.toContain(PASSWORD);
    expect(Buffer.from((await stored.get('shop'))!.value.standing!.wrapped, 'base64').includes(PASSWORD)).toBe(false);
    expect(reason(await new SecretStore(stored, randomBytes(32)).open('shop', 'standing'))).toBe('secret_unreadable');
  });

  it('is for roles that are held for good: what approval says is granted for a time gives nothing here', async () => {
    const configuration = Configuration.parse({ ...state.bundle!.configuration, roles: [{ name: 'dba', onRequest: { for: ['auditor'], approvers: [{ role: 'dba', count: 1 }], hoursMax: 1 } }, { name: 'etl' }, { name: 'auditor' }] });
    const principal = { name: 'auditor', kind: 'human', issuer: issuer.url, subject: 'auditor', roles: ['auditor'], party: ['auditor'] } as const;
    const [from, until] = [clock.nowMs() - 1, clock.nowMs() + 1].map((at) => new Date(at).toISOString());
    const granted = { id: 'a', revision: 2, status: 'granted', votes: [], from, until, request: { principal, role: 'dba', seconds: 1, approvers: [{ role: 'dba', count: 1 }] } } as unknown as AccessState;
    state = { ...state, bundle: { ...state.bundle!, configuration }, access: new Map([['a', granted]]) };
    expect(rolesNow(configuration, state.access.values(), clock.nowMs()).configuration.principals.find(({ name }) => name === 'auditor')?.roles).toEqual(['auditor', 'dba']);
    expect(reason(await set('auditor'))).toBe('role_missing');
  });

  it.each<[string, string, string, string]>([
    ['an agent, whatever its roles', 'agent-etl', 'shop', 'human_required'],
    ['a person without the role', 'auditor', 'shop', 'role_missing'],
    ['an unknown principal', 'stranger', 'shop', 'principal_unknown'],
    ['an unknown target', 'dba', 'nowhere', 'target_unknown'],
  ])('refuses %s', async (_what, who, target, expected) => {
    expect(reason(await set(who, target))).toBe(expected);
    expect(ledger.events).toEqual([]);
    expect(await stored.list()).toEqual([]);
  });

  it('refuses a person who is locked, and a person whose token an agent holds', async () => {
    expect(reason(await vault.listSecrets({ token: await token('dba', { act: { sub: 'agent-etl' } }) }))).toBe('human_required');
    lock('principal', 'dba');
    expect(reason(await set())).toBe('locked');
  });

  it.each<[string, string]>([['no JSON', 'x'], ['no user', '{"password":"p"}'], ['an empty user', '{"user":"","password":"p"}'], ['more than that', '{"user":"u","password":"p","host":"h"}'], ['null', 'null'], ['too long a password', JSON.stringify({ user: 'u', password: 'p'.repeat(5_000) })]])(
    'refuses %s', async (_what, text) => {
      expect(reason(await vault.setSecret({ token: await token('dba'), target: 'shop', secret: box(text, 'secret') }))).toBe('secret_malformed');
    });

  it('refuses a box that was made for another use', async () => {
    const secret = box(JSON.stringify(credential), 'token');
    expect(reason(await vault.setSecret({ token: await token('dba'), target: 'shop', secret }))).toBe('box_purpose');
  });

  it('stores nothing that the ledger has not acknowledged', async () => {
    ledger.failWith('no acknowledgement');
    await expect(set()).rejects.toThrow('no acknowledgement');
    expect(await stored.list()).toEqual([]);
  });

  it('takes the last of two, keeps kinds and targets apart, and lists without content', async () => {
    await Promise.all([set('dba', 'shop', 'standing', { user: 'first', password: 'x' }), set('dba', 'shop', 'probe', { user: 'reader', password: 'y' })]);
    await set();
    await set('dba', 'a.b', 'standing', { user: 'dotted', password: 'x' });
    await set('dba', 'a_2eb', 'standing', { user: 'underscored', password: 'x' });
    expect(opened(await release())).toEqual(credential);
    expect(opened(await release({ kind: 'probe' }))).toEqual({ user: 'reader', password: 'y' });
    expect(opened(await release({ target: 'a.b' }))).toEqual({ user: 'dotted', password: 'x' });
    expect(opened(await release({ target: 'a_2eb' }))).toEqual({ user: 'underscored', password: 'x' });
    const listed = await vault.listSecrets({ token: await token('dba') });
    expect(listed.ok && listed.value.secrets.map(({ target, kind }) => `${target} ${kind}`).sort()).toEqual(['a.b standing', 'a_2eb standing', 'shop probe', 'shop standing']);
    expect(JSON.stringify(listed)).not.toContain(PASSWORD);
  });
});

describe('release', () => {
  beforeEach(() => set());

  it('seals to the connector alone, after the ledger has acknowledged it', async () => {
    const outcome = await release();
    expect(opened(outcome)).toEqual(credential);
    expect(outcome.ok && new ServiceKeys('x', { nkeySeed: '', ...generateServiceKeys() }).open(outcome.value.credential, 'credential').ok).toBe(false);
    expect(ledger.events.at(-1)).toEqual({ type: 'credential.released.v1', session: 's1', data: { target: 'shop', connector: 'connector-postgres', principal: 'agent-etl', kind: 'standing' } });
  });

  it('gives an elevated one for a signed grant only, and says for which', async () => {
    expect(reason(await release({ kind: 'elevated', grant: 'signed' }))).toBe('secret_missing');
    await set('dba', 'shop', 'elevated', { user: 'elevated', password: 'x' });
    for (const grant of [undefined, 'other']) expect(reason(await release({ kind: 'elevated', ...(grant && { grant }) }))).toBe('grant_unsigned');
    expect(ledger.events.at(-1)).toMatchObject({ type: 'credential.refused.v1', data: { reason: 'grant_unsigned' } });
    expect(opened(await release({ kind: 'elevated', grant: 'signed' }))).toEqual({ user: 'elevated', password: 'x' });
    expect(ledger.events.at(-1)).toMatchObject({ type: 'credential.released.v1', data: { kind: 'elevated', grant: 'signed' } });
    expect(wishes).toHaveLength(3);
    expect(opened(await release({ kind: 'probe' }))).toEqual(credential);
    expect(await vault.elevatedTargets()).toEqual({ ok: true, value: { targets: ['shop'] } });
  });

  it('gives nothing that the ledger has not acknowledged', async () => {
    ledger.failWith('no acknowledgement');
    await expect(release()).rejects.toThrow('no acknowledgement');
  });

  it('reads the catalog with the standing secret where there is no other', async () => {
    expect(opened(await release({ kind: 'probe' }))).toEqual(credential);
    expect(ledger.events.at(-1)).toMatchObject({ data: { kind: 'probe' } });
  });

  it.each<[string, object, string, object, string]>([
    ['an expired token', {}, 'agent-etl', { exp: 1 }, 'token_expired'],
    ['a token for someone else', {}, 'agent-etl', { aud: 'else' }, 'audience_wrong'],
    ['an unknown principal', {}, 'stranger', {}, 'principal_unknown'],
    ['an unknown target', { target: 'nowhere' }, 'agent-etl', {}, 'target_unknown'],
    ['a target without a secret', { target: 'a.b' }, 'agent-etl', {}, 'secret_missing'],
    ['a service that is no connector', { connector: 'policy' }, 'agent-etl', {}, 'connector_unknown'],
    ['an unknown connector', { connector: 'connector-other' }, 'agent-etl', {}, 'connector_unknown'],
  ])('refuses %s, and records it', async (_what, request, who, claims, expected) => {
    expect(reason(await release(request, who, claims))).toBe(expected);
    expect(ledger.events.at(-1)).toMatchObject({ type: 'credential.refused.v1', session: 's1', data: { reason: expected } });
  });

  it.each<[Lock['scope'], string]>([['everything', ''], ['principal', 'agent-etl'], ['party', 'owner-etl'], ['target', 'shop'], ['session', 's1'], ['connector', 'connector-postgres/1']])('refuses under a lock on %s %s', async (scope, subject) => {
    lock(scope, subject);
    expect(reason(await release())).toBe('locked');
  });

  it('goes on for another instance of a locked connector', async () => {
    lock('connector', 'connector-postgres/1');
    expect(reason(await release({ instance: '1' }))).toBe('locked');
    expect(opened(await release({ instance: '2' }))).toEqual(credential);
  });

  it('refuses a secret that was moved to another target', async () => {
    const shop = (await stored.get('shop'))!.value;
    await stored.put('a_2Eb', { ...shop, target: 'a.b' }, 0);
    expect(reason(await release({ target: 'a.b' }))).toBe('secret_unreadable');
  });

  it.each([['is no JSON', `no JSON: ${PASSWORD}`], ['lacks a user', JSON.stringify({ password: PASSWORD })]])('refuses a secret that %s, names it, and tells nothing of what it holds', async (_what, plaintext) => {
    await new SecretStore(stored, kek).put({ target: 'shop', kind: 'standing', setBy: 'dba', setAt: '' }, Buffer.from(plaintext));
    expect(await release()).toMatchObject({ ok: false, refusal: { reason: 'secret_malformed', detail: 'The standing secret of target shop is no credential.' } });
    expect(ledger.events.at(-1)).toMatchObject({ type: 'credential.refused.v1', data: { reason: 'secret_malformed' } });
    expect(JSON.stringify([ledger.events, lines])).not.toContain(PASSWORD);
    const health = new Health();
    await new KeyCheck(new SecretStore(stored, kek), health, logger).onApplicationBootstrap();
    expect(await health.report()).toMatchObject({ ok: false, checks: [{ detail: expect.stringContaining('shop') }] });
  });

  it('refuses everyone before the first configuration', async () => {
    state = { ...state, bundle: undefined };
    expect(reason(await release())).toBe('not_configured');
  });
});

it('says at start that the key-encryption key is another one', async () => {
  await set();
  const health = new Health();
  await new KeyCheck(new SecretStore(stored, randomBytes(32)), health, logger).onApplicationBootstrap();
  expect(await health.report()).toMatchObject({ ok: false, checks: [{ name: 'secrets', detail: expect.stringContaining('shop') }] });
  expect(lines.at(-1)).toContain('shop');
  const sound = new Health();
  await new KeyCheck(new SecretStore(stored, kek), sound, logger).onApplicationBootstrap();
  expect((await sound.report()).ok).toBe(true);
});

it('no secret and no token is in the log, the ledger or any answer', async () => {
  const own = await tokenOf('agent-etl', { jti: 'needle-in-the-token' });
  const answers = [await set(), await release(), await release({ target: own, connector: own }), await release({ token: box(own, 'token'), target: own }), await vault.listSecrets({ token: await token('dba') })];
  const seen = JSON.stringify([ledger.events, answers, await stored.list()]) + lines.join('');
  for (const needle of [PASSWORD, Buffer.from(PASSWORD).toString('base64').slice(0, 20), ...own.split('.')]) expect(seen).not.toContain(needle);
});
