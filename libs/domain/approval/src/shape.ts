import { accepted, digestOf, refused, type Outcome } from '@interlock/kernel';
import type { ApprovalRequest } from '@interlock/contracts';

/** Requests that may be decided about at once: more are nothing that people read. */
export const BATCH_MAX = 50;

/**
 * What makes two requests of one kind, so that a person may answer them at once: whose they are, where, what is done to which objects, and by which rules people are
 * asked. Texts and parameters may differ; each has its own digest, which the answer names.
 */
export function shapeOf({ requester, target, action, ask }: ApprovalRequest): string {
  const { name, issuer, subject, party, actors = [] } = requester;
  const accesses = action.accesses.map(({ verb, object }) => ({ verb, kind: object.kind, path: object.path }));
  return digestOf({ requester: { name, issuer, subject, party, actors }, target, verb: action.verb, accesses, rules: ask.rules, ruleHash: ask.ruleHash });
}

/** Whether one decision may be about all of these. */
export function ofOneShape(requests: readonly ApprovalRequest[]): Outcome<readonly ApprovalRequest[]> {
  if (requests.length > BATCH_MAX || new Set(requests.map(({ id }) => id)).size < requests.length) return refused('batch_invalid', `A batch names 1 to ${BATCH_MAX} requests, each once.`);
  const alone = requests.find(({ plan, ask }) => plan !== undefined || ask.signed !== undefined);
  if (alone && requests.length > 1) {
    return refused('batch_not_possible', alone.plan ? `${alone.id} is a plan, which people read and decide by itself.` : `${alone.id} has to be signed, and each signature is over one request.`, { rule: alone.ask.rules[0]!, hint: 'Decide about it by itself, and about the others at once.' });
  }
  if (new Set(requests.map(shapeOf)).size <= 1) return accepted(requests);
  return refused('shapes_differ', 'These requests are not of one kind: requester, target, objects and rules must be the same.', { hint: 'Decide about those that are, and about the others one by one.' });
}
