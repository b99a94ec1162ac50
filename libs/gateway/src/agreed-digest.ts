import { accepted, digestOf, refused, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, GrantState } from '@interlock/contracts';
import { coveredBy, PLAN_CONTEXT } from '@interlock/domain-approval';
import { actionDigest, grantDigest } from '@interlock/domain-session';

/**
 * The digest that the votes of a grant must name: that of the request itself or, of a command that was agreed to in advance, that of the plan,
 * once every digest of the plan was computed again and the plan names this very command.
 */
export function agreedDigest(request: ApprovalRequest, { planned }: GrantState, nowMs: number): Outcome<string> {
  if (!planned) return accepted(request.grantDigest);
  const { plan } = planned;
  const isWhole = plan.plan !== undefined && plan.action.context[PLAN_CONTEXT] === digestOf(plan.plan)
    && plan.actionDigest === actionDigest(plan.requester, plan.target, plan.action) && plan.grantDigest === grantDigest(plan);
  if (!isWhole) return refused('digest_mismatch', `What plan ${plan.id} holds is not what its digest says.`);
  const covered = coveredBy(planned, request, nowMs);
  return covered.ok ? accepted(plan.grantDigest) : covered;
}
