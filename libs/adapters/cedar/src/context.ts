import type { CedarValueJson, Context } from '@cedar-policy/cedar-wasm/nodejs';
import { FACTS, type Access, type Action, type FactSpec, type FactValue, type GrantFact } from '@interlock/contracts';
import type { ContextUse } from './usage.js';

/** A fact that rules read and the command does not state. */
export interface MissingFact {
  readonly missing: string;
}

/** Builds the context of one access: everything the schema requires; what no rule reads is there, and says nothing. */
export function contextOf(target: string, action: Action, access: Access, grant: GrantFact | undefined, use: ContextUse): Context | MissingFact {
  const context: Record<string, CedarValueJson> = {
    target: { type: 'Target', id: target },
    session: { type: 'Session', id: 'session' },
    protocol: action.protocol,
    command: action.verb,
    textBytes: Buffer.byteLength(action.text),
    columnsRead: access.columnsRead ?? [],
    columnsWritten: access.columnsWritten ?? [],
    ...(grant && { grant: { id: grant.id, approvers: grant.approvers } }),
  };
  for (const [name, spec] of Object.entries<FactSpec>(FACTS)) {
    const value = uses(use, name) ? factOf(action, name, spec) : SILENT[spec.type];
    if (value === undefined) return { missing: name };
    context[name] = value as CedarValueJson;
  }
  return context;
}

const SILENT: Readonly<Record<FactSpec['type'], FactValue>> = { boolean: false, number: 0, text: '', set: [] };

/** The fact as the interpreter states it, else as the vocabulary assumes it. */
export function factOf(action: Action, name: string, spec: FactSpec): FactValue | undefined {
  return Object.hasOwn(action.facts, name) ? action.facts[name] : spec.absent;
}

export function uses(use: ContextUse, name: string): boolean {
  return use === 'all' || use.has(name);
}
