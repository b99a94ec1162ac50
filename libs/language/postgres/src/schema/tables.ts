import { as, strings, type Content, type Node } from '../parser/tree.js';
import type { DraftRelation, NewColumn, SchemaModel } from './model.js';
import { columnsOf, namesOf, typeOid } from './types.js';

/** CREATE TABLE in all its forms: columns, LIKE, INHERITS, PARTITION OF, OF type. */
export function createTable(model: SchemaModel, node: Content<'CreateStmt'>): void {
  const { relation, tableElts = [], inhRelations = [], ofTypename, if_not_exists } = node;
  const place = model.placeFor(namesOf(relation), relation?.relpersistence === 't');
  if (if_not_exists === true && model.relation([place.schema, place.name]) !== undefined) return;
  const parents = inhRelations.map((item) => model.relation(namesOf(as(item, 'RangeVar')))).filter((parent) => parent !== undefined);
  const columns = new Map<string, NewColumn>();
  for (const column of [...parents.flatMap((parent) => parent.columns), ...columnsOfType(model, ofTypename)]) if (!columns.has(column.name)) columns.set(column.name, column);
  for (const column of tableElts.flatMap((element) => elementColumns(model, element))) {
    const inherited = columns.get(column.name);
    columns.set(column.name, inherited === undefined ? column : { ...inherited, notNull: inherited.notNull === true || column.notNull === true });
  }
  const table = model.addRelation(place, node.partspec === undefined ? 'table' : 'partitioned_table', [...columns.values()]);
  for (const parent of parents) model.parents.push({ child: table.oid, parent: parent.oid });
}

/** The columns of a column definition, or of the relation that LIKE names. */
function elementColumns(model: SchemaModel, element: Node): NewColumn[] {
  const like = as(element, 'TableLikeClause')?.relation;
  if (like === undefined) return columnsOf(model, [element]);
  const [name = '', schema] = namesOf(like).reverse();
  const catalog = model.catalog;
  const copied = schema === undefined ? catalog.visibleRelation(name, model.path) : catalog.relation(schema, name);
  return (copied?.columns ?? []).map((column) => ({ name: column.name, typeOid: column.typeOid, notNull: column.notNull }));
}

function columnsOfType(model: SchemaModel, type: Content<'TypeName'> | undefined): NewColumn[] {
  if (type === undefined) return [];
  const catalog = model.catalog;
  return [...catalog.relationByOid(catalog.type(typeOid(model, type))?.relationOid ?? 0)?.columns ?? []];
}

/** ALTER TABLE (VIEW, TYPE): the commands that change columns and kinship; what parents gain and lose, their children do. */
export function alterTable(model: SchemaModel, node: Content<'AlterTableStmt'>): void {
  const relation = model.relation(namesOf(node.relation));
  if (relation === undefined) return;
  for (const item of node.cmds ?? []) {
    const command = as(item, 'AlterTableCmd');
    if (command !== undefined) alter(model, relation, command);
  }
}

function alter(model: SchemaModel, relation: DraftRelation, command: Content<'AlterTableCmd'>): void {
  switch (command.subtype) {
    case 'AT_AddColumn': case 'AT_AddColumnToView': {
      for (const column of columnsOf(model, command.def === undefined ? [] : [command.def])) {
        for (const one of family(model, relation)) if (one.columns.every(({ name }) => name !== column.name)) model.addColumn(one, column);
      }
      return;
    }
    case 'AT_DropColumn':
      for (const one of family(model, relation)) one.columns = one.columns.filter(({ name }) => name !== command.name);
      return;
    case 'AT_AlterColumnType': {
      const type = typeOid(model, as(command.def, 'ColumnDef')?.typeName);
      for (const one of family(model, relation)) for (const column of one.columns) if (column.name === command.name) column.typeOid = type;
      return;
    }
    case 'AT_AttachPartition': case 'AT_DetachPartition': {
      const partition = model.relation(namesOf(as(command.def, 'PartitionCmd')?.name));
      return partition === undefined ? undefined : kin(model, partition, relation, command.subtype === 'AT_AttachPartition');
    }
    case 'AT_AddInherit': case 'AT_DropInherit': {
      const parent = model.relation(namesOf(as(command.def, 'RangeVar')));
      return parent === undefined ? undefined : kin(model, relation, parent, command.subtype === 'AT_AddInherit');
    }
    default:
  }
}

function kin(model: SchemaModel, child: DraftRelation, parent: DraftRelation, are: boolean): void {
  if (are) model.parents.push({ child: child.oid, parent: parent.oid });
  else {
    const place = model.parents.findIndex((edge) => edge.child === child.oid && edge.parent === parent.oid);
    if (place >= 0) model.parents.splice(place, 1);
  }
}

/** A relation and all that inherit from it. */
function family(model: SchemaModel, relation: DraftRelation): DraftRelation[] {
  return [relation, ...(model.catalog.descendants(relation) as DraftRelation[])];
}

/** ALTER … RENAME of relations, columns, types and schemas. */
export function rename(model: SchemaModel, node: Content<'RenameStmt'>): void {
  const { renameType, relation, subname, newname = '', object } = node;
  if (renameType === 'OBJECT_SCHEMA') return model.renameSchema(subname ?? '', newname);
  const named = model.relation(namesOf(relation));
  if (renameType === 'OBJECT_COLUMN' || renameType === 'OBJECT_ATTRIBUTE') {
    for (const one of named === undefined ? [] : family(model, named)) for (const column of one.columns) if (column.name === subname) column.name = newname;
  } else if (named !== undefined) {
    renameTypeOf(model, named.schema, named.name, { name: newname });
    model.relations.rename((one) => {
      if (one === named) one.name = newname;
    });
  } else if (renameType === 'OBJECT_TYPE' || renameType === 'OBJECT_DOMAIN') {
    const { schema, name } = model.placeFor(strings(as(object, 'List')?.items));
    model.relations.rename((one) => {
      if (one.kind === 'composite_type' && one.schema === schema && one.name === name) one.name = newname;
    });
    renameTypeOf(model, schema, name, { name: newname });
  }
}

/** ALTER … SET SCHEMA. */
export function moveToSchema(model: SchemaModel, node: Content<'AlterObjectSchemaStmt'>): void {
  const relation = model.relation(namesOf(node.relation));
  if (relation === undefined) return;
  renameTypeOf(model, relation.schema, relation.name, { schema: node.newschema ?? relation.schema });
  model.relations.rename((one) => {
    if (one === relation) one.schema = node.newschema ?? one.schema;
  });
}

/** The row type of a relation goes by its name, and the array type by the row type's. */
function renameTypeOf(model: SchemaModel, schema: string, name: string, to: { name?: string; schema?: string }): void {
  model.types.rename((type) => {
    if (type.schema !== schema || (type.name !== name && type.name !== `_${name}`)) return;
    if (to.name !== undefined) type.name = type.name === name ? to.name : `_${to.name}`;
    type.schema = to.schema ?? type.schema;
  });
}

/** DROP of relations, types, functions and schemas. */
export function drop(model: SchemaModel, node: Content<'DropStmt'>): void {
  for (const object of node.objects ?? []) {
    if (node.removeType === 'OBJECT_SCHEMA') model.removeSchema(as(object, 'String')?.sval ?? '');
    else if (node.removeType === 'OBJECT_FUNCTION' || node.removeType === 'OBJECT_PROCEDURE' || node.removeType === 'OBJECT_AGGREGATE') dropFunction(model, strings(as(object, 'ObjectWithArgs')?.objname));
    else {
      const relation = model.relation(strings(as(object, 'List')?.items));
      if (relation !== undefined) model.removeRelation(relation);
    }
  }
}

/** Every function of that name that the script made: which of them is meant would take their types. */
function dropFunction(model: SchemaModel, names: readonly string[]): void {
  const place = model.placeFor(names);
  model.functions.remove(({ schema, name }) => schema === place.schema && name === place.name);
}
