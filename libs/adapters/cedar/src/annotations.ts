import { WAIT_SECONDS_DEFAULT, type ChatRoad, type Stated } from '@interlock/contracts';
import { NAME, readTime as readSeconds } from './annotation-values.js';
import { readGlass } from './glass.js';
import { CEDAR_LIMITS } from './limits.js';
import type { Lift } from './rule.js';

/** What the annotations of one rule say. */
export interface Annotations {
  readonly id: string;
  readonly reason?: string;
  readonly hint?: string;
  readonly lift?: Lift;
}

/** An annotation that cannot stand, by its name. */
export interface AnnotationProblem {
  readonly annotation: string;
  readonly detail: string;
  readonly expected?: string;
}

/** What says how people agree; without approvers it means nothing. */
const OF_APPROVAL = ['window', 'wait', 'wait_in_transaction', 'requires', 'accepts', 'preview', 'max_rows', 'signed', 'limit', 'break_glass', 'reviewers', 'review_within'] as const;
const KNOWN = ['id', 'reason', 'hint', 'approvers', ...OF_APPROVAL] as const;
const STATABLE = ['reason', 'ticket'] as const satisfies readonly (keyof Stated)[];
/** Chats that sign what was said there, and not only who asks. */
const SIGNING_CHATS: readonly ChatRoad[] = ['slack'];
const NAME_EXPECTED = 'a name of lower-case letters, digits, dot, dash and underscore, at most 63 characters';
const RESERVED = new Set(['default-deny', 'evaluation-error', 'assumption', 'risk']);

/** Reads the annotations of a rule with this effect; every problem at once. */
export function readAnnotations(
  effect: 'permit' | 'forbid',
  given: Readonly<Record<string, string | null>>,
): { readonly annotations: Annotations; readonly problems: readonly AnnotationProblem[] } {
  const problems = [...unknownNames(given), ...emptyTexts(given), ...idProblems(given['id']), ...effectProblems(effect, given)];
  const lift = effect === 'forbid' && typeof given['approvers'] === 'string' ? readLift(given['approvers'], given, problems) : undefined;
  const { id, reason, hint } = given;
  return { annotations: { id: id ?? '', ...(reason && { reason }), ...(hint && { hint }), ...(lift && { lift }) }, problems };
}

function unknownNames(given: Readonly<Record<string, string | null>>): AnnotationProblem[] {
  return Object.keys(given).filter((name) => !(KNOWN as readonly string[]).includes(name)).map((annotation) => ({
    annotation, detail: `there is no annotation @${annotation}`, expected: `one of ${KNOWN.map((name) => `@${name}`).join(', ')}`,
  }));
}

function emptyTexts(given: Readonly<Record<string, string | null>>): AnnotationProblem[] {
  return KNOWN.filter((name) => name in given && !given[name]?.trim()).map((annotation) => ({
    annotation, detail: `@${annotation} says nothing`, expected: `a text, as in @${annotation}("...")`,
  }));
}

function idProblems(id: string | null | undefined): AnnotationProblem[] {
  if (id === undefined) return [{ annotation: 'id', detail: 'the rule has no @id', expected: '@id("...") before permit or forbid' }];
  if (!id) return [];
  if (RESERVED.has(id)) return [{ annotation: 'id', detail: `the id ${id} is Interlock's own`, expected: 'another name' }];
  return NAME.test(id) ? [] : [{ annotation: 'id', detail: `the id ${JSON.stringify(id)} is not a name`, expected: NAME_EXPECTED }];
}

function effectProblems(effect: 'permit' | 'forbid', given: Readonly<Record<string, string | null>>): AnnotationProblem[] {
  const problems: AnnotationProblem[] = [];
  if (effect === 'forbid' && given['reason'] === undefined) {
    problems.push({ annotation: 'reason', detail: 'the forbid has no @reason', expected: '@reason("...") in words for whoever is refused' });
  }
  if (effect === 'permit' && given['approvers'] !== undefined) {
    problems.push({ annotation: 'approvers', detail: 'a permit has nothing to lift', expected: '@approvers on a forbid only' });
  }
  for (const annotation of given['approvers'] === undefined ? OF_APPROVAL.filter((name) => given[name] !== undefined) : []) {
    problems.push({ annotation, detail: `@${annotation} without approvers means nothing`, expected: `@approvers("role") beside @${annotation}` });
  }
  return problems;
}

function readLift(approvers: string, given: Readonly<Record<string, string | null>>, problems: AnnotationProblem[]): Lift | undefined {
  const { window, wait, requires, accepts } = given;
  const quorum = readQuorum(approvers);
  const windowSeconds = window ? readTime(window) : CEDAR_LIMITS.defaultWindowSeconds;
  const waitSeconds = wait ? readTime(wait) : Math.min(WAIT_SECONDS_DEFAULT, windowSeconds ?? WAIT_SECONDS_DEFAULT);
  if (!quorum) problems.push({ annotation: 'approvers', detail: `${JSON.stringify(approvers)} names no approvers`, expected: `roles, each once, with how many of 1 to ${CEDAR_LIMITS.approversPerRole}, as in "dba" or "dba:2,security:1"` });
  if (!windowSeconds) problems.push({ annotation: 'window', detail: `${JSON.stringify(window)} is not a window`, expected: 'a whole number of s, m or h up to 24h, as in "15m"' });
  if (!waitSeconds || (windowSeconds && waitSeconds > windowSeconds)) problems.push({ annotation: 'wait', detail: `${JSON.stringify(wait)} is not a wait`, expected: 'a whole number of s, m or h, no longer than the window, as in "2m"' });
  const required = readRequired(requires ?? '');
  if (!required) problems.push({ annotation: 'requires', detail: `${JSON.stringify(requires)} names nothing that a command can state`, expected: `${STATABLE.join(' or ')}, each once, as in "reason,ticket"` });
  const chats = accepts ? readChats(accepts) : [];
  if (!chats) problems.push({ annotation: 'accepts', detail: `${JSON.stringify(accepts)} names no chat in which people may approve`, expected: SIGNING_CHATS.map((chat) => JSON.stringify(chat)).join(' or ') });
  const more = { ...readEffect(given, problems), ...readWaitInTransaction(given['wait_in_transaction'], waitSeconds, problems), ...readSigned(given, problems), ...readLimit(given['limit'], problems), ...readGlass(given, problems) };
  return quorum && windowSeconds && waitSeconds && required && chats ? { quorum, windowSeconds, waitSeconds, requires: required, ...(chats.length > 0 && { accepts: chats }), ...more } : undefined;
}

function readChats(text: string): ChatRoad[] | undefined {
  const named = text.split(',').map((piece) => SIGNING_CHATS.find((chat) => chat === piece.trim()));
  return named.every((chat) => chat !== undefined) && new Set(named).size === named.length ? named : undefined;
}

function readWaitInTransaction(wait: string | null | undefined, waitSeconds: number | undefined, problems: AnnotationProblem[]): Pick<Lift, 'waitInTransactionSeconds'> {
  const seconds = wait ? readTime(wait) : undefined;
  if (wait && (!seconds || (waitSeconds && seconds > waitSeconds))) {
    problems.push({ annotation: 'wait_in_transaction', detail: `${JSON.stringify(wait)} is not a wait in a transaction`, expected: 'a whole number of s, m or h, no longer than the wait, as in "30s"' });
  }
  return seconds ? { waitInTransactionSeconds: seconds } : {};
}

/** What is signed runs on a connection of its own, so it cannot be part of its requester's transaction. */
function readSigned({ signed, wait_in_transaction: wait }: Readonly<Record<string, string | null>>, problems: AnnotationProblem[]): Pick<Lift, 'signed'> {
  if (signed && signed !== 'webauthn') problems.push({ annotation: 'signed', detail: `${JSON.stringify(signed)} is no kind of signature`, expected: '"webauthn"' });
  if (signed && wait) problems.push({ annotation: 'signed', detail: 'a signed command cannot wait inside a transaction', expected: '@signed or @wait_in_transaction, not both' });
  return signed === 'webauthn' ? { signed } : {};
}

function readEffect({ preview, max_rows: rows }: Readonly<Record<string, string | null>>, problems: AnnotationProblem[]): Pick<Lift, 'preview' | 'maxRows'> {
  const maxRows = rows ? readRows(rows) : undefined;
  if (preview && preview !== 'exact') problems.push({ annotation: 'preview', detail: `${JSON.stringify(preview)} is no preview`, expected: '"exact"; without it the target is asked for its plan' });
  if (rows && maxRows === undefined) problems.push({ annotation: 'max_rows', detail: `${JSON.stringify(rows)} is no number of rows`, expected: `a whole number of 0 to ${CEDAR_LIMITS.maxRows}, as in "12"` });
  return { ...(preview === 'exact' && { preview }), ...(maxRows !== undefined && { maxRows }) };
}

function readRows(text: string): number | undefined {
  return /^(0|[1-9]\d{0,6})$/.test(text.trim()) && Number(text) <= CEDAR_LIMITS.maxRows ? Number(text) : undefined;
}

function readQuorum(text: string): Lift['quorum'] | undefined {
  const quorum: Lift['quorum'] = [];
  for (const part of text.split(',')) {
    const [role, count = '1', ...rest] = part.trim().split(':').map((piece) => piece.trim());
    if (!role || !NAME.test(role) || rest.length > 0 || !/^[1-9]\d?$/.test(count) || Number(count) > CEDAR_LIMITS.approversPerRole) return undefined;
    if (quorum.some((seat) => seat.role === role)) return undefined;
    quorum.push({ role, count: Number(count) });
  }
  return quorum;
}

function readRequired(text: string): Lift['requires'] | undefined {
  const names = text.split(',').map((name) => name.trim()).filter((name) => name !== '');
  return names.every((name) => (STATABLE as readonly string[]).includes(name)) && new Set(names).size === names.length ? (names as (keyof Stated)[]) : undefined;
}

function readLimit(limit: string | null | undefined, problems: AnnotationProblem[]): Pick<Lift, 'limit'> {
  if (!limit) return {};
  const [count = '', time = '', ...rest] = limit.split('/').map((piece) => piece.trim());
  const seconds = readTime(time);
  if (/^[1-9]\d{0,3}$/.test(count) && seconds !== undefined && rest.length === 0) return { limit: { count: Number(count), seconds } };
  problems.push({ annotation: 'limit', detail: `${JSON.stringify(limit)} is not a limit`, expected: 'how often within how long, up to 24h, as in "20/1h"' });
  return {};
}

function readTime(text: string): number | undefined {
  return readSeconds(text, CEDAR_LIMITS.windowSeconds);
}
