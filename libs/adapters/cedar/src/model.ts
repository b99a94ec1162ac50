import type { EntityType, SchemaJson, Type } from '@cedar-policy/cedar-wasm/nodejs';
import { Duty, FACTS, ESTIMATE_FACTS, HISTORY_FACTS, ObjectRef, VERBS, type FactSpec } from '@interlock/contracts';
import { uses, type ContextUse } from './usage.js';

/** The entity type of each kind of object. A role of the database is not a role of Interlock. */
export const TYPE_OF_KIND = {
  target: 'Target', database: 'Database', schema: 'Schema', table: 'Table', view: 'View', sequence: 'Sequence', function: 'Function',
  type: 'Type', role: 'DatabaseRole', setting: 'Setting', channel: 'Channel', other: 'Other',
} as const satisfies Record<ObjectRef['kind'], string>;

const TEXT: Type<string> = { type: 'String' };
const TEXTS: Type<string> = { type: 'Set', element: TEXT };
const PERSON: EntityType<string> = { memberOfTypes: ['Role'], shape: record({ name: TEXT, roles: TEXTS, party: TEXTS }) };
const OBJECT = record({ name: TEXT, schema: TEXT });

const CEDAR_TYPE: Readonly<Record<FactSpec['type'], Type<string>>> = { boolean: { type: 'Boolean' }, number: { type: 'Long' }, text: TEXT, set: TEXTS };

/**
 * The Cedar schema of the action model: what rules may name and read, with types. Rules are checked against the whole of it
 * when they are loaded; every request is checked against the part of the context that those rules read, which is all it holds.
 * Every verb can be named; `applying` are those that a command can be of.
 */
export function schemaFor(use: ContextUse, applying = Object.keys(VERBS)): SchemaJson<string> {
  return { '': { entityTypes: entityTypes(), actions: actions(use, new Set(applying)) } };
}

function entityTypes(): Record<string, EntityType<string>> {
  const objects = ObjectRef.shape.kind.options.map((kind) => [TYPE_OF_KIND[kind], { memberOfTypes: ['Schema', 'Target'], shape: OBJECT }] as const);
  return {
    Role: {}, Agent: PERSON, Human: PERSON,
    ...Object.fromEntries(objects),
    Schema: { memberOfTypes: ['Target'], shape: OBJECT },
    Target: { shape: OBJECT, tags: TEXT },
    Session: { tags: TEXT },
  };
}

function actions(use: ContextUse, applying: ReadonlySet<string>): SchemaJson<string>['']['actions'] {
  const appliesTo = { principalTypes: ['Agent', 'Human'], resourceTypes: Object.values(TYPE_OF_KIND), context: context(use) };
  const duties = Duty.options.map((duty) => [duty, {}] as const);
  const verbs = Object.entries(VERBS).map(([verb, duty]) => [verb, { ...(applying.has(verb) && { appliesTo }), ...(verb !== duty && { memberOf: [{ id: duty }] }) }] as const);
  return Object.fromEntries([...duties, ...verbs]);
}

function context(use: ContextUse): Type<string> {
  const facts = Object.entries({ ...FACTS, ...HISTORY_FACTS, ...ESTIMATE_FACTS }).map(([name, fact]) => [name, CEDAR_TYPE[fact.type]] as const);
  const members = {
    target: { type: 'Entity', name: 'Target' }, session: { type: 'Entity', name: 'Session' },
    protocol: TEXT, command: TEXT, textBytes: { type: 'Long' }, columnsRead: TEXTS, columnsWritten: TEXTS,
    grant: { ...record({ id: TEXT, approvers: TEXTS }), required: false },
    ...Object.fromEntries(facts),
  } as const;
  return record(Object.fromEntries(Object.entries(members).filter(([name]) => uses(use, name))));
}

function record(attributes: Record<string, Type<string> & { required?: boolean }>): Type<string> {
  return { type: 'Record', attributes };
}
