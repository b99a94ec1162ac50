import type { Access, FactValue, GatheredFacts, Stated } from '@interlock/contracts';
import type { JudgeRequest } from '@interlock/domain-policy';
import { CEDAR_LIMITS } from './limits.js';
import { FACT_ENTRIES, factOf, GATHERED_NAMES, gatheredFact } from './context.js';
import { uses, type ContextUse } from './usage.js';

/**
 * The shape of a request: a text equal for two requests exactly when everything that the rules of one bundle can read of
 * them is equal. Parameter values and, unless a rule reads it, the text are no part of it. Undefined when too long to be
 * worth remembering.
 *
 * Every part carries its length, so that no choice of names makes two shapes collide.
 */
export function shapeOf({ principal, target, action, gathered }: JudgeRequest, use: ContextUse): string | undefined {
  let shape = statedPart(action.stated, principal.actors) + part(principal.kind) + part(principal.name) + list(principal.roles) + list(principal.party) + part(target.name);
  for (const [index, access] of action.accesses.entries()) shape += accessPart(access, gathered?.[index], use);
  if (uses(use, 'protocol')) shape += part(action.protocol);
  if (uses(use, 'command')) shape += part(action.verb);
  if (uses(use, 'textBytes')) shape += `${Buffer.byteLength(action.text)};`;
  if (uses(use, 'session')) shape += part(JSON.stringify(Object.entries(action.context).sort()));
  for (const [name, spec] of FACT_ENTRIES) {
    if (uses(use, name)) shape += factPart(factOf(action, name, spec));
  }
  return shape.length <= CEDAR_LIMITS.cacheKeyLength ? shape : undefined;
}

/** Rules insist on what is stated, and read nothing of it; the glass is broken by who acts in their own name, with a reason. */
function statedPart({ reason, ticket, breakGlass }: Stated = {}, actors?: readonly string[]): string {
  const breaks = breakGlass === undefined ? '' : `${breakGlass.trim() === '' ? 'e' : 'g'}${actors ? list(actors) : ''}`;
  return `${reason === undefined ? '' : 'r'}${ticket === undefined ? '' : 't'}${breaks};`;
}

function accessPart(access: Access, gathered: GatheredFacts | null | undefined, use: ContextUse): string {
  let shape = `|${part(access.verb)}${access.object.kind};${list(access.object.path)}`;
  if (uses(use, 'columnsRead')) shape += list(access.columnsRead ?? []);
  if (uses(use, 'columnsWritten')) shape += list(access.columnsWritten ?? []);
  for (const name of GATHERED_NAMES) if (uses(use, name)) shape += factPart(gatheredFact(gathered, name));
  return shape;
}

function factPart(value: FactValue | undefined): string {
  if (value === undefined) return '?';
  if (Array.isArray(value)) return list(value);
  return typeof value === 'string' ? part(value) : `${String(value)};`;
}

function list(values: readonly string[]): string {
  let shape = `${values.length}#`;
  for (const value of values) shape += part(value);
  return shape;
}

function part(value: string): string {
  return `${value.length}:${value}`;
}
