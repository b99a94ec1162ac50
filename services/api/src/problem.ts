import type { Refusal } from '@interlock/kernel';

/** An error as clients of the API see it (RFC 9457), with the refusal's own members. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly reason: string;
  readonly rule?: string;
  readonly hint?: string;
  readonly retryable?: boolean;
}

export const PROBLEM_TYPE = 'application/problem+json';

const STATUS_OF_REASON: readonly (readonly [RegExp, number])[] = [
  [/^(token|issuer|audience|signature|claims?)_|^unauthenticated$|^principal_unknown$/, 401],
  [/(^|_)not_found$|_unknown$/, 404],
  [/^(conflict|already_|approval_closed|approval_expired|change_closed|approval_id_taken)/, 409],
  [/^(unavailable|ledger_unavailable|not_configured|busy|control_plane_silent)/, 503],
  [/^internal_fault/, 500],
  [/^(malformed|invalid|configuration_|policy_|digest_|request_invalid|body_|target_invalid)/, 422],
];

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request cannot be read', 401: 'The token does not say who you are', 403: 'You may not do this', 404: 'There is no such thing', 409: 'It was decided otherwise meanwhile',
  413: 'The request is too large', 422: 'The request is not valid', 500: 'Something went wrong inside', 503: 'A part that must answer does not',
};

/** A refusal as a problem; what no pattern names is a plain refusal, 403. */
export function problemOf(refusal: Refusal): Problem {
  return problem(STATUS_OF_REASON.find(([pattern]) => pattern.test(refusal.reason))?.[1] ?? 403, refusal);
}

export function problem(status: number, refusal: Refusal): Problem {
  return { type: `urn:interlock:problem:${refusal.reason}`, title: TITLES[status] ?? 'Error', status, ...refusal };
}
