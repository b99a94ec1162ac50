import type { CedarValueJson, Context } from '@cedar-policy/cedar-wasm/nodejs';
import { ESTIMATE_FACTS, FACTS, HISTORY_FACTS, type Access, type Action, type FactSpec, type FactValue, type GrantFact, type GatheredFacts } from '@interlock/contracts';
import { uses, type ContextUse } from './usage.js';

/** A fact that rules read and the command does not state. */
export interface MissingFact {
  readonly missing: string;
}

/** What was fetched for a decision, beside the action. */
export interface Fetched {
  readonly grant?: GrantFact | undefined;
  /** For this access. */
  readonly gathered?: GatheredFacts | null | undefined;
}

/** Builds the context of one access: what the rules read of it, and nothing else. */
export function contextOf(target: string, action: Action, access: Access, { grant, gathered }: Fetched, use: ContextUse): Context | MissingFact {
  const context: Record<string, CedarValueJson> = {};
  for (const [name, read] of MEMBERS) {
    const value = uses(use, name) ? read(target, action, access, grant) : undefined;
    if (value !== undefined) context[name] = value;
  }
  for (const [name, spec] of FACT_ENTRIES) {
    if (!uses(use, name)) continue;
    const value = factOf(action, name, spec);
    if (value === undefined) return { missing: name };
    context[name] = value as CedarValueJson;
  }
  for (const name of GATHERED_NAMES) if (uses(use, name)) context[name] = gatheredFact(gathered, name);
  return context;
}

type Read = (target: string, action: Action, access: Access, grant: GrantFact | undefined) => CedarValueJson | undefined;

const MEMBERS: readonly (readonly [string, Read])[] = [
  ['target', (target) => ({ type: 'Target', id: target })],
  ['session', () => ({ type: 'Session', id: 'session' })],
  ['protocol', (_target, action) => action.protocol],
  ['command', (_target, action) => action.verb],
  ['textBytes', (_target, action) => Buffer.byteLength(action.text)],
  ['columnsRead', (_target, _action, access) => access.columnsRead ?? []],
  ['columnsWritten', (_target, _action, access) => access.columnsWritten ?? []],
  ['grant', (_target, _action, _access, grant) => grant && { id: grant.id, approvers: grant.approvers }],
];

export const HISTORY_NAMES = Object.keys(HISTORY_FACTS) as (keyof typeof HISTORY_FACTS)[];

export const ESTIMATE_NAMES = Object.keys(ESTIMATE_FACTS) as (keyof typeof ESTIMATE_FACTS)[];
export const GATHERED_NAMES = [...HISTORY_NAMES, ...ESTIMATE_NAMES];
const ABSENT = { ...HISTORY_FACTS, ...ESTIMATE_FACTS } as const;

/** As gathered, else the answer that favours the command least. */
export function gatheredFact(gathered: GatheredFacts | null | undefined, name: (typeof GATHERED_NAMES)[number]): boolean | number {
  return gathered?.[name] ?? ABSENT[name].absent;
}

export const FACT_ENTRIES = Object.entries<FactSpec>(FACTS);

/** The fact as the interpreter states it, else as the vocabulary assumes it. */
export function factOf(action: Action, name: string, spec: FactSpec): FactValue | undefined {
  return Object.hasOwn(action.facts, name) ? action.facts[name] : spec.absent;
}
