import { describe, expect, it } from 'vitest';
import type { ApprovalRequest, Configuration, VoteDelegation, GrantState, Lock, Principal } from '@interlock/contracts';
import { agreementNow } from './agreement.js';

const ISSUER = 'https://issuer.example';
const agent: Principal = { name: 'agent', kind: 'agent', issuer: ISSUER, subject: 'agent', roles: [], party: ['owner'] };
const dba: Principal = { name: 'dba', kind: 'human', issuer: ISSUER, subject: 'dba', roles: ['dba'], party: ['dba'] };

function configurationWith(change: { owners?: string[]; roles?: string[]; without?: string; human?: string } = {}): Configuration {
  const human = (name: string, roles: string[], more: object = {}) => ({ name, kind: 'human', issuer: 'i', subject: name, roles, owners: [], ...more });
  const principals = [
    { name: 'agent', kind: 'agent', issuer: 'i', subject: 'agent', roles: [], owners: change.owners ?? ['owner'] },
    human('owner', []), human('dba', change.roles ?? ['dba'], change.human ? { human: change.human } : {}),
  ].filter((entry) => entry.name !== change.without);
  return { issuers: [{ name: 'i', url: ISSUER }], principals } as unknown as Configuration;
}

const request = { id: 'g', requester: agent, grantDigest: 'd', ask: { quorum: [{ role: 'dba', count: 1 }], rules: ['needs-dba'], ruleHash: 'h', windowSeconds: 60 } } as unknown as ApprovalRequest;
const state = (digest = 'd'): GrantState => ({ status: 'approved', request, votes: [{ approver: dba, verdict: 'approve', grantDigest: digest, at: '' }] });
const signedRequest: ApprovalRequest = { ...request, ask: { ...request.ask, signed: 'webauthn' } };
const signedState: GrantState = { ...state(), votes: state().votes.map((vote) => ({ ...vote, assertion: { authenticator: 'aWQ', clientData: 'e30', authenticatorData: 'AA', signature: 'AA' } })) };
const lockOn = (subject: string): Lock => ({ id: 'l', scope: 'principal', subject, reason: 'r', by: 'b', at: '' });

function outcome(configuration: Configuration, locks: Lock[] = [], grant = state(), asked = request): string {
  const agreed = agreementNow(asked, grant, { configuration, locks, delegations: new Map(), nowMs: 0 });
  return agreed.ok ? agreed.value.approvers.join() : agreed.refusal.reason;
}

describe('an approved grant at the moment of forwarding', () => {
  it.each<[string, string, string]>([
    ['holds while everything is as it was', outcome(configurationWith()), 'dba'],
    ['falls with the approver’s role', outcome(configurationWith({ roles: ['audit'] })), 'grant_not_usable'],
    ['falls with the approver', outcome(configurationWith({ without: 'dba' })), 'grant_not_usable'],
    ['falls with a lock on the approver', outcome(configurationWith(), [lockOn('dba')]), 'grant_not_usable'],
    ['stands when someone else is locked', outcome(configurationWith(), [lockOn('owner')]), 'dba'],
    ['falls when the approver came to own the requester', outcome(configurationWith({ owners: ['owner', 'dba'] })), 'not_independent'],
    ['falls when the approver turns out to be the owner', outcome(configurationWith({ human: 'owner' })), 'not_independent'],
    ['falls when nobody knows any more who is behind the requester', outcome(configurationWith({ without: 'agent' })), 'party_unknown'],
    ['falls when its rule wants signatures, and the vote has none', outcome(configurationWith(), [], state(), signedRequest), 'grant_not_usable'],
    ['holds when its rule wants signatures, and the vote has one', outcome(configurationWith(), [], signedState, signedRequest), 'dba'],
    ['falls when the vote was for another digest', outcome(configurationWith(), [], state('x')), 'grant_not_usable'],
  ])('%s', (_what, seen, expected) => {
    expect(seen).toBe(expected);
  });

  it('falls with the right of whoever acted for the requester', () => {
    const acted = { ...request, requester: { ...agent, actors: ['helper'], party: ['helper-owner', 'owner'] } } as ApprovalRequest;
    const known = configurationWith();
    const helper = { name: 'helper', kind: 'agent' as const, issuer: 'i', subject: 'helper', roles: [], owners: ['owner'] };
    const agreed = (delegation: Configuration['delegation']) => agreementNow(acted, { ...state(), request: acted }, { configuration: { ...known, principals: [...known.principals, helper], delegation }, locks: [], delegations: new Map(), nowMs: 0 });
    expect(agreed({ depth: 1, allowed: [{ actor: 'helper', for: ['agent'] }] })).toMatchObject({ ok: true });
    expect(agreed(undefined)).toMatchObject({ ok: false, refusal: { reason: 'delegation_undeclared' } });
  });

  describe('with a vote in the stead of another', () => {
    const deputy: Principal = { name: 'deputy', kind: 'human', issuer: ISSUER, subject: 'deputy', roles: [], party: ['deputy'] };
    const delegation: VoteDelegation = { id: 'd1', delegator: dba, delegate: deputy, roles: ['dba'], reason: 'leave', from: '2026-01-01T00:00:00.000Z', until: '2026-01-02T00:00:00.000Z' };
    const grant: GrantState = { ...state(), votes: [{ approver: deputy, verdict: 'approve', grantDigest: 'd', at: '', inSteadOf: { delegation: 'd1', approver: dba } }] };
    const known = (change: Parameters<typeof configurationWith>[0] = {}, more: object = {}): Configuration => {
      const { principals, ...rest } = configurationWith(change);
      return { ...rest, principals: [...principals, { name: 'deputy', kind: 'human', issuer: 'i', subject: 'deputy', roles: [], owners: [], ...more }] } as unknown as Configuration;
    };
    const said = (configuration: Configuration, { standing = [delegation], locks = [] as Lock[], now = '2026-01-01T01:00:00.000Z' } = {}): string => {
      const agreed = agreementNow(request, grant, { configuration, locks, delegations: new Map(standing.map((one) => [one.id, one])), nowMs: Date.parse(now) });
      return agreed.ok ? agreed.value.approvers.join() : agreed.refusal.reason;
    };

    it.each<[string, string, string]>([
      ['holds while the delegation stands, and names both', said(known()), 'deputy in stead of dba'],
      ['falls when it was revoked', said(known(), { standing: [] }), 'grant_not_usable'],
      ['falls when it is over', said(known(), { now: '2026-01-02T00:00:00.000Z' }), 'grant_not_usable'],
      ['falls when the id leads to one of somebody else', said(known(), { standing: [{ ...delegation, delegate: dba }] }), 'grant_not_usable'],
      ['falls when the id leads to one for other roles', said(known(), { standing: [{ ...delegation, roles: ['security'] }] }), 'grant_not_usable'],
      ['falls with the delegator’s role', said(known({ roles: [] })), 'grant_not_usable'],
      ['falls with the delegator', said(known({ without: 'dba' })), 'grant_not_usable'],
      ['falls with the delegate', said(configurationWith()), 'grant_not_usable'],
      ['falls with a lock on the delegator', said(known(), { locks: [lockOn('dba')] }), 'grant_not_usable'],
      ['falls with a lock on the delegate', said(known(), { locks: [lockOn('deputy')] }), 'grant_not_usable'],
      ['falls when the delegator came to own the requester', said(known({ owners: ['owner', 'dba'] })), 'not_independent'],
      ['falls when the delegate came to own the requester', said(known({ owners: ['owner', 'deputy'] })), 'not_independent'],
      ['falls when the delegate turns out to be the owner', said(known({}, { human: 'owner' })), 'not_independent'],
    ])('%s', (_what, seen, expected) => expect(seen).toBe(expected));
  });

  it('falls when two approvers turn out to be one human', () => {
    const two = { ...request, ask: { ...request.ask, quorum: [{ role: 'dba', count: 2 }] } } as ApprovalRequest;
    const other: Principal = { ...dba, name: 'dba-2', subject: 'dba-2', party: ['dba-2'] };
    const votes = [dba, other].map((approver) => ({ approver, verdict: 'approve' as const, grantDigest: 'd', at: '' }));
    const now = (human?: string): Configuration => {
      const { principals, ...rest } = configurationWith();
      const second = { name: 'dba-2', kind: 'human', issuer: 'i', subject: 'dba-2', roles: ['dba'], owners: [], ...(human ? { human } : {}) };
      return { ...rest, principals: [...principals, second] } as unknown as Configuration;
    };
    const agreed = (human?: string) => agreementNow(two, { status: 'approved', request: two, votes }, { configuration: now(human), locks: [], delegations: new Map(), nowMs: 0 });
    expect(agreed()).toMatchObject({ ok: true, value: { approvers: ['dba', 'dba-2'] } });
    expect(agreed('dba')).toMatchObject({ ok: false, refusal: { reason: 'not_independent' } });
  });
});
