import { placeOf } from '../analysis/named-objects.js';
import type { OtherAccess } from '../analysis/notes.js';
import { as, itemsOf, strings, type Content, type Node } from '../parser/tree.js';
import { changed } from './changes.js';
import { createdName } from './created.js';
import { alterColumns, newScope, shapeExpressions, useRelation } from './definitions.js';
import type { CatalogChange } from '../catalog/overlay.js';
import { access, CATALOG_CHANGES, NO_EFFECTS, UNTOLD, type Effects, type Meaning, type Readers, type Reading } from './meaning.js';
import type { Verb } from '@interlock/contracts';

type ObjectType = NonNullable<Content<'DropStmt'>['removeType']>;

/** DROP, RENAME, SET SCHEMA, OWNER TO, COMMENT and the making of schemas and types. */
export const OBJECT_READERS: Readers = {
  DropStmt: drop,
  RenameStmt: rename,
  AlterObjectSchemaStmt: moveToSchema,
  AlterOwnerStmt: (reading, node) => {
    named(reading, 'alter', node.objectType, node.relation, node.object);
    access(reading, 'administer', 'role', [node.newowner?.rolename ?? '?']);
    return { verb: 'alter', effects: CATALOG_CHANGES };
  },
  CommentStmt: (reading, node) => {
    named(reading, 'comment', node.objtype, undefined, node.object);
    return { verb: 'comment', effects: NO_EFFECTS };
  },
  CreateSchemaStmt: createSchema,
  CompositeTypeStmt: (reading, node) => {
    const range = node.typevar;
    if (range !== undefined) reading.a.notes.visit(range);
    access(reading, 'create', 'type', createdName(reading.a, [...(range?.schemaname === undefined ? [] : [range.schemaname]), range?.relname ?? '']));
    return { verb: 'create', effects: CATALOG_CHANGES };
  },
  CreateEnumStmt: (reading, node) => typeStatement(reading, 'create', strings(node.typeName)),
  CreateRangeStmt: (reading, node) => typeStatement(reading, 'create', strings(node.typeName)),
  AlterEnumStmt: (reading, node) => typeStatement(reading, 'alter', strings(node.typeName)),
  AlterTypeStmt: (reading, node) => typeStatement(reading, 'alter', strings(node.typeName)),
  CreateDomainStmt: (reading, node) => {
    shapeExpressions(reading.a, node.constraints ?? [], newScope(['value'], 'value'));
    return typeStatement(reading, 'create', strings(node.domainname));
  },
  AlterDomainStmt: (reading, node) => {
    if (node.def !== undefined) shapeExpressions(reading.a, [node.def], newScope(['value'], 'value'));
    reading.a.notes.loseLineage('a domain\'s constraint is tested against every row that uses it');
    return typeStatement(reading, 'alter', strings(node.typeName));
  },
};

function typeStatement(reading: Reading, verb: 'create' | 'alter', names: readonly string[]): Meaning {
  access(reading, verb, 'type', createdName(reading.a, names));
  return { verb, effects: CATALOG_CHANGES };
}

const RELATIONS = new Set<ObjectType>(['OBJECT_TABLE', 'OBJECT_FOREIGN_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_SEQUENCE', 'OBJECT_INDEX']);
/** Things that live on a table: naming one means altering the table. */
const ON_TABLES = new Set<ObjectType>(['OBJECT_TRIGGER', 'OBJECT_RULE', 'OBJECT_POLICY', 'OBJECT_COLUMN', 'OBJECT_TABCONSTRAINT']);
const KINDS: Partial<Record<ObjectType, OtherAccess['kind']>> = {
  OBJECT_SCHEMA: 'schema', OBJECT_FUNCTION: 'function', OBJECT_PROCEDURE: 'function', OBJECT_ROUTINE: 'function', OBJECT_AGGREGATE: 'function',
  OBJECT_TYPE: 'type', OBJECT_DOMAIN: 'type', OBJECT_ROLE: 'role', OBJECT_DATABASE: 'database',
};

/** Notes an access to an object of any type by its name as the tree holds it. */
function named(reading: Reading, verb: Verb, type: ObjectType | undefined, relation: Content<'RangeVar'> | undefined, object: Node | undefined): void {
  if (relation !== undefined) {
    useRelation(reading, verb, relation);
    return;
  }
  const names = objectNames(object);
  if (type !== undefined && RELATIONS.has(type)) relationByName(reading, verb, names);
  else if (type !== undefined && ON_TABLES.has(type)) relationByName(reading, verb === 'drop' ? 'alter' : verb, names.slice(0, -1));
  else access(reading, verb, KINDS[type ?? 'OBJECT_TABLE'] ?? 'other', objectPath(reading, type, names));
}

/** A name in any of the forms in which the tree holds one. */
export function objectNames(object: Node | undefined): string[] {
  const typed = as(object, 'TypeName')?.names ?? as(object, 'ObjectWithArgs')?.objname;
  if (typed !== undefined) return strings(typed);
  const text = as(object, 'String')?.sval;
  if (text !== undefined) return [text];
  return itemsOf(object).flatMap((item) => (as(item, 'String') === undefined ? objectNames(item) : strings([item])));
}

/** Functions and types are found along the search path; schemas and other global objects are their own place. */
function objectPath(reading: Reading, type: ObjectType | undefined, names: readonly string[]): readonly string[] {
  const kind = KINDS[type ?? 'OBJECT_TABLE'];
  if (names.length !== 1 || (kind !== 'function' && kind !== 'type')) return names;
  const [name = ''] = names;
  const found = kind === 'function' ? reading.a.catalog.functions(name, reading.a.path)[0] : reading.a.catalog.typeByName(name, reading.a.path);
  return [found?.schema ?? '?', name];
}

function relationByName(reading: Reading, verb: Verb, names: readonly string[]): void {
  const [relname = '', schemaname, catalogname] = [...names].reverse();
  useRelation(reading, verb, { relname, ...(schemaname === undefined ? {} : { schemaname }), ...(catalogname === undefined ? {} : { catalogname }) });
}

function drop(reading: Reading, node: Content<'DropStmt'>): Meaning {
  for (const object of node.objects ?? []) named(reading, 'drop', node.removeType, undefined, object);
  return {
    verb: 'drop',
    effects: dropEffects(reading, node),
    facts: { cascade: node.behavior === 'DROP_CASCADE', objectType: typeName(node.removeType) },
  };
}

/** A dropped relation is gone; what else CASCADE or a dropped schema takes along is not followed. */
function dropEffects(reading: Reading, node: Content<'DropStmt'>): Effects {
  const named = namedAway(reading, node);
  return node.behavior === 'DROP_CASCADE' ? { ...UNTOLD, changes: [...UNTOLD.changes ?? [], ...named.changes ?? []] } : named;
}

function namedAway(reading: Reading, node: Content<'DropStmt'>): Effects {
  if (node.removeType === 'OBJECT_SCHEMA') {
    return { ...CATALOG_CHANGES, changes: (node.objects ?? []).map((object) => ({ kind: 'schema', name: objectNames(object)[0] ?? '', exists: false })) };
  }
  return changed('dropped', [...reading.a.notes.uses.values()].filter((use) => use.verb === 'drop'));
}

function typeName(type: ObjectType | undefined): string {
  return (type ?? '').replace('OBJECT_', '').toLowerCase();
}

/** A column's or relation's name is what rules may go by: renaming alters all that it covers. */
function rename(reading: Reading, node: Content<'RenameStmt'>): Meaning {
  const { a } = reading;
  if (node.relation !== undefined) {
    const use = useRelation(reading, 'alter', node.relation);
    const isColumn = node.renameType === 'OBJECT_COLUMN' || node.renameType === 'OBJECT_ATTRIBUTE';
    if (isColumn) use.columnsWritten.add(node.subname ?? '');
    if (isColumn || RELATIONS.has(node.renameType ?? 'OBJECT_TABLE')) alterColumns(a, use, isColumn ? node.subname : undefined);
  } else if (node.renameType === 'OBJECT_SCHEMA') {
    access(reading, 'alter', 'schema', [node.subname ?? '']);
    for (const relation of a.catalog.relationsIn(node.subname ?? '')) for (const column of relation.columns) a.notes.altered.add(column);
  } else {
    const global = node.renameType === 'OBJECT_ROLE' || node.renameType === 'OBJECT_DATABASE' || node.object === undefined;
    if (global) access(reading, 'administer', KINDS[node.renameType ?? 'OBJECT_ROLE'] ?? 'other', [node.subname ?? '?']);
    else named(reading, 'alter', node.renameType, undefined, node.object);
  }
  const effects = renameEffects(reading, node);
  return { verb: 'alter', effects, facts: { objectType: typeName(node.renameType), renamesTo: node.newname ?? '' } };
}

/** The old name is gone, and what the new one names is lost until the catalog is read again; other renames may move anything. */
function renameEffects({ a }: Reading, node: Content<'RenameStmt'>): Effects {
  const [use] = a.notes.uses.values();
  if (node.renameType === 'OBJECT_SCHEMA') {
    return { ...UNTOLD, changes: [...UNTOLD.changes ?? [], { kind: 'schema', name: node.subname ?? '', exists: false }, { kind: 'schema', name: node.newname ?? '', exists: true }] };
  }
  if (use === undefined || node.relation === undefined) return UNTOLD;
  if (node.subname !== undefined) return changed('lost', [use]);
  const { schema, name } = use;
  return { ...CATALOG_CHANGES, changes: [{ kind: 'dropped', schema, name }, { kind: 'lost', schema, name: node.newname ?? '' }] };
}

function moveToSchema(reading: Reading, node: Content<'AlterObjectSchemaStmt'>): Meaning {
  const { a } = reading;
  named(reading, 'alter', node.objectType, node.relation, node.object);
  access(reading, 'alter', 'schema', [node.newschema ?? '']);
  for (const relation of node.relation === undefined ? [] : [placeOf(a, node.relation).relation]) {
    for (const column of relation?.columns ?? []) a.notes.altered.add(column);
  }
  const moved = [...a.notes.uses.values()].flatMap(({ schema, name }): CatalogChange[] => [
    { kind: 'dropped', schema, name }, { kind: 'lost', schema: node.newschema ?? '', name },
  ]);
  const effects: Effects = moved.length === 0 ? UNTOLD : { ...CATALOG_CHANGES, changes: moved };
  return { verb: 'alter', effects, facts: { objectType: typeName(node.objectType) } };
}

/** Elements inside CREATE SCHEMA resolve in a schema that does not exist yet: not followed. */
function createSchema(reading: Reading, node: Content<'CreateSchemaStmt'>): Meaning {
  if ((node.schemaElts ?? []).length > 0) reading.a.notes.refuse('CREATE SCHEMA with objects inside; create them by statements of their own');
  const name = node.schemaname ?? node.authrole?.rolename ?? '?';
  access(reading, 'create', 'schema', [name]);
  return { verb: 'create', effects: { ...CATALOG_CHANGES, changes: [{ kind: 'schema', name, exists: true }] } };
}

