import { accepted, digestOf, refused, type Outcome } from '@interlock/kernel';
import type { Action, ApprovalRequest, Configuration, GrantState, Plan, PlanEntry, Principal, RpcClient } from '@interlock/contracts';
import { isSamePrincipal, PLAN_CONTEXT, planAsk, planText } from '@interlock/domain-approval';
import { humansShared, principalOf, type Recognised } from '@interlock/domain-identity';
import { actionDigest, grantDigest } from '@interlock/domain-session';
import type { RpcParsed } from '@interlock/nest';
import type { ApprovalDesk } from './desk.js';

export type PlanWish = Omit<RpcParsed<'approval.plan'>, 'token'>;

export interface PlansPorts {
  readonly desk: ApprovalDesk;
  /** Asked what people would be asked about a command. */
  readonly rpc: Pick<RpcClient, 'call'>;
  readonly newId: () => string;
  nowMs(): number;
}

/**
 * Makes a request for approval of several commands that are yet to be sent. What each would be asked about is foreseen by policy without the
 * target; when one is sent, the connector finds out by itself, and a command that other rules ask about then is not in the plan.
 */
export class Plans {
  constructor(private readonly ports: PlansPorts) {}

  async propose({ principal, configuration }: Recognised, wish: PlanWish): Promise<Outcome<GrantState>> {
    const requester = requesterOf(wish.as, principal, configuration);
    if (!requester.ok) return requester;
    const target = configuration.targets.find(({ name }) => name === wish.target);
    if (!target) return refused('target_unknown', 'There is no such target.', { hint: `Targets are ${configuration.targets.map(({ name }) => name).join(', ')}.` });
    const entries: PlanEntry[] = [];
    for (const [index, command] of wish.commands.entries()) {
      const entry = 'digest' in command ? await this.#askedAbout(command.digest, requester.value, target.name) : await this.#foreseen(command, requester.value, target.name);
      const plannable = entry.ok && entry.value.ask.signed ? SIGNED : entry.ok && entry.value.ask.glass ? GLASS : entry;
      if (!plannable.ok) return { ok: false, refusal: { ...plannable.refusal, detail: `Command ${index + 1}: ${plannable.refusal.detail}` } };
      entries.push(plannable.value);
    }
    const longest = Math.min(...entries.map(({ ask }) => ask.windowSeconds));
    if ((wish.windowSeconds ?? 0) > longest) return refused('window_too_long', `The rules of these commands give a window of ${longest} s at most.`, { hint: 'Ask for a shorter one, or split the plan by rules.' });
    const action = planAction({ entries, inOrder: wish.inOrder }, target.protocol, wish);
    return this.ports.desk.propose(this.#request({ requester: requester.value, target: target.name, action, plan: { entries, inOrder: wish.inOrder } }, wish.windowSeconds ?? longest));
  }

  async #foreseen({ text, parameters }: { readonly text: string; readonly parameters: readonly (string | null)[] }, requester: Principal, target: string): Promise<Outcome<PlanEntry>> {
    const foreseen = await this.ports.rpc.call('policy.foresee', { as: requester.name, target, text });
    if (!foreseen.ok) return foreseen;
    const { outcome, reasons, ask } = foreseen.value.decision;
    if (outcome === 'deny') {
      const reason = reasons.find(({ effect }) => effect !== 'permit') ?? reasons[0]!;
      return refused('plan_denied', `it would be denied, whoever agrees: ${reason.message}`, { rule: reason.rule, ...(reason.hint !== undefined && { hint: reason.hint }) });
    }
    if (!ask) return refused('plan_needless', 'no rule asks people about it.', { hint: 'Leave it out of the plan, and send it when you like.' });
    return accepted({ text, parameters: [...parameters], ask, reasons: reasons.filter(({ effect }) => effect === 'forbid').map(({ message }) => message) });
  }

  /** What a command means was told when it was asked about, by whoever had it in hands. */
  async #askedAbout(digest: string, requester: Principal, target: string): Promise<Outcome<PlanEntry>> {
    const earlier = (await this.ports.desk.list()).find(({ request }) => request.actionDigest === digest && !request.plan && request.target === target && isSamePrincipal(request.requester, requester));
    if (!earlier) return refused('digest_unknown', 'this requester has asked for no command of this digest at this target.', { hint: 'Send the command once, and withdraw it; or name it by its text.' });
    const { action, ask, reasons } = earlier.request;
    if (action.parameters.some(({ format, value, omitted }) => omitted !== undefined || (format === 'binary' && value !== null))) return refused('plan_values', 'it has values that a plan cannot hold, binary or long ones.', { hint: 'Send its values as text.' });
    return accepted({ text: action.text, parameters: action.parameters.map(({ value }) => value), actionDigest: digest, ask, reasons });
  }

  #request({ requester, target, action, plan }: Pick<ApprovalRequest, 'requester' | 'target' | 'action'> & { readonly plan: Plan }, windowSeconds: number): ApprovalRequest {
    const now = this.ports.nowMs();
    const [requestedAt, expiresAt] = [now, now + windowSeconds * 1_000].map((at) => new Date(at).toISOString()) as [string, string];
    const terms = { id: this.ports.newId(), actionDigest: actionDigest(requester, target, action), ask: planAsk(plan, windowSeconds), requestedAt, expiresAt };
    const reasons = [...new Set(plan.entries.flatMap((entry) => entry.reasons))];
    return { ...terms, session: '', command: '', connector: '', instance: '', requester, target, action, plan, grantDigest: grantDigest(terms), reasons };
  }
}

/** A signature is over one command; the vault knows of no other. */
const SIGNED: Outcome<never> = refused('plan_signed', 'a rule that asks about it takes signed approvals only, and people sign each command by itself.', { hint: 'Leave it out of the plan.' });

/** Whoever breaks the glass does so at once, in their own name. */
const GLASS: Outcome<never> = refused('plan_glass', 'it would break the glass, which nobody does in advance.', { hint: 'Leave break_glass out of it: people then agree to it.' });

/** Nobody plans for a principal that is not their own. */
function requesterOf(as: string | undefined, proposer: Principal, configuration: Configuration): Outcome<Principal> {
  if (as === undefined || as === proposer.name) return accepted(proposer);
  const entry = configuration.principals.find(({ name }) => name === as);
  const principal = entry && principalOf({ issuer: entry.issuer, subject: entry.subject, claims: {}, expiresAtMs: 0 }, configuration);
  if (principal?.ok && principal.value.kind === 'agent' && proposer.kind === 'human' && humansShared(proposer, principal.value).length > 0) return principal;
  return refused('not_concerned', `${proposer.name} may not plan for another principal than itself or an agent of its own.`, { hint: 'Its owner, or the agent itself, proposes its plan.' });
}

function planAction(plan: Plan, protocol: string, { reason, ticket }: PlanWish): Action {
  const stated = { ...(reason !== undefined && { reason }), ...(ticket !== undefined && { ticket }) };
  return {
    protocol, verb: 'plan', text: planText(plan), parameters: [], accesses: [], facts: {}, context: { [PLAN_CONTEXT]: digestOf(plan) },
    ...(Object.keys(stated).length > 0 && { stated }),
  };
}
