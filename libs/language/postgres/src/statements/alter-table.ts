import type { RelationUse } from '../analysis/notes.js';
import { as, type Content, type Node } from '../parser/tree.js';
import { changed } from './changes.js';
import { constraint } from './constraints.js';
import { alterColumns, definitionScope, shapeColumns, shapeExpressions, useRelation } from './definitions.js';
import { access, CATALOG_CHANGES, type Meaning, type Reading } from './meaning.js';

type Command = Content<'AlterTableCmd'>;

/** ALTER TABLE, VIEW, SEQUENCE, INDEX and TYPE (of composite types): each of its commands. */
export function alterTable(reading: Reading, node: Content<'AlterTableStmt'>): Meaning {
  if (node.relation === undefined) return { verb: 'alter', effects: CATALOG_CHANGES };
  const use = useRelation(reading, 'alter', node.relation);
  const commands = (node.cmds ?? []).map((item) => as(item, 'AlterTableCmd')).filter((command) => command !== undefined);
  for (const command of commands) alterCommand(reading, command, use);
  const kinds = [...new Set(commands.map((command) => (command.subtype ?? '').replace('AT_', '')))];
  return { verb: 'alter', effects: changed('lost', [use]), facts: { alterations: kinds, ...(commands.some((command) => command.behavior === 'DROP_CASCADE') ? { cascade: true } : {}) } };
}

/** Commands whose `name` is a column, and which change or test what that column holds. */
const COLUMN_COMMANDS = new Set<Command['subtype']>([
  'AT_DropColumn', 'AT_AlterColumnType', 'AT_SetNotNull', 'AT_DropNotNull', 'AT_ColumnDefault', 'AT_SetExpression', 'AT_DropExpression',
  'AT_AddIdentity', 'AT_SetIdentity', 'AT_DropIdentity', 'AT_SetStatistics', 'AT_SetOptions', 'AT_ResetOptions', 'AT_SetStorage', 'AT_SetCompression',
]);

/** Those that test every row, so that their failing tells. */
const TESTING_COMMANDS = new Set<Command['subtype']>(['AT_AlterColumnType', 'AT_SetNotNull', 'AT_ValidateConstraint']);

function alterCommand(reading: Reading, command: Command, use: RelationUse): void {
  const { a } = reading;
  if (COLUMN_COMMANDS.has(command.subtype)) {
    use.columnsWritten.add(command.name ?? '');
    if (command.subtype !== 'AT_ColumnDefault' && command.subtype !== 'AT_SetStatistics') alterColumns(a, use, command.name);
    if (TESTING_COMMANDS.has(command.subtype)) shapeColumns(a, use, [command.name ?? '']);
  }
  if (command.subtype === 'AT_ValidateConstraint') for (const column of use.relation?.columns ?? []) a.notes.shapeColumn(column, 'DEFINITION');
  if (command.subtype === 'AT_ChangeOwner') access(reading, 'administer', 'role', [command.newowner?.rolename ?? '?']);
  if (command.def !== undefined) definition(reading, command.def, use);
}

/** Gaining or losing a parent or a partition changes which labels each one's columns share. */
function kinship({ a }: Reading, one: RelationUse, other: RelationUse): void {
  alterColumns(a, one);
  alterColumns(a, other);
}

/** A column, a constraint, a partition, a parent, or an expression. */
function definition(reading: Reading, node: Node, use: RelationUse): void {
  const { a } = reading;
  const column = as(node, 'ColumnDef');
  const found = as(node, 'Constraint');
  const partition = as(node, 'PartitionCmd');
  const parent = as(node, 'RangeVar');
  if (partition !== undefined) a.notes.visit(partition);
  for (const relative of [parent, partition?.name]) {
    if (relative !== undefined) kinship(reading, use, useRelation(reading, 'alter', relative));
  }
  if (found !== undefined) constraint(reading, found, use);
  for (const item of column?.constraints ?? []) {
    const inner = as(item, 'Constraint');
    if (inner === undefined) continue;
    constraint(reading, inner, undefined);
    if (inner.contype === 'CONSTR_GENERATED' && inner.raw_expr !== undefined) {
      a.notes.carries.push({ into: undefined, value: a.expression(inner.raw_expr, withNew(use, column?.colname)) });
    }
  }
  shapeExpressions(a, [node], withNew(use, column?.colname));
}

/** The table's columns, and the one being added. */
function withNew(use: RelationUse, name: string | undefined): ReturnType<typeof definitionScope> {
  const scope = definitionScope(use);
  if (name === undefined) return scope;
  return { ...scope, columns: [...scope.columns, { name, value: { origins: [], direct: true, total: true }, marks: [] }] };
}
