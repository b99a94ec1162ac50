import type { EntityJson, TypeAndId } from '@cedar-policy/cedar-wasm/nodejs';
import { unreachable } from '@interlock/kernel';
import type { ObjectRef, Principal, Target } from '@interlock/contracts';
import { TYPE_OF_KIND } from './model.js';

/** An entity and everything above it, as one evaluation needs them. */
export interface Placed {
  readonly uid: TypeAndId;
  readonly entities: readonly EntityJson[];
}

/** Agents and humans with their roles; a service is nobody a rule can speak of. */
export function principalEntity(principal: Principal): Placed | undefined {
  if (principal.kind === 'service') return undefined;
  const uid = { type: principal.kind === 'agent' ? 'Agent' : 'Human', id: principal.name };
  const attrs = { name: principal.name, roles: principal.roles, party: principal.party };
  return { uid, entities: [{ uid, attrs, parents: principal.roles.map((id) => ({ type: 'Role', id })) }] };
}

export function targetEntity(target: Target): Placed {
  const uid = { type: 'Target', id: target.name };
  return { uid, entities: [{ uid, attrs: { name: target.name, schema: '' }, parents: [], tags: target.labels }] };
}

/** What the meaning of the command depends on beside its text, as tags. */
export function sessionEntity(context: Readonly<Record<string, string>>): Placed {
  const uid = { type: 'Session', id: 'session' };
  return { uid, entities: [{ uid, attrs: {}, parents: [], tags: { ...context } }] };
}

/** The object below its target, without the target's own entity; undefined when its path is not that of its kind. */
export function objectEntity(target: Target, object: ObjectRef): Placed | undefined {
  const top = { type: 'Target', id: target.name };
  if (object.kind === 'target') return { uid: top, entities: [] };
  const path = pathOf(object);
  if (!path) return undefined;
  const name = path.at(-1)!;
  const uid = { type: TYPE_OF_KIND[object.kind], id: entityId(target, path) };
  if (path.length === 1 || object.kind === 'schema') return { uid, entities: [{ uid, attrs: { name, schema: '' }, parents: [top] }] };
  const schema = { type: 'Schema', id: entityId(target, path.slice(0, 1)) };
  return {
    uid,
    entities: [
      { uid, attrs: { name, schema: path[0]! }, parents: [schema] },
      { uid: schema, attrs: { name: path[0]!, schema: '' }, parents: [top] },
    ],
  };
}

/** `Table::"shop/public/orders"`; a slash or percent sign inside a name is escaped, so that two objects never share an id. */
export function entityId(target: Target, path: readonly string[]): string {
  return [target.name, ...path].map((segment) => segment.replaceAll('%', '%25').replaceAll('/', '%2F')).join('/');
}

/** The path below the database; undefined when segments are missing. */
function pathOf({ kind, path }: ObjectRef): readonly string[] | undefined {
  if (path.some((segment) => segment === '')) return undefined;
  switch (kind) {
    case 'target': return [];
    case 'schema': return path.length === 2 ? path.slice(1) : undefined;
    case 'table': case 'view': case 'sequence': case 'function': case 'type': return path.length === 3 ? path.slice(1) : undefined;
    case 'database': case 'role': case 'setting': case 'channel': return path.length > 0 ? path.slice(-1) : undefined;
    case 'other': return path.length > 1 ? path.slice(1) : path.length === 1 ? path : undefined;
    default: return unreachable(kind);
  }
}
