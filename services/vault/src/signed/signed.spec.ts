import { describe, expect, it } from 'vitest';
import { MemoryLedger } from '@interlock/adapter-memory-log';
import { draft, type ApprovalRequest, type Configuration, type Lock, type Principal, type Vote } from '@interlock/contracts';
import type { Recognised } from '@interlock/domain-identity';
import { actionDigest, grantDigest } from '@interlock/domain-session';
import type { EventDraft, Ledger, StoredBatch } from '@interlock/kernel';
import { SoftAuthenticator, type Signing } from '@interlock/testkit';
import { authenticatorDigest } from '@interlock/domain-approval';
import { Authenticators } from './authenticators.js';
import { ElevatedGrants } from './elevated-grants.js';
import { KeysUnavailable } from './event-keys.js';
import { LedgerBook } from './ledger-book.js';
import { SignedBook } from './signed-book.js';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const ISSUER = 'https://issuer.example';
const at = { rpId: 'localhost', origins: ['http://localhost:8800'] };
const human = (name: string, ...roles: string[]) => ({ name, kind: 'human' as const, issuer: 'demo', subject: name, roles, owners: [] });
const configuration = {
  version: 1, targets: [], masking: { columns: [], content: [] }, issuers: [{ name: 'demo', url: ISSUER, audience: 'interlock', algorithms: ['EdDSA'], clockSkewSeconds: 60 }],
  principals: [human('dba', 'dba'), human('dba2', 'dba'), human('owner', 'dba'), human('security', 'security'), human('nobody'), { name: 'agent', kind: 'agent', issuer: 'demo', subject: 'agent', roles: [], owners: ['owner'] }],
  administration: { changes: ['security', 'dba'], secrets: ['security'], audit: ['security'], locks: ['security'] },
} as unknown as Configuration;

function person(name: string, in_ = configuration): Recognised {
  const entry = in_.principals.find((one) => one.name === name)!;
  const principal: Principal = { name, kind: entry.kind, issuer: ISSUER, subject: name, roles: entry.roles, party: entry.kind === 'human' ? [name] : ['owner'] };
  return { principal, configuration: in_, expiresAtMs: NOW_MS + 1 };
}

/** The ledger of several producers, in clear, in one order. */
class JointLedger {
  readonly batches: StoredBatch[] = [];
  readonly #own = new Map<string, MemoryLedger>();

  of(producer: string): Ledger {
    const own = this.#own.get(producer) ?? new MemoryLedger({ service: producer });
    this.#own.set(producer, own);
    return { ...own, append: async (drafts: readonly EventDraft[]) => {
      const receipt = await own.append(drafts);
      this.put(`ledger.${producer}.1`, (await own.read(receipt.sequence))!.bytes);
      return receipt;
    } } as unknown as Ledger;
  }

  put(subject: string, bytes: Uint8Array): void {
    this.batches.push({ epoch: '1', sequence: this.batches.length + 1, bytes, subject, storedAtMs: 0 });
  }

  lastSequence = async (): Promise<number> => this.batches.length;
  nextOn = async (subject: string, from: number): Promise<StoredBatch | undefined> => this.batches.find((batch) => batch.sequence >= from && batch.subject?.startsWith(subject.slice(0, -1)));
}

function request(more: Partial<ApprovalRequest> = {}): ApprovalRequest {
  const action: ApprovalRequest['action'] = { protocol: 'postgres', verb: 'delete', text: 'delete from orders', parameters: [], accesses: [], facts: {}, context: {} };
  const ask: ApprovalRequest['ask'] = { quorum: [{ role: 'dba', count: 1 }], rules: ['r'], ruleHash: 'h', windowSeconds: 60, signed: 'webauthn' };
  const requester = person('agent').principal;
  const made = {
    id: 'g1', session: 's', command: 'c', connector: 'connector-postgres', instance: '1', requester, target: 'shop', action, ask, reasons: [], actionDigest: actionDigest(requester, 'shop', action),
    requestedAt: new Date(NOW_MS).toISOString(), expiresAt: new Date(NOW_MS + 60_000).toISOString(), ...more,
  };
  return { ...made, grantDigest: more.grantDigest ?? grantDigest(made) };
}

function setUp() {
  const ledger = new JointLedger();
  const locks: Lock[] = [];
  const clock = { nowMs: NOW_MS + 1, isKeyless: false };
  const keys = { of: async () => { if (clock.isKeyless) throw new KeysUnavailable('away'); return (_offset: number, ciphertext: Uint8Array) => Buffer.from(ciphertext); } };
  const problems: string[] = [];
  const open = () => new LedgerBook({ ledger, book: new SignedBook(at), keys, verify: (producer) => producer !== 'forger', nowMs: () => clock.nowMs, onProblem: (problem) => void problems.push(problem) });
  const ledgerBook = open();
  const authenticators = new Authenticators(ledgerBook, ledger.of('vault'), at);
  const grants = new ElevatedGrants({ ledgerBook, locks: () => locks, nowMs: () => clock.nowMs });
  const approval = ledger.of('approval');

  async function register(name: string, { confirmed = true } = {}): Promise<SoftAuthenticator> {
    const key = new SoftAuthenticator(Buffer.from(`key-of-${name}`).toString('base64url'));
    const unnamed = { id: key.id, person: { name, issuer: ISSUER, subject: name }, algorithm: key.algorithm, publicKey: key.publicKey };
    const digest = authenticatorDigest(unnamed);
    expect(await authenticators.propose(person(name), { label: 'key', algorithm: key.algorithm, publicKey: key.publicKey, proof: key.sign(digest) })).toMatchObject({ ok: true, value: { status: 'proposed' } });
    if (confirmed) expect(await authenticators.confirm(person('security'), key.id, digest)).toMatchObject({ ok: true, value: { status: 'confirmed', confirmedBy: 'security' } });
    return key;
  }
  const ask = (asked = request()) => approval.append([draft('approval.requested.v1', { request: asked })]);
  const vote = (name: string, key: SoftAuthenticator | undefined, { digest = request().grantDigest, signing = {} as Signing, more = {} as Partial<Vote> } = {}) => approval.append([draft('approval.voted.v1', {
    grant: 'g1', status: 'approved', vote: { approver: person(name).principal, verdict: 'approve', grantDigest: request().grantDigest, at: '', ...(key && { assertion: key.sign(digest, signing) }), ...more },
  })]);
  const take = (more: object = {}, in_ = configuration) => grants.take({ grant: 'g1', target: 'shop', connector: 'connector-postgres', ...more }, person('agent', in_));
  return { ledger, locks, clock, problems, open, authenticators, register, ask, vote, take };
}

const reasonOf = (outcome: { readonly ok: true } | { readonly ok: false; readonly refusal: { readonly reason: string } }) => (outcome.ok ? 'accepted' : outcome.refusal.reason);

describe('an elevated credential', () => {
  it('is let go for a grant that its people signed, once, and not again after a restart', async () => {
    const world = setUp();
    const key = await world.register('dba');
    await world.ask();
    await world.vote('dba', key);
    expect(reasonOf(await world.take())).toBe('accepted');
    expect(reasonOf(await world.take())).toBe('grant_not_usable');
    await world.ledger.of('vault').append([draft('credential.released.v1', { target: 'shop', connector: 'connector-postgres', principal: 'agent', kind: 'elevated', grant: 'g1' })]);
    const again = new ElevatedGrants({ ledgerBook: world.open(), locks: () => [], nowMs: () => NOW_MS + 1 });
    expect(reasonOf(await again.take({ grant: 'g1', target: 'shop', connector: 'connector-postgres' }, person('agent')))).toBe('grant_not_usable');
  });

  it.each<[string, (world: ReturnType<typeof setUp>, key: SoftAuthenticator) => Promise<unknown>, string]>([
    ['nobody signed', (world) => world.vote('dba', undefined), 'grant_not_usable'],
    ['the signature is over another digest', (world, key) => world.vote('dba', key, { digest: 'ab'.repeat(32) }), 'grant_not_usable'],
    ['the signature was made on another page', (world, key) => world.vote('dba', key, { signing: { origin: 'https://evil.example' } }), 'grant_not_usable'],
    ['the person was not verified', (world, key) => world.vote('dba', key, { signing: { flags: 1 } }), 'grant_not_usable'],
    ['another key has the id', (world, key) => world.vote('dba', new SoftAuthenticator(key.id)), 'grant_not_usable'],
    ['someone else used the authenticator', (world, key) => world.vote('dba2', key), 'grant_not_usable'],
    ['the owner signed', async (world) => world.vote('owner', await world.register('owner')), 'not_independent'],
    ['the authenticator was revoked before', async (world, key) => { await world.authenticators.revoke(person('dba'), key.id); await world.vote('dba', key); }, 'grant_not_usable'],
    ['the authenticator is not confirmed', async (world) => world.vote('dba2', await world.register('dba2', { confirmed: false })), 'grant_not_usable'],
    ['someone signed in the stead of another', async (world) => world.vote('nobody', await world.register('nobody'), { more: { inSteadOf: { delegation: 'd', approver: person('dba').principal } } }), 'grant_not_usable'],
    ['someone of the role signed in the stead of another', (world, key) => world.vote('dba', key, { more: { inSteadOf: { delegation: 'd', approver: person('dba2').principal } } }), 'grant_not_usable'],
    ['someone denied', async (world, key) => { await world.vote('dba', key); await world.vote('dba2', undefined, { more: { verdict: 'deny' } }); }, 'grant_not_usable'],
    ['the approver is locked', async (world, key) => { await world.vote('dba', key); world.locks.push({ id: 'l', scope: 'principal', subject: 'dba', reason: '', by: '', at: '' }); }, 'grant_not_usable'],
    ['the window is over', async (world, key) => { await world.vote('dba', key); world.clock.nowMs = NOW_MS + 60_000; }, 'grant_not_usable'],
    ['the recorder is away', async (world, key) => { await world.vote('dba', key); world.clock.isKeyless = true; }, 'ledger_unavailable'],
  ])('stays where it is when %s', async (_what, happens, reason) => {
    const world = setUp();
    const key = await world.register('dba');
    await world.ask();
    await happens(world, key);
    expect(reasonOf(await world.take())).toBe(reason);
  });

  it('takes as many signatures as the rule names people, and each authenticator counts upwards', async () => {
    const world = setUp();
    const [one, two] = [await world.register('dba'), await world.register('dba2')];
    const asked = request({ ask: { ...request().ask, quorum: [{ role: 'dba', count: 2 }] } });
    await world.ask(asked);
    const signed = { digest: asked.grantDigest, more: { grantDigest: asked.grantDigest } };
    await world.vote('dba', one, { ...signed, signing: { counter: 4 } });
    await world.vote('dba', undefined, signed);
    expect(reasonOf(await world.take())).toBe('grant_not_usable');
    expect(reasonOf(await world.authenticators.check(person('dba').principal, asked.grantDigest, one.sign(asked.grantDigest, { counter: 4 })))).toBe('authenticator_cloned');
    await world.vote('dba2', two, signed);
    expect(reasonOf(await world.take())).toBe('accepted');
  });

  it.each<[string, Partial<ApprovalRequest>, object, string]>([
    ['no grant', {}, { grant: undefined }, 'grant_required'],
    ['an unknown grant', {}, { grant: 'g2' }, 'grant_unknown'],
    ['another target', {}, { target: 'other' }, 'grant_not_yours'],
    ['another connector', {}, { connector: 'connector-ssh' }, 'grant_not_yours'],
    ['another requester', { requester: { ...person('agent').principal, subject: 'other' } }, {}, 'digest_mismatch'],
    ['another text than was signed', { action: { ...request().action, text: 'drop table orders' } }, {}, 'digest_mismatch'],
    ['a digest of nothing', { grantDigest: 'ab'.repeat(32) }, {}, 'digest_mismatch'],
    ['a rule that asks for no signature', { ask: { ...request().ask, signed: undefined } }, {}, 'grant_unsigned'],
  ])('stays where it is for %s', async (_what, asked, wish, reason) => {
    const world = setUp();
    const key = await world.register('dba');
    await world.ask(request(asked));
    await world.vote('dba', key);
    expect(reasonOf(await world.take(wish))).toBe(reason);
  });

  it('is let go by the roles of now', async () => {
    const world = setUp();
    await world.ask();
    await world.vote('dba', await world.register('dba'));
    const later = { ...configuration, principals: configuration.principals.map((one) => (one.name === 'dba' ? { ...one, roles: [] } : one)) };
    expect(reasonOf(await world.take({}, later))).toBe('grant_not_usable');
  });
});

describe('an authenticator', () => {
  it('is nobody’s by the word of another service', async () => {
    const world = setUp();
    const key = new SoftAuthenticator('Zm9yZ2Vk');
    const unnamed = { id: key.id, person: { name: 'dba', issuer: ISSUER, subject: 'dba' }, algorithm: key.algorithm, publicKey: key.publicKey };
    const forged = [
      draft('authenticator.proposed.v1', { authenticator: { ...unnamed, label: 'x', digest: authenticatorDigest(unnamed) }, proof: key.sign('ab'.repeat(32)) }),
      draft('authenticator.confirmed.v1', { id: key.id, digest: 'x', by: 'security' }),
    ];
    await world.ledger.of('approval').append(forged);
    const forger = new MemoryLedger({ service: 'forger' });
    world.ledger.put('ledger.vault.1', (await forger.read((await forger.append(forged)).sequence))!.bytes);
    expect(await world.authenticators.list(person('security'))).toEqual({ ok: true, value: [] });
    expect(world.problems.join()).toContain("is not vault's");
  });

  it('is confirmed by a second person who may, and not by its owner', async () => {
    const world = setUp();
    const key = await world.register('dba', { confirmed: false });
    const [shown] = (await world.authenticators.list(person('security')) as { value: readonly { digest: string }[] }).value;
    expect(reasonOf(await world.authenticators.confirm(person('dba'), key.id, shown!.digest))).toBe('not_independent');
    expect(reasonOf(await world.authenticators.confirm(person('nobody'), key.id, shown!.digest))).toBe('role_missing');
    expect(reasonOf(await world.authenticators.confirm(person('security'), key.id, 'other'))).toBe('digest_mismatch');
    expect(world.ledger.batches).toHaveLength(4);
    expect(reasonOf(await world.authenticators.check(person('dba').principal, 'ab'.repeat(32), key.sign('ab'.repeat(32))))).toBe('authenticator_proposed');
  });

  it('is listed to its owner, and to who may confirm it', async () => {
    const world = setUp();
    await world.register('dba');
    const seen = async (name: string) => (await world.authenticators.list(person(name)) as { value: readonly unknown[] }).value.length;
    expect([await seen('dba'), await seen('security'), await seen('nobody')]).toEqual([1, 1, 0]);
  });

  it('is revoked by its owner or by who may confirm it, and by nobody else', async () => {
    const world = setUp();
    const key = await world.register('dba');
    expect(reasonOf(await world.authenticators.revoke(person('nobody'), key.id))).toBe('role_missing');
    expect(await world.authenticators.revoke(person('security'), key.id)).toMatchObject({ ok: true, value: { status: 'revoked' } });
  });
});
