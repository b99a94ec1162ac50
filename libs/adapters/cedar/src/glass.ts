import type { Ask, DecisionReason, Principal, Stated } from '@interlock/contracts';
import { NAME, readTime } from './annotation-values.js';
import type { AnnotationProblem } from './annotations.js';
import { CEDAR_LIMITS } from './limits.js';
import type { Rule } from './rule.js';

/** Who may lift a refusal alone, who looks at it afterwards, and by when. */
export interface Glass {
  /** Roles whose people may break it. */
  readonly breakers: readonly string[];
  /** Roles of which two people review it. */
  readonly reviewers: readonly string[];
  readonly reviewSeconds: number;
}

/** Who breaks the glass, by the requester and by what its command states. */
export interface Breaker {
  readonly principal: Principal;
  readonly stated?: Stated;
}

type Given = Readonly<Record<string, string | null>>;

/**
 * What a rule says of its glass. Nobody's word goes unseen: a glass without reviewers is a mistake, and so are reviewers without a glass. What has to be
 * signed runs under rights that the vault lets go of for signatures alone, so there is no glass before it.
 */
export function readGlass(given: Given, problems: AnnotationProblem[]): { readonly glass?: Glass } {
  const { break_glass: breaking, reviewers: reviewing, review_within: within, signed } = given;
  if (breaking === undefined || breaking === null) {
    for (const annotation of ['reviewers', 'review_within'].filter((name) => given[name] !== undefined)) problems.push({ annotation, detail: `@${annotation} without break_glass means nothing`, expected: `@break_glass("role") beside @${annotation}` });
    return {};
  }
  const breakers = readRoles('break_glass', breaking, problems);
  const reviewers = readRoles('reviewers', reviewing ?? '', problems);
  const reviewSeconds = within ? readTime(within, CEDAR_LIMITS.reviewSeconds) : CEDAR_LIMITS.defaultReviewSeconds;
  if (!reviewSeconds) problems.push({ annotation: 'review_within', detail: `${JSON.stringify(within)} is not a time for a review`, expected: 'a whole number of s, m or h up to 168h, as in "24h"' });
  if (signed) problems.push({ annotation: 'break_glass', detail: 'what has to be signed is done under rights that no glass gives', expected: '@signed or @break_glass, not both' });
  return breakers && reviewers && reviewSeconds ? { glass: { breakers, reviewers, reviewSeconds } } : {};
}

function readRoles(annotation: 'break_glass' | 'reviewers', text: string, problems: AnnotationProblem[]): readonly string[] | undefined {
  const roles = text.split(',').map((role) => role.trim());
  if (roles.every((role) => NAME.test(role)) && new Set(roles).size === roles.length) return roles;
  const isMissing = annotation === 'reviewers' && text === '';
  problems.push(isMissing
    ? { annotation: 'break_glass', detail: 'nobody reviews what breaks this glass', expected: '@reviewers("role") beside @break_glass' }
    : { annotation, detail: `${JSON.stringify(text)} names no roles`, expected: 'roles, each once, as in "oncall" or "dba,security"' });
  return undefined;
}

/** What reviewing the glass of all these rules takes, where this requester may break it; else why not, a reason for each rule in the way. */
export function glassFor(rules: readonly Rule[], breaker: Breaker): { readonly ok: true; readonly glass: NonNullable<Ask['glass']> } | { readonly ok: false; readonly reasons: readonly DecisionReason[] } {
  const reasons = rules.flatMap((rule) => {
    const why = whyNot(rule.lift?.glass, breaker);
    return why === undefined ? [] : [{ rule: rule.id, effect: rule.effect, message: `${rule.message} ${why}`, hint: 'Leave break_glass out, and people are asked.' }];
  });
  if (reasons.length > 0) return { ok: false, reasons };
  const glasses = rules.flatMap(({ lift }) => lift?.glass ?? []);
  const [first, ...others] = glasses;
  const reviewers = (first?.reviewers ?? []).filter((role) => others.every((glass) => glass.reviewers.includes(role)));
  if (reviewers.length > 0) return { ok: true, glass: { reviewers, reviewSeconds: Math.min(...glasses.map(({ reviewSeconds }) => reviewSeconds)) } };
  const message = `Its glass cannot be broken together with that of ${rules.slice(1).map(({ id }) => id).join(', ')}: no role reviews all of them.`;
  return { ok: false, reasons: [{ rule: rules[0]!.id, effect: rules[0]!.effect, message, hint: 'Leave break_glass out, and people are asked; or do it in smaller commands.' }] };
}

function whyNot(glass: Glass | undefined, { principal, stated }: Breaker): string | undefined {
  if (!glass) return 'It has no glass to break.';
  if (principal.kind !== 'human' || principal.actors !== undefined) return `Only people break its glass, in their own name, and ${principal.actors === undefined ? `${principal.name} is no person` : `${principal.actors.join(', ')} acts for ${principal.name}`}.`;
  if (!stated?.breakGlass?.trim()) return 'Whoever breaks its glass says why.';
  return glass.breakers.some((role) => principal.roles.includes(role)) ? undefined : `Its glass is broken by people of role ${glass.breakers.join(' or ')}, and ${principal.name} has none of these.`;
}
