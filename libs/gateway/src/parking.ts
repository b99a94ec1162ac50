import { accepted, refused, type Outcome } from '@interlock/kernel';
import { draft, type ApprovalRequest, type Configuration, type GrantFact, type GrantState } from '@interlock/contracts';
import { approval } from '@interlock/domain-approval';
import { independent, lockOnPerson, partyOfName } from '@interlock/domain-identity';
import { grantDigest } from '@interlock/domain-session';
import type { CommandGate, DecidedCommand } from './command-gate.js';
import { freshWordFor, wordFor } from './control-plane-watch.js';
import type { Permit } from './permit.js';
import type { ExchangeFacts, GatewayPorts } from './ports.js';

/** How often a parked command reads its grant, should the news of a change be lost. */
const READ_AGAIN_MS = 500;

/**
 * Holds one command back until people have agreed to it, then lets exactly that command pass, once.
 *
 * The way back: the control plane's word of that moment, every approver still standing, a second decision with the grant
 * as a fact, the grant consumed by compare-and-set, and both recorded. `signal` aborts when the client gives up: the
 * request is withdrawn. Every refusal names the approval, so that the agent can say what it waited for.
 */
export async function park(command: DecidedCommand, exchange: ExchangeFacts, gate: CommandGate, ports: GatewayPorts, signal: AbortSignal): Promise<Outcome<Permit>> {
  const request = requestFor(command, exchange, ports);
  const asked = await ports.rpc.call('approval.request', { request });
  if (!asked.ok) return asked;
  const agreed = await agreement(request, exchange, ports, signal);
  if (!agreed.ok) {
    if (agreed.refusal.reason !== 'approval_denied') await withdraw(request, exchange, ports);
    return agreed;
  }
  return passWith(agreed.value, command, exchange, gate, ports);
}

function requestFor(command: DecidedCommand, exchange: ExchangeFacts, ports: GatewayPorts): ApprovalRequest {
  const { ask, reasons } = command.decision;
  if (!ask) throw new Error('a command that nobody has to be asked about cannot be parked');
  const nowMs = ports.nowMs();
  const expiresAt = new Date(nowMs + ask.windowSeconds * 1_000).toISOString();
  return {
    id: ports.newId(), session: exchange.session, command: command.id, connector: exchange.connector, requester: exchange.principal, target: exchange.target.name,
    action: command.action, actionDigest: command.actionDigest, grantDigest: grantDigest(command.actionDigest, ask, expiresAt), ask,
    reasons: reasons.map((reason) => reason.message), requestedAt: new Date(nowMs).toISOString(), expiresAt,
  };
}

/** Waits until the request is decided, over, given up or stopped by a lock. */
async function agreement(request: ApprovalRequest, exchange: ExchangeFacts, ports: GatewayPorts, signal: AbortSignal): Promise<Outcome<GrantState>> {
  while (!signal.aborted) {
    const word = wordFor(exchange, ports.control, ports.nowMs());
    if (!word.ok && word.refusal.reason !== 'control_plane_silent') return word;
    const state = (await ports.grants.get(request.id))?.value;
    const settled = state && settledAs(state);
    if (settled) return settled;
    if (ports.nowMs() >= Date.parse(request.expiresAt)) return expired(request);
    await ports.sleep(READ_AGAIN_MS, signal);
  }
  return refused('withdrawn', `The command was given up while approval ${request.id} was pending.`);
}

function settledAs(state: GrantState): Outcome<GrantState> | undefined {
  switch (state.status) {
    case 'pending':
      return undefined;
    case 'approved':
      return accepted(state);
    case 'denied':
      return refused('approval_denied', `Approval ${state.request.id} was denied by ${voters(state, 'deny')}.`, { rule: state.request.ask.rules[0]!, hint: commentOf(state) });
    case 'expired':
      return expired(state.request);
    case 'withdrawn':
    case 'consumed':
      return refused('grant_not_usable', `Approval ${state.request.id} is ${state.status}.`);
  }
}

function expired(request: ApprovalRequest): Outcome<never> {
  return refused('approval_expired', `Nobody decided on approval ${request.id} in time.`, { rule: request.ask.rules[0]!, retryable: true, hint: 'Send the command again to ask again.' });
}

function voters(state: GrantState, verdict: 'approve' | 'deny'): string {
  return state.votes.filter((vote) => vote.verdict === verdict).map((vote) => vote.approver.name).join(', ');
}

function commentOf(state: GrantState): string {
  return state.votes.find((vote) => vote.verdict === 'deny')?.comment ?? 'Ask them what would be acceptable.';
}

async function withdraw(request: ApprovalRequest, exchange: ExchangeFacts, ports: GatewayPorts): Promise<void> {
  await ports.rpc.call('approval.withdraw', { id: request.id, connector: exchange.connector });
}

async function passWith(state: GrantState, command: DecidedCommand, exchange: ExchangeFacts, gate: CommandGate, ports: GatewayPorts): Promise<Outcome<Permit>> {
  const word = await freshWordFor(exchange, ports.control, ports);
  if (!word.ok) return word;
  const standing = approversStand(state, exchange, word.value.bundle.configuration, ports);
  if (!standing.ok) return standing;
  const grant: GrantFact = { id: state.request.id, rules: state.request.ask.rules, ruleHash: state.request.ask.ruleHash, approvers: state.votes.filter((vote) => vote.verdict === 'approve').map((vote) => vote.approver.name) };
  const again = gate.decide(command, word.value, grant);
  if (again.decision.outcome !== 'allow') return voided(state, again);
  const consumed = await consume(state, exchange, ports);
  if (!consumed.ok) return consumed;
  const [permit] = await gate.record([again], [gate.about(command.id, draft('grant.consumed.v1', { grant: grant.id, grantDigest: state.request.grantDigest, approvers: grant.approvers }))]);
  return permit ? accepted(permit) : voided(state, again);
}

/** Whoever agreed must still be who they were: known, in the role, free of locks, independent of the requester as it is now. */
function approversStand(state: GrantState, exchange: ExchangeFacts, configuration: Configuration, ports: GatewayPorts): Outcome<unknown> {
  const party = partyOfName(exchange.principal.name, configuration);
  const requester = { ...exchange.principal, party: party ? [...new Set([...party, ...exchange.principal.party])] : [] };
  for (const { approver, verdict } of state.votes) {
    if (verdict === 'deny') continue;
    const entry = configuration.principals.find((one) => one.name === approver.name);
    if (!entry || entry.kind !== 'human') return fallen(state, `${approver.name} is no longer known`);
    if (lockOnPerson(approver, ports.control.view.locks.values())) return fallen(state, `${approver.name} is locked`);
    if (!state.request.ask.quorum.some(({ role }) => approver.roles.includes(role) && entry.roles.includes(role))) return fallen(state, `${approver.name} is no longer in a role it asks for`);
    const apart = independent({ ...approver, party: [...(partyOfName(approver.name, configuration) ?? [])] }, requester);
    if (!apart.ok) return apart;
  }
  return accepted(undefined);
}

function fallen(state: GrantState, why: string): Outcome<never> {
  return refused('approver_fell_away', `Approval ${state.request.id} no longer holds: ${why}.`, { rule: state.request.ask.rules[0]!, hint: 'Send the command again to ask again.' });
}

function voided(state: GrantState, again: DecidedCommand): Outcome<never> {
  const { rule, message } = again.decision.reasons[0]!;
  return refused('grant_void', `Approval ${state.request.id} no longer lifts what stands against the command: ${message}`, { rule, hint: 'The rules changed meanwhile. Send the command again to ask again.' });
}

/** The one use, by compare-and-set: of two that try, one wins. */
async function consume(state: GrantState, exchange: ExchangeFacts, ports: GatewayPorts): Promise<Outcome<unknown>> {
  const present = await ports.grants.get(state.request.id);
  const command = { kind: 'consume', connector: exchange.connector, grantDigest: state.request.grantDigest, nowMs: ports.nowMs() } as const;
  const decided = approval.decide(command, present?.value);
  if (!decided.ok) return decided;
  const next = decided.value.reduce(approval.evolve, present!.value as GrantState | undefined);
  const stored = await ports.grants.put(state.request.id, next!, present!.revision);
  return stored.ok ? stored : refused('grant_not_usable', `Approval ${state.request.id} was used or changed by someone else.`);
}
