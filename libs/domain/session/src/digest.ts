import { canonicalJson, digestOf, sha256Hex, type Json } from '@interlock/kernel';
import type { Action, Ask, Parameter, Principal } from '@interlock/contracts';

/** Digests of statements, kept with the statement by whoever interprets it once and runs it often. */
export type StatementDigest = string;

/**
 * SHA-256 over the canonical JSON (RFC 8785) of everything of an action but its parameters: text, verb, accesses, facts and
 * session context. Computed once per statement.
 */
export function statementDigest(action: Omit<Action, 'parameters'>): StatementDigest {
  const { protocol, verb, text, accesses, facts, context } = action;
  return digestOf({ protocol, verb, text, accesses, facts, context } as Json);
}

/** Who asks, as a digest binds it: the identity and every human behind it. */
export function requesterText(requester: Principal): string {
  const { issuer, subject, kind, party, actors } = requester;
  return canonicalJson({ issuer, subject, kind, party: [...party].sort(), ...(actors && { actors: [...actors] }) });
}

/**
 * `actionDigest`: SHA-256 over `interlock-action/v1`, the requester, the target, the statement's digest and the canonical JSON of
 * the typed parameters, each on a line of its own. Equal digests mean the same command by the same requester in the same context.
 */
export function actionDigest(requester: string, target: string, statement: StatementDigest, parameters: readonly Parameter[]): string {
  return sha256Hex(`interlock-action/v1\n${requester}\n${canonicalJson(target)}\n${statement}\n${canonicalJson(parameters as unknown as Json)}\n`);
}

/**
 * `grantDigest`: what approvers agree to. SHA-256 over `interlock-grant/v1`, the action's digest, the hash of the approval rules and
 * the end of the window.
 */
export function grantDigest(action: string, ask: Pick<Ask, 'ruleHash' | 'rules'>, expiresAt: string): string {
  return sha256Hex(`interlock-grant/v1\n${action}\n${ask.ruleHash}\n${canonicalJson([...ask.rules].sort())}\n${expiresAt}\n`);
}
