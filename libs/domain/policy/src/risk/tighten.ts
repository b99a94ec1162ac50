import { WAIT_SECONDS_DEFAULT, type Ask, type Decision, type DecisionReason, type GrantFact, type Risk, type RiskModel } from '@interlock/contracts';

/** The name under which risk refuses, as rules refuse under theirs. */
export const RISK_RULE = 'risk';

type Threshold = NonNullable<RiskModel['thresholds']['ask']>;

/**
 * A decision by rules, and what the score makes of it: it may ask where they allow, deny where they allow or ask, and nothing else. A
 * grant lifts it up to the score that people agreed to, by the same model.
 */
export function tighten(decision: Decision, risk: Risk, { ask, deny }: RiskModel['thresholds'], grant: GrantFact | undefined): Decision {
  const scored = { ...decision, risk };
  if (decision.outcome === 'deny') return scored;
  if (deny !== undefined && risk.score >= deny) return denied(scored, risk, deny);
  if (ask === undefined || risk.score < ask.score) return scored;
  const agreed = grant?.risk?.model === risk.model ? grant.risk.score : undefined;
  if (agreed === undefined || risk.score > agreed) return asked(scored, risk, ask, agreed);
  const message = `Lifted by grant ${grant!.id}: ${scoreInWords(risk)}`;
  return decision.outcome === 'allow' ? { ...scored, reasons: [...decision.reasons, { rule: RISK_RULE, effect: 'forbid', message }] } : scored;
}

function denied({ ask: _lifts, ...decision }: Decision, risk: Risk, deny: number): Decision {
  const reason: DecisionReason = {
    rule: RISK_RULE, effect: 'forbid', message: `From risk ${deny} on a command is denied. ${scoreInWords(risk)}`,
    hint: 'Nobody can agree to it as it is. Do less in one command, or do it when less counts against it.',
  };
  return { ...decision, outcome: 'deny', reasons: [reason, ...decision.reasons] };
}

function asked(decision: Decision, risk: Risk, threshold: Threshold, agreed: number | undefined): Decision {
  const rose = agreed === undefined ? '' : ` People agreed to ${agreed}, and it has risen since.`;
  const reason: DecisionReason = {
    rule: RISK_RULE, effect: 'forbid', message: `From risk ${threshold.score} on people decide.${rose} ${scoreInWords(risk)}`,
    hint: agreed === undefined ? 'Wait for an approver, or do less in one command.' : 'Send it again to ask again.',
  };
  const reasons = decision.outcome === 'ask' ? [...decision.reasons, reason] : [reason, ...decision.reasons];
  return { ...decision, outcome: 'ask', reasons, ask: joined(decision.ask, threshold, risk) };
}

/**
 * Of every role the most that rules or the score want, within the shorter window, as bounded and as signed as rules want it. What rules alone would
 * loosen (a chat in which people may approve, a wait inside a transaction, a glass that somebody breaks) the score does not.
 */
function joined(byRules: Ask | undefined, { approvers, windowMinutes }: Threshold, { model, score }: Risk): Ask {
  const seats = new Map((byRules?.quorum ?? []).map(({ role, count }) => [role, count]));
  for (const { role, count } of approvers) seats.set(role, Math.max(count, seats.get(role) ?? 0));
  const quorum = [...seats].map(([role, count]) => ({ role, count })).toSorted((a, b) => (a.role < b.role ? -1 : 1));
  const windowSeconds = Math.min(windowMinutes * 60, byRules?.windowSeconds ?? Number.MAX_SAFE_INTEGER);
  const waitSeconds = Math.min(byRules?.waitSeconds ?? WAIT_SECONDS_DEFAULT, windowSeconds);
  const { accepts: _inChats, waitInTransactionSeconds: inTransaction, glass: _alone, ...asked } = byRules ?? {};
  return { ...asked, quorum, rules: [...(byRules?.rules ?? []), RISK_RULE], ruleHash: byRules?.ruleHash ?? model, windowSeconds, waitSeconds, risk: { model, score }, ...(inTransaction !== undefined && { notInTransaction: [RISK_RULE] }) };
}

/** `Its risk is 61: 40 because delete is done, 21 because ...` */
export function scoreInWords({ score, terms }: Risk): string {
  const told = terms.map(({ points, because }) => `${points} because ${because}`).join('; ');
  return terms.length === 0 ? 'Its risk is 0.' : `Its risk is ${score}: ${told}.`;
}
