import { Configuration, type Lock, type Principal } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { allowedTo, allowedToAny, type AdministrationTask } from './allowed-to.js';
import { creatorsForgotten } from './creators-forgotten.js';
import { mayBeActedFor } from './delegation.js';
import { independent } from './independent.js';
import { decideUnlock, lockAgainst, mayLock, stillCounts, UNLOCK_PROPOSAL_MS } from './locks.js';
import { partyOfName } from './party.js';
import { principalOf } from './principal-of.js';
import type { VerifiedToken } from './token.js';

const person = (name: string, more: object = {}) => ({ name, kind: 'human', issuer: 'corp', subject: `s-${name}`, ...more });
const agent = (name: string, owners: string[], more: object = {}) => ({ name, kind: 'agent', issuer: 'corp', subject: `s-${name}`, owners, ...more });

const configuration = Configuration.parse({
  version: 1,
  issuers: [
    { name: 'corp', url: 'https://corp.example', audience: 'interlock', algorithms: ['EdDSA'] },
    { name: 'partner', url: 'https://partner.example', audience: 'interlock', algorithms: ['ES256'], rolesClaim: 'groups' },
  ],
  principals: [
    person('alice', { roles: ['dba'] }),
    person('alice-admin', { human: 'alice', roles: ['security'] }),
    person('bob', { roles: ['dba', 'security'] }),
    person('carol', { roles: ['security'] }),
    person('dora', { human: 'dora-smith' }),
    person('eve', { issuer: 'partner', subject: 's-bob' }),
    person('round-a', { human: 'round-b' }),
    person('round-b', { human: 'round-a' }),
    agent('etl', ['alice'], { roles: ['etl'] }),
    agent('sub-etl', ['etl', 'carol']),
    agent('orphan', []),
    agent('half-known', ['alice', 'nobody-knows']),
    agent('ring-a', ['ring-b']),
    agent('ring-b', ['ring-a']),
    agent('admin-bot', ['bob'], { roles: ['security', 'dba', 'auditor'] }),
    agent('of-dora', ['dora-smith']),
    agent('made', ['bob'], { createdBy: ['etl'] }),
    agent('run', ['bob'], { scheduledBy: ['made', 'dora'] }),
    agent('made-by-nobody-known', ['bob'], { createdBy: ['orphan'] }),
    agent('made-and-not-owned', [], { createdBy: ['alice'], scheduledBy: ['bob'] }),
    agent('run-by-itself', ['bob'], { scheduledBy: ['run-round'] }),
    agent('run-round', ['bob'], { createdBy: ['run-by-itself'] }),
    person('twin-a', { subject: 'twin' }),
    person('twin-b', { subject: 'twin' }),
  ],
  targets: [{ name: 'shop', protocol: 'postgres', host: 'db', database: 'shop' }],
  delegation: {
    depth: 2,
    allowed: [
      { actor: 'etl', for: ['alice', 'bob', 'carol', 'dora'] }, { actor: 'eve', for: ['etl'] }, { actor: 'bob', for: ['carol', 'eve'] }, { actor: 'orphan', for: ['bob'] }, { actor: 'twin-a', for: ['bob'] },
    ],
  },
  administration: { changes: ['dba', 'security'], secrets: ['dba'], audit: ['auditor'], locks: ['security'] },
});

const token = (subject: string, claims: object = {}, issuer = 'corp'): VerifiedToken => ({ issuer, subject, claims: { ...claims }, expiresAtMs: 0 });

function principal(name: string, claims: object = {}): Principal {
  const entry = configuration.principals.find((candidate) => candidate.name === name)!;
  const outcome = principalOf(token(entry.subject, claims, entry.issuer), configuration);
  if (!outcome.ok) throw new Error(outcome.refusal.detail);
  return outcome.value;
}

describe('principalOf', () => {
  it('is issuer and subject, nothing else', () => {
    expect(principal('bob').name).toBe('bob');
    expect(principalOf(token('s-bob', {}, 'partner'), configuration)).toMatchObject({ ok: true, value: { name: 'eve', issuer: 'https://partner.example' } });
  });

  it.each([
    ['an unknown subject', token('mallory', { email: 'alice@corp.example', email_verified: false, name: 'alice' }), 'principal_unknown'],
    ['another case', token('S-alice'), 'principal_unknown'],
    ['a look-alike of another normal form', token('s-alic\u00e9'.normalize('NFD')), 'principal_unknown'],
    ['a subject of another issuer', token('s-alice', {}, 'partner'), 'principal_unknown'],
    ['an issuer that is not configured', token('s-alice', {}, 'elsewhere'), 'issuer_unknown'],
    ['two entries with one identity', token('twin'), 'principal_ambiguous'],
    ['a roles claim that is a text', token('s-bob', { groups: 'security' }, 'partner'), 'roles_claim_malformed'],
    ['a roles claim with a strange name', token('s-bob', { groups: ['Security Team'] }, 'partner'), 'roles_claim_malformed'],
    ['an act claim that is a text', token('s-alice', { act: 's-etl' }), 'actor_malformed'],
    ['an act claim that is null', token('s-alice', { act: null }), 'actor_malformed'],
    ['an act claim without sub', token('s-alice', { act: { iss: 'https://corp.example' } }), 'actor_malformed'],
    ['an endless chain', token('s-alice', { act: chain(9) }), 'actor_malformed'],
    ['an actor whom nobody knows', token('s-bob', { act: { sub: 'stranger' } }), 'actor_unknown'],
    ['an actor whom nobody knows behind one who is', token('s-bob', { act: { sub: 's-etl', act: { sub: 'stranger' } } }), 'actor_unknown'],
    ['an actor of an issuer that is not configured', token('s-bob', { act: { sub: 's-etl', iss: 'https://elsewhere.example' } }), 'actor_unknown'],
    ['an actor of another issuer with the same subject', token('s-bob', { act: { sub: 's-etl', iss: 'https://partner.example' } }), 'actor_unknown'],
    ['an actor who may be two', token('s-bob', { act: { sub: 'twin' } }), 'actor_unknown'],
    ['who acts for themselves', token('s-etl', { act: { sub: 's-etl' } }), 'delegation_circular'],
    ['who acts for themselves through another', token('s-bob', { act: { sub: 's-bob', act: { sub: 's-etl' } } }), 'delegation_circular'],
    ['an actor twice', token('s-alice', { act: chain(2) }), 'delegation_circular'],
    ['who was never said to act for them', token('s-alice', { act: { sub: 's-bob' } }), 'delegation_undeclared'],
    ['a chain with a gap', token('s-alice', { act: { sub: 's-bob', iss: 'https://partner.example', act: { sub: 's-carol' } } }), 'delegation_undeclared'],
    ['the other way round', token('s-etl', { act: { sub: 's-alice' } }), 'delegation_undeclared'],
    ['a chain that is deeper than allowed', token('s-alice', { act: { sub: 's-bob', act: { sub: 's-bob', iss: 'https://partner.example', act: { sub: 's-etl' } } } }), 'delegation_too_deep'],
  ])('refuses %s', (_what, input, reason) => {
    expect(principalOf(input, configuration)).toMatchObject({ ok: false, refusal: { reason } });
  });

  it('takes roles from a claim only where the issuer is trusted to grant them', () => {
    expect(principalOf(token('s-bob', { groups: ['security'] }, 'partner'), configuration)).toMatchObject({ ok: true, value: { roles: ['security'] } });
    expect(principal('alice', { groups: ['security'] }).roles).toEqual(['dba']);
  });

  it('does not take a role claim from the prototype of the claims', () => {
    const issuers = configuration.issuers.map((issuer) => ({ ...issuer, rolesClaim: 'toString' }));
    expect(principalOf(token('s-alice'), { ...configuration, issuers })).toMatchObject({ ok: true, value: { roles: ['dba'] } });
  });
});

function chain(length: number): object {
  return length === 1 ? { sub: 's-etl' } : { sub: 's-etl', act: chain(length - 1) };
}

describe('party', () => {
  it.each<[string, string[]]>([
    ['alice', ['alice']],
    ['alice-admin', ['alice']],
    ['dora', ['dora-smith']],
    ['etl', ['alice']],
    ['sub-etl', ['alice', 'carol']],
    ['of-dora', ['dora-smith']],
    ['orphan', []],
    ['half-known', []],
    ['ring-a', []],
    ['round-a', []],
    ['made', ['alice', 'bob']],
    ['run', ['alice', 'bob', 'dora-smith']],
    ['made-by-nobody-known', []],
    ['made-and-not-owned', []],
    ['run-by-itself', []],
    ['run-round', []],
  ])('of %s is %j', (name, humans) => expect(principal(name).party).toEqual(humans));

  it('takes in the humans of an actor, and what an agent does is not the person', () => {
    const acted = principal('bob', { act: { sub: 's-etl' } });
    expect(acted).toMatchObject({ name: 'bob', kind: 'agent', party: ['alice', 'bob'], actors: ['etl'] });
  });

  it('takes in every actor of a chain, also of another issuer', () => {
    const acted = principal('carol', { act: { sub: 's-bob', iss: 'https://partner.example', act: { sub: 's-etl' } } });
    expect(acted).toMatchObject({ party: ['alice', 'carol', 'eve'], actors: ['eve', 'etl'] });
  });

  it('is unknown when one of the actors is nobody\'s', () => expect(principal('bob', { act: { sub: 's-orphan' } })).toMatchObject({ party: [], actors: ['orphan'] }));

  it('is found in time in whatever web of owners', () => {
    const layer = (index: number) => ['x', 'y'].map((side) => agent(`${side}${index}`, index === 0 ? ['alice'] : [`x${index - 1}`, `y${index - 1}`]));
    const web = { ...configuration, principals: [...configuration.principals, ...Array.from({ length: 40 }, (_, index) => layer(index)).flat() as typeof configuration.principals] };
    expect([...(partyOfName('x39', web) ?? [])]).toEqual(['alice']);
  });

  it('of a name nobody has is unknown', () => expect(partyOfName('nobody', configuration)).toBeUndefined());
});

describe('independent', () => {
  it.each<[string, string, string | undefined]>([
    ['alice', 'bob', undefined],
    ['etl', 'bob', undefined],
    ['alice', 'alice', 'not_independent'],
    ['alice', 'alice-admin', 'not_independent'],
    ['etl', 'alice', 'not_independent'],
    ['etl', 'alice-admin', 'not_independent'],
    ['sub-etl', 'carol', 'not_independent'],
    ['orphan', 'bob', 'party_unknown'],
    ['half-known', 'bob', 'party_unknown'],
    ['ring-a', 'bob', 'party_unknown'],
  ])('%s and %s: %s', (first, second, reason) => {
    for (const outcome of [independent(principal(first), principal(second)), independent(principal(second), principal(first))]) {
      expect(outcome.ok ? undefined : outcome.refusal.reason).toBe(reason);
    }
  });

  it('names the human that both share', () => {
    const outcome = independent(principal('etl'), principal('alice-admin'));
    expect(outcome).toMatchObject({ refusal: { detail: 'etl and alice-admin share the human alice behind them.' } });
  });

  it('sees the person whose token an agent used', () => {
    expect(independent(principal('bob', { act: { sub: 's-etl' } }), principal('alice'))).toMatchObject({ ok: false });
  });
});

describe('a delegation', () => {
  const acted = principal('carol', { act: { sub: 's-etl' } });
  it('holds as long as it is declared', () => {
    const allowed = configuration.delegation!.allowed.filter(({ actor }) => actor !== 'etl');
    expect(mayBeActedFor(acted, configuration).ok).toBe(true);
    expect(mayBeActedFor(acted, { ...configuration, delegation: { depth: 2, allowed } })).toMatchObject({ refusal: { reason: 'delegation_undeclared', detail: 'The configuration does not say that etl may act for carol.' } });
    expect(mayBeActedFor(acted, { ...configuration, delegation: undefined })).toMatchObject({ refusal: { reason: 'delegation_undeclared' } });
    expect(mayBeActedFor(principal('carol'), { ...configuration, delegation: undefined }).ok).toBe(true);
  });

  it('is one step where nothing else is said', () => {
    const far = principal('carol', { act: { sub: 's-bob', iss: 'https://partner.example', act: { sub: 's-etl' } } });
    expect(Configuration.parse({ ...configuration, delegation: { allowed: configuration.delegation!.allowed } }).delegation!.depth).toBe(1);
    expect(mayBeActedFor(far, { ...configuration, delegation: { ...configuration.delegation!, depth: 1 } })).toMatchObject({ refusal: { reason: 'delegation_too_deep' } });
  });
});

describe('who made a principal', () => {
  const madeBy = (...creators: string[]) => ({ ...configuration, principals: configuration.principals.map((entry) => (entry.name === 'made' ? { ...entry, name: 'renamed', createdBy: creators.length > 0 ? creators : undefined } : entry)) });
  it('stays behind it', () => {
    expect(creatorsForgotten(configuration, madeBy('etl'))).toEqual([]);
    expect(creatorsForgotten(configuration, madeBy('alice', 'carol'))).toEqual([]);
    expect(creatorsForgotten(configuration, madeBy())).toEqual([expect.objectContaining({ name: 'renamed', humans: ['alice'] })]);
    expect(creatorsForgotten(configuration, madeBy('carol'))).toEqual([expect.objectContaining({ name: 'renamed', humans: ['alice'] })]);
    expect(creatorsForgotten(madeBy(), configuration)).toEqual([]);
  });
});

describe('allowedTo', () => {
  it.each<[string, AdministrationTask, string | undefined]>([
    ['alice', 'changes', undefined],
    ['alice', 'secrets', undefined],
    ['alice', 'locks', 'role_missing'],
    ['alice', 'audit', 'role_missing'],
    ['carol', 'locks', undefined],
    ['admin-bot', 'locks', 'human_required'],
    ['admin-bot', 'audit', 'human_required'],
  ])('%s, %s: %s', (name, task, reason) => {
    const outcome = allowedTo(principal(name), task, configuration);
    expect(outcome.ok ? undefined : outcome.refusal.reason).toBe(reason);
  });

  it('names what was asked for and every role that serves, where several tasks do', () => {
    const words = (name: string) => (outcome => (outcome.ok ? undefined : `${outcome.refusal.detail} ${outcome.refusal.hint}`))(allowedToAny(principal(name), ['changes', 'audit'], configuration));
    const { changes, audit } = configuration.administration;
    expect(words('admin-bot')).toBe(`admin-bot may not ask this: only a person may, acting with a token of their own. Ask a person who has role ${[...new Set([...changes, ...audit])].join(' or ')}.`);
    expect(words('alice')).toBeUndefined();
  });

  it.each(['s-etl', 's-bob'])('refuses a person whose token another holds: %s', (sub) => {
    expect(allowedTo(principal('carol', { act: { sub } }), 'locks', configuration)).toMatchObject({ refusal: { reason: 'human_required' } });
  });
});

const lock = (scope: Lock['scope'], subject: string): Lock => ({ id: 'l1', scope, subject, reason: 'drill', by: 'carol', at: '2026-01-01T00:00:00.000Z' });

describe('locks', () => {
  it.each<[Lock['scope'], string, boolean]>([
    ['everything', '', true],
    ['principal', 'etl', true],
    ['principal', 'alice', false],
    ['party', 'alice', true],
    ['party', 'bob', false],
    ['target', 'shop', true],
    ['target', 'other', false],
    ['session', 'x1', true],
    ['session', 'x2', false],
    ['connector', 'connector-postgres/1', true],
    ['connector', 'connector-postgres/2', false],
  ])('%s %s stops etl at shop in x1: %s', (scope, subject, stopped) => {
    const found = lockAgainst({ principal: principal('etl'), target: 'shop', session: 'x1', connector: 'connector-postgres/1' }, [lock(scope, subject)]);
    expect(found !== undefined).toBe(stopped);
  });

  it('of a party stops whoever has an unknown one', () => expect(lockAgainst({ principal: principal('orphan') }, [lock('party', 'bob')])).toBeDefined());
  it.each([['connector-postgres', true], ['connector-post', false], ['connector-postgres/10', false], [undefined, false]])('of an instance stops its connector where the instance is not known: %s %s', (connector, stopped) =>
    expect(lockAgainst({ principal: principal('etl'), ...(connector === undefined ? {} : { connector }) }, [lock('connector', 'connector-postgres/1')]) !== undefined).toBe(stopped));
  it('of an agent stops a person whose token it holds', () =>
    expect(lockAgainst({ principal: principal('bob', { act: { sub: 's-etl' } }) }, [lock('principal', 'etl')])).toBeDefined());

  it.each<[string, Lock['scope'], string, string | undefined]>([
    ['carol', 'everything', '', undefined],
    ['carol', 'principal', 'etl', undefined],
    ['carol', 'target', 'shop', undefined],
    ['carol', 'session', 'any', undefined],
    ['carol', 'party', 'dora-smith', undefined],
    ['carol', 'connector', 'connector-postgres/1', undefined],
    ['carol', 'connector', 'vault/1', 'lock_subject_unknown'],
    ['alice', 'connector', 'connector-postgres/1', 'role_missing'],
    ['alice', 'principal', 'etl', undefined],
    ['alice', 'party', 'alice', undefined],
    ['alice', 'principal', 'admin-bot', 'role_missing'],
    ['alice', 'principal', 'orphan', 'role_missing'],
    ['alice', 'target', 'shop', 'role_missing'],
    ['etl', 'principal', 'etl', 'human_required'],
    ['carol', 'target', 'nowhere', 'lock_subject_unknown'],
    ['carol', 'principal', 'nobody', 'lock_subject_unknown'],
    ['carol', 'everything', 'shop', 'lock_subject_unknown'],
    ['carol', 'party', 'etl', 'lock_subject_unknown'],
  ])('%s may lock %s %s: %s', (name, scope, subject, reason) => {
    const outcome = mayLock(principal(name), { scope, subject, reason: 'drill' }, configuration);
    expect(outcome.ok ? undefined : outcome.refusal.reason).toBe(reason);
  });

  it('need a reason', () => {
    expect(mayLock(principal('carol'), { scope: 'everything', subject: '', reason: ' ' }, configuration)).toMatchObject({ refusal: { reason: 'lock_reason_missing' } });
  });

  it.each<[string, string | undefined, string, Lock, string]>([
    ['the first word', undefined, 'carol', lock('everything', ''), 'proposed'],
    ['the first word again', 'carol', 'carol', lock('everything', ''), 'proposed'],
    ['the second word', 'carol', 'bob', lock('everything', ''), 'lifted'],
    ['no role', 'carol', 'alice', lock('everything', ''), 'role_missing'],
    ['an agent', 'carol', 'admin-bot', lock('everything', ''), 'human_required'],
    ['the owner of the locked agent', 'carol', 'alice-admin', lock('principal', 'etl'), 'not_independent'],
    ['the locked human', 'carol', 'bob', lock('party', 'bob'), 'not_independent'],
  ])('are lifted by two: %s', (_what, first, second, standing, expected) => {
    const outcome = decideUnlock(standing, first ? principal(first) : undefined, principal(second), configuration);
    expect(outcome.ok ? outcome.value.kind : outcome.refusal.reason).toBe(expected);
  });

  it('keep a first word only while it counts', () => {
    const proposal = { by: principal('carol'), atMs: 1_000 };
    const without = { ...configuration, principals: configuration.principals.filter((entry) => entry.name !== 'carol') };
    expect(stillCounts(proposal, 2_000, [lock('everything', '')], configuration)).toBe(true);
    expect(stillCounts(proposal, 1_000 + UNLOCK_PROPOSAL_MS, [], configuration)).toBe(false);
    expect(stillCounts(proposal, 2_000, [lock('principal', 'carol')], configuration)).toBe(false);
    expect(stillCounts(proposal, 2_000, [lock('party', 'carol')], configuration)).toBe(false);
    expect(stillCounts(proposal, 2_000, [], without)).toBe(false);
  });

  it('take no first word from someone whose role was taken away since', () => {
    const principals = configuration.principals.map((entry) => (entry.name === 'carol' ? { ...entry, roles: [] } : entry));
    expect(stillCounts({ by: principal('carol'), atMs: 1_000 }, 2_000, [], { ...configuration, principals })).toBe(false);
  });

  it('are not lifted by two who turned out to be one person since', () => {
    const principals = configuration.principals.map((entry) => (entry.name === 'carol' ? { ...entry, human: 'bob' } : entry));
    expect(decideUnlock(lock('everything', ''), principal('carol'), principal('bob'), { ...configuration, principals })).toMatchObject({ ok: false, refusal: { reason: 'not_independent' } });
  });

  it.each([['too long', 'x'.repeat(501)], ['with a terminal in it', 'odd \u001b]52;c;eA==\u0007'], ['with lines', 'odd\nother'], ['turned round', 'odd \u202e'], ['half a character', '\ud800']])('take no reason %s', (_what, reason) => {
    expect(mayLock(principal('carol'), { scope: 'everything', subject: '', reason }, configuration)).toMatchObject({ refusal: { reason: 'lock_reason_invalid' } });
  });
});
