import type { CedarValueJson, Context } from '@cedar-policy/cedar-wasm/nodejs';
import { FACTS, HISTORY_FACTS, type Access, type Action, type FactSpec, type FactValue, type GrantFact, type HistoryFacts } from '@interlock/contracts';
import { uses, type ContextUse } from './usage.js';

/** A fact that rules read and the command does not state. */
export interface MissingFact {
  readonly missing: string;
}

/** What was fetched for a decision, beside the action. */
export interface Fetched {
  readonly grant?: GrantFact | undefined;
  /** Of this access's object. */
  readonly history?: HistoryFacts | null | undefined;
}

/** Builds the context of one access: what the rules read of it, and nothing else. */
export function contextOf(target: string, action: Action, access: Access, { grant, history }: Fetched, use: ContextUse): Context | MissingFact {
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
  for (const name of HISTORY_NAMES) if (uses(use, name)) context[name] = historyFact(history, name);
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

/** As gathered, else the answer that favours the command least. */
export function historyFact(history: HistoryFacts | null | undefined, name: keyof typeof HISTORY_FACTS): boolean {
  return history?.[name] ?? HISTORY_FACTS[name].absent;
}

export const FACT_ENTRIES = Object.entries<FactSpec>(FACTS);

/** The fact as the interpreter states it, else as the vocabulary assumes it. */
export function factOf(action: Action, name: string, spec: FactSpec): FactValue | undefined {
  return Object.hasOwn(action.facts, name) ? action.facts[name] : spec.absent;
}
