import { as, strings, type Content, type Node } from '../parser/tree.js';
import { createdName } from './created.js';
import { useRelation, visitAll } from './definitions.js';
import { access, CATALOG_CHANGES, NO_EFFECTS, UNTOLD, type Meaning, type Readers, type Reading } from './meaning.js';
import { objectNames } from './objects.js';

/** GRANT and REVOKE, and the administration of the server and its global objects, each judged as a whole. */
export const RIGHTS_READERS: Readers = {
  GrantStmt: grant,
  GrantRoleStmt: (reading, node) => {
    for (const item of node.granted_roles ?? []) access(reading, node.is_grant === true ? 'grant' : 'revoke', 'role', [as(item, 'AccessPriv')?.priv_name ?? '']);
    return { verb: node.is_grant === true ? 'grant' : 'revoke', effects: NO_EFFECTS, facts: { grantees: roleNames(node.grantee_roles) } };
  },
  AlterDefaultPrivilegesStmt: (reading, node) => {
    access(reading, node.action?.is_grant === true ? 'grant' : 'revoke', 'target', []);
    return { verb: node.action?.is_grant === true ? 'grant' : 'revoke', effects: NO_EFFECTS, facts: { grantees: roleNames(node.action?.grantees) } };
  },
  CreateRoleStmt: (reading, node) => role(reading, node.role ?? '', node),
  AlterRoleStmt: (reading, node) => role(reading, node.role?.rolename ?? '?', node),
  AlterRoleSetStmt: (reading, node) => role(reading, node.role?.rolename ?? '*', node),
  DropRoleStmt: (reading, node) => {
    for (const name of roleNames(node.roles)) access(reading, 'administer', 'role', [name]);
    return { verb: 'administer', effects: NO_EFFECTS };
  },
  CreatedbStmt: database,
  DropdbStmt: database,
  AlterDatabaseStmt: database,
  AlterDatabaseSetStmt: database,
  AlterDatabaseRefreshCollStmt: database,
  CheckPointStmt: () => ({ verb: 'administer', effects: NO_EFFECTS }),
  DefineStmt: define,
  CreateExtensionStmt: whole('extension'),
  AlterExtensionStmt: whole('extension'),
  AlterExtensionContentsStmt: whole('extension'),
  AlterSystemStmt: whole('server'),
  LoadStmt: whole('library'),
  DropOwnedStmt: whole('owned objects'),
  ReassignOwnedStmt: whole('owned objects'),
  SecLabelStmt: whole('security label'),
  CreateTableSpaceStmt: whole('tablespace'),
  DropTableSpaceStmt: whole('tablespace'),
  AlterTableSpaceOptionsStmt: whole('tablespace'),
  AlterTableMoveAllStmt: whole('tablespace'),
  CreateFdwStmt: whole('foreign data'),
  AlterFdwStmt: whole('foreign data'),
  CreateForeignServerStmt: whole('foreign data'),
  AlterForeignServerStmt: whole('foreign data'),
  CreateUserMappingStmt: whole('foreign data'),
  AlterUserMappingStmt: whole('foreign data'),
  DropUserMappingStmt: whole('foreign data'),
  ImportForeignSchemaStmt: whole('foreign data'),
  CreatePublicationStmt: whole('replication'),
  AlterPublicationStmt: whole('replication'),
  CreateSubscriptionStmt: whole('replication'),
  AlterSubscriptionStmt: whole('replication'),
  DropSubscriptionStmt: whole('replication'),
  CreateEventTrigStmt: whole('event trigger'),
  AlterEventTrigStmt: whole('event trigger'),
  CreatePLangStmt: whole('language'),
  CreateAmStmt: whole('access method'),
  CreateCastStmt: whole('cast'),
  CreateTransformStmt: whole('cast'),
  CreateConversionStmt: whole('conversion'),
  CreateOpClassStmt: whole('operator class'),
  CreateOpFamilyStmt: whole('operator class'),
  AlterOpFamilyStmt: whole('operator class'),
  AlterOperatorStmt: whole('operator'),
  AlterCollationStmt: whole('collation'),
  AlterTSDictionaryStmt: whole('text search'),
  AlterTSConfigurationStmt: whole('text search'),
  AlterObjectDependsStmt: whole('dependency'),
  CreateStatsStmt: whole('statistics'),
  AlterStatsStmt: whole('statistics'),
};

/** Statements about things that no policy here names one by one: administration of a kind of thing, and nothing finer. */
function whole(noun: string): (reading: Reading, node: object) => Meaning {
  return (reading, node) => {
    visitAll(reading.a, node);
    access(reading, 'administer', 'other', [noun]);
    reading.a.notes.loseLineage(`a statement about ${noun} is judged as a whole`);
    return { verb: 'administer', effects: UNTOLD };
  };
}

function database(reading: Reading, node: { readonly dbname?: string }): Meaning {
  visitAll(reading.a, node);
  access(reading, 'administer', 'database', [node.dbname ?? '']);
  return { verb: 'administer', effects: NO_EFFECTS };
}

function role(reading: Reading, name: string, node: object): Meaning {
  visitAll(reading.a, node);
  access(reading, 'administer', 'role', [name]);
  return { verb: 'administer', effects: NO_EFFECTS };
}

/** Aggregates, operators, base types, text search: an object with code behind it. */
function define(reading: Reading, node: Content<'DefineStmt'>): Meaning {
  visitAll(reading.a, node);
  const kind = node.kind === 'OBJECT_AGGREGATE' ? 'function' : node.kind === 'OBJECT_TYPE' ? 'type' : 'other';
  access(reading, 'create', kind, createdName(reading.a, strings(node.defnames)));
  access(reading, 'administer', 'other', [(node.kind ?? '').replace('OBJECT_', '').toLowerCase()]);
  return { verb: 'create', effects: UNTOLD };
}

function grant(reading: Reading, node: Content<'GrantStmt'>): Meaning {
  const verb = node.is_grant === true ? 'grant' : 'revoke';
  for (const object of node.objects ?? []) grantObject(reading, verb, node, object);
  const privileges = (node.privileges ?? []).map((item) => as(item, 'AccessPriv')?.priv_name ?? '');
  return {
    verb,
    // Who may not use a schema finds no names in it.
    effects: node.objtype === 'OBJECT_SCHEMA' ? CATALOG_CHANGES : NO_EFFECTS,
    facts: { grantees: roleNames(node.grantees), privileges: privileges.length === 0 ? ['all'] : privileges, grantOption: node.grant_option === true },
  };
}

function grantObject(reading: Reading, verb: 'grant' | 'revoke', node: Content<'GrantStmt'>, object: Node): void {
  const range = as(object, 'RangeVar');
  if (range !== undefined) return void useRelation(reading, verb, range);
  const names = objectNames(object);
  if (node.targtype === 'ACL_TARGET_ALL_IN_SCHEMA' || node.objtype === 'OBJECT_SCHEMA') return access(reading, verb, 'schema', names);
  switch (node.objtype) {
    case 'OBJECT_FUNCTION': case 'OBJECT_PROCEDURE': case 'OBJECT_ROUTINE': return access(reading, verb, 'function', createdName(reading.a, names));
    case 'OBJECT_DATABASE': return access(reading, verb, 'database', names);
    case 'OBJECT_TYPE': case 'OBJECT_DOMAIN': return access(reading, verb, 'type', createdName(reading.a, names));
    default: return access(reading, verb, 'other', names);
  }
}

function roleNames(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).map((node) => {
    const spec = as(node, 'RoleSpec');
    return spec?.rolename ?? (spec?.roletype ?? '').replace('ROLESPEC_', '').toLowerCase();
  });
}
