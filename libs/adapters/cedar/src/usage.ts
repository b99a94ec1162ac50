import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';

/** The members of the context that some rule reads; `all` when a rule takes the context as a whole. */
export type ContextUse = ReadonlySet<string> | 'all';

export function uses(use: ContextUse, name: string): boolean {
  return use === 'all' || use.has(name);
}

/** An entity that a rule names. */
export interface NamedEntity {
  readonly type: string;
  readonly id: string;
}

/**
 * What the rules read of the context. A decision depends on nothing else of it, so only that is put into a request and
 * into the key of a remembered decision.
 */
export function contextUse(rules: readonly PolicyJson[]): ContextUse {
  const used = new Set<string>();
  const whole = rules.some((rule) => !collectUse(rule, used));
  return whole ? 'all' : used;
}

/** False when the context is taken as a whole somewhere below `node`. */
function collectUse(node: unknown, used: Set<string>): boolean {
  const attribute = contextAttribute(node);
  if (attribute !== undefined) {
    used.add(attribute);
    return true;
  }
  if (memberOf(node, 'Var') === 'context') return false;
  return childrenOf(node).every((child) => collectUse(child, used));
}

/** The attribute in `context.attribute` and `context has attribute`. */
function contextAttribute(node: unknown): string | undefined {
  for (const operator of ['.', 'has']) {
    const operation = memberOf(node, operator);
    if (memberOf(memberOf(operation, 'left'), 'Var') !== 'context') continue;
    const attribute = memberOf(operation, 'attr');
    const first: unknown = Array.isArray(attribute) ? attribute[0] : attribute;
    if (typeof first === 'string') return first;
  }
  return undefined;
}

/** Whether a rule reads the roles of its principal as a set of names, or something else of it that may be that. */
export function readsRoles(node: unknown): boolean {
  const attribute = memberOf(memberOf(node, '.'), 'attr');
  return attribute === 'roles' || childrenOf(node).some(readsRoles);
}

/** Whether a condition asks which action it is, beyond what the rule's head says. */
export function readsAction(node: unknown): boolean {
  return memberOf(node, 'Var') === 'action' || childrenOf(node).some(readsAction);
}

/** Every entity that the rule names, actions included. */
export function namedEntities(rule: PolicyJson): NamedEntity[] {
  const found = new Map<string, NamedEntity>();
  collectEntities(rule, found);
  return [...found.values()];
}

function collectEntities(node: unknown, found: Map<string, NamedEntity>): void {
  const [type, id] = [memberOf(node, 'type'), memberOf(node, 'id')];
  if (typeof type === 'string' && typeof id === 'string') found.set(JSON.stringify([type, id]), { type, id });
  for (const child of childrenOf(node)) collectEntities(child, found);
}

/** Cedar hands over maps or plain objects. */
function memberOf(node: unknown, name: string): unknown {
  if (node instanceof Map) return (node as Map<unknown, unknown>).get(name);
  return typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[name] : undefined;
}

function childrenOf(node: unknown): unknown[] {
  if (node instanceof Map) return [...(node as Map<unknown, unknown>).values()];
  return typeof node === 'object' && node !== null ? Object.values(node) : [];
}
