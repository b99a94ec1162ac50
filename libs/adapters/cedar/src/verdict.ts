import { VERBS, type Access, type Action, type GrantFact, type GatheredFacts, type Principal, type Target, type Verb } from '@interlock/contracts';
import type { EntityJson } from '@cedar-policy/cedar-wasm/nodejs';
import { contextOf } from './context.js';
import type { Question } from './engine.js';
import { objectEntity, sessionEntity, targetEntity, type Placed } from './entities.js';
import type { Slice } from './slices.js';
import { uses, type ContextUse } from './usage.js';
import type { Rule } from './rule.js';

/** What the rules say of one access. */
export type Verdict =
  | { readonly kind: 'permitted'; readonly rules: readonly string[]; readonly lifted: readonly string[] }
  /** Forbidden by rules that people may lift, and permitted without them. */
  | { readonly kind: 'liftable'; readonly rules: readonly string[] }
  | { readonly kind: 'forbidden'; readonly rules: readonly string[] }
  | { readonly kind: 'unpermitted'; readonly access: Access }
  | { readonly kind: 'failed'; readonly rule?: string; readonly detail: string };

/** What one command's accesses are judged with. */
export interface Bench {
  readonly rules: ReadonlyMap<string, Rule>;
  readonly slices: ReadonlyMap<Verb, Slice>;
  readonly use: ContextUse;
  /** Ids of the rules that a grant lifts. */
  readonly lifted: ReadonlySet<string>;
}

export interface Asked {
  readonly principal: Principal;
  readonly who: Placed;
  readonly target: Target;
  readonly action: Action;
  readonly grant?: GrantFact | undefined;
  /** By access. */
  readonly gathered?: readonly (GatheredFacts | null)[] | undefined;
}

/** Judges one access; denies whatever the vocabulary does not hold. */
export function verdictOn(access: Access, index: number, asked: Asked, bench: Bench): Verdict {
  const slice = Object.hasOwn(VERBS, access.verb) ? bench.slices.get(access.verb as Verb) : undefined;
  if (!slice) return { kind: 'failed', detail: `${access.verb} is no verb that rules can name` };
  const question = questionOf(access, index, asked, bench.use);
  if ('detail' in question) return { kind: 'failed', detail: question.detail };
  const answer = slice.all.ask(question);
  if (answer.kind === 'failed') return answer;
  if (answer.kind === 'permitted') return { ...answer, lifted: [] };
  if (answer.rules.length === 0) return { kind: 'unpermitted', access };
  return withoutLiftable(answer.rules, access, question, slice, bench);
}

/** Some rules forbid: do all of them yield to people, and would the access be permitted without them? */
function withoutLiftable(forbids: readonly string[], access: Access, question: Question, slice: Slice, bench: Bench): Verdict {
  const firm = forbids.filter((id) => !bench.rules.get(id)?.lift);
  if (firm.length > 0) return { kind: 'forbidden', rules: firm };
  const answer = slice.unliftable.ask(question);
  if (answer.kind === 'failed') return answer;
  if (answer.kind === 'forbidden') return { kind: 'unpermitted', access };
  const standing = forbids.filter((id) => !bench.lifted.has(id));
  return standing.length > 0 ? { kind: 'liftable', rules: standing } : { ...answer, lifted: forbids };
}

function questionOf(access: Access, index: number, { who, target, action, grant, gathered }: Asked, use: ContextUse): Question | { readonly detail: string } {
  const object = objectEntity(target, access.object);
  if (!object) return { detail: `the ${access.object.kind} ${JSON.stringify(access.object.path.join('.'))} is not fully named` };
  const context = contextOf(target.name, action, access, { grant, gathered: gathered?.[index] }, use);
  if ('missing' in context) return { detail: `the fact ${String(context['missing'])} is not known of this command` };
  const entities: EntityJson[] = [...who.entities, ...targetEntity(target).entities, ...object.entities];
  if (uses(use, 'session')) entities.push(...sessionEntity(action.context).entities);
  return { principal: who.uid, action: { type: 'Action', id: access.verb }, resource: object.uid, context, entities };
}
