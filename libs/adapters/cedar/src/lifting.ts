import { digestOf } from '@interlock/kernel';
import type { Ask, ChatRoad, GrantFact } from '@interlock/contracts';
import { glassFor, type Breaker } from './glass.js';
import type { Rule } from './rule.js';

/** SHA-256 over the text and annotations of these rules, in the order of their ids: it changes when any of them does. */
export function ruleHash(rules: readonly Rule[]): string {
  return digestOf(sorted(rules).map(({ id, text }) => ({ id, text })));
}

/** What must happen before these refusals are lifted: of every role the most any rule wants, within the shortest window and wait, and the smallest number of rows; signed where any wants that. */
export function askFor(rules: readonly Rule[]): Ask {
  const seats = new Map<string, number>();
  let windowSeconds = Number.MAX_SAFE_INTEGER;
  let waitSeconds = Number.MAX_SAFE_INTEGER;
  for (const { lift } of rules) {
    if (!lift) continue;
    windowSeconds = Math.min(windowSeconds, lift.windowSeconds);
    waitSeconds = Math.min(waitSeconds, lift.waitSeconds);
    for (const { role, count } of lift.quorum) seats.set(role, Math.max(count, seats.get(role) ?? 0));
  }
  const quorum = [...seats].map(([role, count]) => ({ role, count })).sort((a, b) => (a.role < b.role ? -1 : 1));
  const accepts = acceptedByAll(rules);
  const limits = sorted(rules).flatMap(({ id, lift }) => (lift?.limit ? [{ rule: id, ...lift.limit }] : []));
  const isExact = rules.some(({ lift }) => lift?.preview === 'exact');
  const bounds = rules.flatMap(({ lift }) => lift?.maxRows ?? []);
  const isSigned = rules.some(({ lift }) => lift?.signed !== undefined);
  const waits = isSigned ? [0] : rules.map(({ lift }) => lift?.waitInTransactionSeconds ?? 0);
  const outside = sorted(rules).filter(({ lift }) => lift?.waitInTransactionSeconds === undefined).map(({ id }) => id);
  return {
    quorum, rules: sorted(rules).map((rule) => rule.id), ruleHash: ruleHash(rules), windowSeconds, waitSeconds: Math.min(waitSeconds, windowSeconds),
    ...(limits.length > 0 && { limits }), ...(accepts.length > 0 && { accepts }), ...(isSigned && { signed: 'webauthn' }), ...(isExact && { preview: 'exact' }), ...(bounds.length > 0 && { maxRows: Math.min(...bounds) }),
    ...(Math.min(...waits) > 0 && { waitInTransactionSeconds: Math.min(...waits) }), ...(outside.length > 0 && outside.length < rules.length && { notInTransaction: outside }),
  };
}

/** A chat counts only where every rule that asks accepts it. */
function acceptedByAll(rules: readonly Rule[]): ChatRoad[] {
  const [first, ...others] = rules.flatMap(({ lift }) => (lift ? [lift.accepts ?? []] : []));
  return (first ?? []).filter((chat) => others.every((chats) => chats.includes(chat)));
}

/** Ids of the rules that the grant lifts now: all that it names, or none when any of them changed or is gone, or where the glass was broken and `breaker` may not. */
export function liftedBy(grant: GrantFact | undefined, rules: ReadonlyMap<string, Rule>, breaker: Breaker): ReadonlySet<string> {
  const named = grant?.rules.map((id) => rules.get(id));
  const whole = named?.every((rule): rule is Rule => rule?.lift !== undefined) ?? false;
  if (!grant || !whole || ruleHash(named as Rule[]) !== grant.ruleHash) return new Set();
  if (grant.glass && !glassFor(named as Rule[], breaker).ok) return new Set();
  return new Set(grant.rules);
}

function sorted(rules: readonly Rule[]): Rule[] {
  return rules.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
