import { accepted, digestOf, refused, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest, Ask, GrantState, Parameter, Plan, PlanEntry, Principal } from '@interlock/contracts';
import { asksTheSame } from './coming-back.js';

/** Commands that one plan may name. */
export const PLAN_ENTRIES_MAX = 50;

/** The name under which the digest of a plan's entries stands in its action, and so in everything that people agree to. */
export const PLAN_CONTEXT = 'plan';

/** A grant's part of a plan: which command of it this is. */
export interface PlanPlace {
  readonly plan: ApprovalRequest;
  readonly entry: number;
}

/**
 * Whether a command that asks is the one at this place of a plan: of the same requester at the same target, the same text and values (and
 * the same digest, where the plan names one), asked about by the same rules as they were when it was planned, at no higher risk, in time.
 */
export function coveredBy({ plan, entry: index }: PlanPlace, asked: ApprovalRequest, nowMs: number): Outcome<PlanEntry> {
  const entry = plan.plan?.entries[index];
  if (!entry) return refused('plan_entry_unknown', `Plan ${plan.id} has no such command.`);
  if (asked.ask.signed) return refused('signature_required', `Plan ${plan.id} covers nothing that has to be signed: people sign each such command for itself.`);
  if (nowMs >= Date.parse(plan.expiresAt)) return refused('approval_expired', `Plan ${plan.id} expired at ${plan.expiresAt}.`);
  if (plan.target !== asked.target || !isSameRequester(plan.requester, asked.requester)) return refused('digest_mismatch', `Plan ${plan.id} is of another requester, or for another target.`);
  if (entry.text !== asked.action.text || !hasValues(asked.action.parameters, entry.parameters)) return refused('digest_mismatch', `Plan ${plan.id} names another command.`);
  if (entry.actionDigest !== undefined && entry.actionDigest !== asked.actionDigest) return refused('digest_mismatch', `What the command means is not what plan ${plan.id} names.`);
  return asksTheSame(asked.ask, entry.ask) ? accepted(entry) : refused('rule_changed', `The rules that ask about it are not those of plan ${plan.id}.`);
}

/** The first place of approved plans that this command may take: once, and in order where that was agreed to. `isUsed` says of a grant that its command was sent. */
export function placeFor(asked: ApprovalRequest, states: readonly GrantState[], nowMs: number, isUsed: (grant: string) => boolean): PlanPlace | undefined {
  for (const { request: plan, status, drawn = [] } of states) {
    if (!plan.plan || status !== 'approved') continue;
    for (const entry of plan.plan.entries.keys()) {
      const isNext = !plan.plan.inOrder || plan.plan.entries.slice(0, entry).every((_, before) => drawn.some((one) => one.entry === before && isUsed(one.grant)));
      if (isNext && !drawn.some((one) => one.entry === entry) && coveredBy({ plan, entry }, asked, nowMs).ok) return { plan, entry };
    }
  }
  return undefined;
}

/** What people are asked to agree to for all of a plan: of every role the most that one of its commands needs, within the shortest window, by the limits of all their rules. */
export function planAsk({ entries }: Plan, windowSeconds: number): Ask {
  const seats = new Map<string, number>();
  for (const { role, count } of entries.flatMap(({ ask }) => ask.quorum)) seats.set(role, Math.max(count, seats.get(role) ?? 0));
  const quorum = [...seats].map(([role, count]) => ({ role, count })).toSorted((one, other) => (one.role < other.role ? -1 : 1));
  const rules = [...new Set(entries.flatMap(({ ask }) => ask.rules))].toSorted();
  const limits = new Map(entries.flatMap(({ ask }) => ask.limits ?? []).map((limit) => [digestOf(limit), limit]));
  return { quorum, rules, ruleHash: digestOf(entries.map(({ ask }) => ask.ruleHash)), windowSeconds, ...(limits.size > 0 && { limits: [...limits.values()] }) };
}

/** A plan as one text, which nothing in a command can imitate: every further line of one stands behind a bar. */
export function planText({ entries, inOrder }: Plan): string {
  const head = `${entries.length} ${entries.length === 1 ? 'command' : 'commands'}, each once${inOrder ? ', in this order' : ''}:`;
  return [head, ...entries.map((entry, index) => `${index + 1}. ${entryText(entry).replaceAll(/\r\n?|\n/g, '\n   | ')}`)].join('\n');
}

function entryText({ text, parameters }: PlanEntry): string {
  const values = parameters.map((value, index) => `$${index + 1} = ${value === null ? 'NULL' : JSON.stringify(value)}`);
  return values.length === 0 ? text : `${text}\nwith ${values.join(', ')}`;
}

function hasValues(parameters: readonly Parameter[], values: readonly (string | null)[]): boolean {
  return parameters.length === values.length && parameters.every(({ format, value, omitted }, index) => (value === null || format === 'text') && omitted === undefined && value === values[index]);
}

/** Roles and parties may be others by now: what they are is judged at the use. */
export function isSameRequester(one: Principal, other: Principal): boolean {
  const of = ({ issuer, subject, kind, actors = [] }: Principal): string => digestOf({ issuer, subject, kind, actors });
  return of(one) === of(other);
}
