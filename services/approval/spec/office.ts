import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import { Configuration, type ApprovalRequest, type VoteDelegation, type AccessState, type GrantState, type Lock, type RpcClient, type RpcRequest, type Vote } from '@interlock/contracts';
import { glassStatus } from '@interlock/domain-approval';
import { principalOf, Recognition, rolesNow } from '@interlock/domain-identity';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import { AccessController } from '../src/access.controller.js';
import { AccessDesk } from '../src/access-desk.js';
import { ApprovalController } from '../src/approval.controller.js';
import { Changes } from '../src/changes.js';
import { Delegations } from '../src/delegations.js';
import { DelegationsController } from '../src/delegations.controller.js';
import { BatchController } from '../src/batch.controller.js';
import { ApprovalDesk } from '../src/desk.js';
import { GlassController } from '../src/glass.controller.js';
import { GlassDesk } from '../src/glass-desk.js';
import { Plans } from '../src/plans.js';

export const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const human = (name: string, roles: string[] = [], more: object = {}) => ({ name, kind: 'human', issuer: 'demo', subject: name, roles, ...more });
const agent = (name: string, owners: string[], roles: string[] = []) => ({ name, kind: 'agent', issuer: 'demo', subject: name, owners, roles });

const CONFIGURATION = {
  version: 1, targets: [], issuers: [{ name: 'demo', url: 'https://issuer.example', audience: 'interlock', algorithms: ['EdDSA'] }],
  administration: { changes: ['admin'], secrets: ['admin'], audit: ['admin'], locks: ['admin'] },
  separation: { approvers: 'at-decision' }, delegation: { allowed: [{ actor: 'robot', for: ['d1', 'd2', 'owner'] }] },
  principals: [
    { ...agent('agent', ['owner']), createdBy: ['creator'], scheduledBy: ['scheduler'] }, agent('sub', ['agent']), agent('robot', ['d3'], ['dba', 'security']), agent('orphan', []),
    human('owner', ['dba', 'security']), human('creator', ['dba']), human('scheduler', ['dba']), human('owner-2', ['dba'], { human: 'owner' }),
    ...['d1', 'd2', 'd3'].map((name) => human(name, ['dba'])), human('d1-2', ['security'], { human: 'd1' }),
    human('s1', ['security']), human('both', ['dba', 'security']), human('admin', ['admin']), human('deputy'), human('deputy-2'),
  ],
};

export type Quorum = readonly { role: string; count: number }[];
export const ONE: Quorum = [{ role: 'dba', count: 1 }];
export const TWO: Quorum = [{ role: 'dba', count: 2 }];
export const EACH: Quorum = [{ role: 'dba', count: 1 }, { role: 'security', count: 1 }];

/** A token is the name of its owner here, with those who act with it behind: `owner<robot`. */
function verified(token: string) {
  const [subject = '', ...actors] = token.split('<');
  const claims = (left: readonly string[]): object => (left.length === 0 ? {} : { act: { sub: left[0], ...claims(left.slice(1)) } });
  return { issuer: 'demo', subject, claims: claims(actors) as Record<string, unknown>, expiresAtMs: NOW_MS + 1 };
}

/** The control plane of one approval service, and nothing between what is written and what is read. */
class Control {
  readonly state;

  constructor(configuration: Configuration) {
    this.state = { bundle: { configuration }, locks: new Map<string, Lock>(), delegations: new Map<string, VoteDelegation>(), access: new Map<string, AccessState>() };
  }

  readonly caughtUp = async (): Promise<boolean> => true;
  readonly reached = async (): Promise<boolean> => true;

  async putDelegation(delegation: VoteDelegation): Promise<Outcome<{ readonly revision: number }>> {
    this.state.delegations.set(delegation.id, delegation);
    return accepted({ revision: 1 });
  }

  async putAccess(state: AccessState): Promise<Outcome<{ readonly revision: number }>> {
    if ((this.state.access.get(state.id)?.revision ?? 0) !== state.revision - 1) return refused('conflict', 'another one was first', { retryable: true });
    if (state.status === 'pending' || state.status === 'granted') this.state.access.set(state.id, state);
    else this.state.access.delete(state.id);
    return accepted({ revision: state.revision });
  }

  async revokeDelegation({ id }: { readonly id: string }): Promise<Outcome<{ readonly revision: number }>> {
    return this.state.delegations.delete(id) ? accepted({ revision: 2 }) : refused('not_delegated', 'none');
  }
}

type AccessWish = Partial<Omit<RpcRequest<'approval.requestAccess'>, 'token' | 'role' | 'for'>>;
type Wish = Partial<Omit<RpcRequest<'approval.delegate'>, 'token' | 'to'>>;

/** The approval service over memory twins, spoken to by the names of people; what it says is the status or `reason: detail`. */
export function office(quorum: Quorum, requester = 'agent', change: object = {}, signed?: 'webauthn') {
  const configuration = Configuration.parse({ ...CONFIGURATION, ...change });
  const ledger = new MemoryLedger();
  const control = new Control(configuration);
  const clock = { nowMs: NOW_MS };
  let made = 0;
  const delegations = new Delegations({ control, writer: control, ledger, newId: () => `d-${(made += 1)}`, nowMs: () => clock.nowMs });
  const grants = new MemoryAggregate<GrantState>();
  const desk = new ApprovalDesk({
    grants, ledger, nowMs: () => clock.nowMs, configuration: (roles) => (roles === 'now' ? rolesNow(configuration, control.state.access.values(), clock.nowMs).configuration : configuration), trust: { services: { 'connector-postgres': { signingKey: '', sealingKey: '' } } },
    checkSignature: async () => accepted({}), inSteadOf: (delegate, delegator, request) => delegations.inSteadOf(delegate, delegator, request),
  });
  const plans = new Plans({ desk, rpc: { call: () => Promise.reject(new Error('policy is not here')) }, newId: () => 'p', nowMs: () => clock.nowMs });
  const keys = { openText: ({ box }: { box: string }) => accepted(box) };
  const recognition = new Recognition({ keys, verifier: { verify: async (token) => accepted(verified(token)) }, control, nowMs: () => clock.nowMs });
  const approvals = new ApprovalController(desk, recognition, plans, new Changes(grants, () => undefined), delegations);
  const batch = new BatchController(desk, recognition);
  const warned: string[] = [];
  const locked = new Map<string, string>();
  /** What approval asks identity for; `away` while it does not answer, `onLocked` before it answers that it has locked. */
  const identity = { away: false, onLocked: async (): Promise<unknown> => undefined };
  const rpc = { call: async (name: string, asked: { grant: string; principal: string }) => {
    if (identity.away) return refused('unavailable', 'Identity is away.', { retryable: true });
    if (name === 'identity.lockUnreviewed') {
      locked.set(asked.grant, asked.principal);
      await identity.onLocked();
    } else locked.delete(asked.grant);
    return accepted({ lifted: true });
  } } as unknown as RpcClient;
  const glassDesk = new GlassDesk({ grants, ledger, rpc, trust: { services: { 'connector-postgres': { signingKey: '', sealingKey: '' } } }, nowMs: () => clock.nowMs, configuration: () => configuration, warn: (message, about) => warned.push(`${message}: ${about['principal']}`) });
  const glass = new GlassController(recognition, glassDesk);
  const lending = new DelegationsController(recognition, delegations);
  const begun = (): AccessDesk => new AccessDesk({ control, writer: control, ledger, newId: () => `a-${(made += 1)}`, nowMs: () => clock.nowMs });
  let roles = begun();
  let access = new AccessController(recognition, roles);
  const token = (of: string) => ({ box: of, purpose: 'token' });
  const told = <T>(answer: Outcome<T>, words: (value: T) => string): string => (answer.ok ? words(answer.value) : `${answer.refusal.reason}: ${answer.refusal.detail}`);
  const asked = principalOf(verified(requester), configuration);
  if (!asked.ok) throw new Error(asked.refusal.detail);
  const request: ApprovalRequest = {
    id: 'g1', session: 's', command: 'c', connector: 'connector-postgres', instance: '1', target: 'shop', actionDigest: 'a', grantDigest: 'g', reasons: [], requester: asked.value,
    action: { protocol: 'postgres', verb: 'delete', text: 'delete from orders', parameters: [], accesses: [], facts: {}, context: {} },
    ask: { quorum: [...quorum], rules: ['r'], ruleHash: 'h', windowSeconds: 86_400, ...(signed && { signed }) }, requestedAt: new Date(NOW_MS).toISOString(), expiresAt: new Date(NOW_MS + 86_400_000).toISOString(),
  };
  return {
    askFor: async (of: string, role: string, forWhom?: string, wish: AccessWish = {}) => told(await access.request({ token: token(of), role, seconds: 3_600, reason: 'incident', ...(forWhom && { for: forWhom }), ...wish }), ({ access: state }) => state.id),
    give: async (of: string, id: string, verdict: 'approve' | 'deny' = 'approve', digest = control.state.access.get(id)?.request.digest ?? '') => told(await access.vote({ token: token(of), id, verdict, digest }), ({ access: state }) => state.status),
    end: async (of: string, id: string) => told(await access.end({ token: token(of), id }), ({ access: state }) => state.status),
    waits: async (of: string) => told(await access.list({ token: token(of) }), (answer) => answer.access.map(({ id, status }) => `${id} ${status}`).join()),
    sweep: () => roles.expireOverdue(),
    /** Requests for roles are in the hands of a service that has just started. */
    startAnew: () => { roles = begun(); access = new AccessController(recognition, roles); },
    rolesOf: async (of: string) => { const who = await recognition.recognise(token(of)); return who.ok ? who.value.principal.roles.join() : who.refusal.reason; },
    ledger, control, clock, ask: (more: Partial<ApprovalRequest> = {}) => approvals.request({ token: token(more.requester?.subject ?? requester), request: { ...request, ...more } }),
    voteMany: async (of: string, votes: readonly (readonly [string, string])[], verdict: 'approve' | 'deny' = 'approve', inSteadOf?: string) => told(
      await batch.vote({ token: token(of), verdict, votes: votes.map(([id, grantDigest]) => ({ id, grantDigest })), ...(inSteadOf && { inSteadOf }) }), (answer) => answer.results.map(({ id, status, refusal }) => `${id} ${status ?? refusal?.reason}`).join(),
    ),
    vote: async (of: string, inSteadOf?: string, verdict: 'approve' | 'deny' = 'approve', assertion?: Vote['assertion']) => told(await approvals.vote({ token: token(of), id: 'g1', verdict, grantDigest: 'g', ...(inSteadOf && { inSteadOf }), ...(assertion && { assertion }) }), ({ state }) => state.status),
    takeBack: async (of: string) => told(await approvals.takeBack({ token: token(of), id: 'g1' }), ({ state }) => state.status),
    breakGlass: async (of: string, more: Partial<ApprovalRequest> = {}) => told(await glass.break({ token: token(of), request: { ...request, ask: { ...request.ask, glass: { reviewers: ['security', 'dba'], reviewSeconds: 3_600 } }, action: { ...request.action, stated: { breakGlass: 'the shop is down' } }, ...more } }), ({ resumed }) => `${resumed.status}, due ${resumed.glass!.dueAt}`),
    review: async (of: string, verdict: 'accept' | 'object' = 'accept', grantDigest = 'g') => told(await glass.review({ token: token(of), id: 'g1', verdict, grantDigest, note: 'seen' }), ({ state }) => `${glassStatus(state)}`),
    list: async (of: string, status?: GrantState['status']) => told(await approvals.list({ token: token(of), ...(status && { status }) }), (answer) => answer.approvals.map((one) => `${one.request.id} ${one.status}`).join()),
    reviewsOverdue: () => glassDesk.sweep(), identity, locked, warned,
    show: async (of: string) => told(await approvals.show({ token: token(of), id: 'g1' }), ({ approval }) => approval.status),
    lend: async (of: string, to: string, { roles = ['dba'], ...wish }: Wish = {}) => told(await lending.delegate({ token: token(of), to, roles, until: new Date(NOW_MS + 3_600_000).toISOString(), reason: 'leave', ...wish }), ({ delegation }) => delegation.id),
    revoke: async (of: string, delegation: string) => told(await lending.revoke({ token: token(of), delegation }), ({ by }) => `by ${by}`),
    lent: async (of: string) => told(await lending.list({ token: token(of) }), (answer) => answer.delegations.map(({ id }) => id).join()),
  };
}
