import { as, strings, type Content, type Node } from '../parser/tree.js';
import type { NewColumn, SchemaModel } from './model.js';

/** Names that stand for a type with a sequence behind it. */
const SERIAL: Readonly<Record<string, string>> = { smallserial: 'int2', serial2: 'int2', serial: 'int4', serial4: 'int4', bigserial: 'int8', serial8: 'int8' };

/** The oid of a type as a definition names it; 0 for one that is not known (of an extension, say): nothing is then known of its members. */
export function typeOid(model: SchemaModel, type: Content<'TypeName'> | undefined): number {
  const [name = '', schema] = strings(type?.names).reverse();
  const catalog = model.catalog;
  const find = (local: string): number => catalog.typeByName(local, schema ?? model.path)?.oid ?? 0;
  const plain = SERIAL[name] ?? name;
  return type?.arrayBounds === undefined ? find(plain) : find(`_${plain}`);
}

/** CREATE TYPE … AS (…), AS ENUM, AS RANGE, and CREATE DOMAIN. */
export function createType(model: SchemaModel, node: Node): void {
  const composite = as(node, 'CompositeTypeStmt');
  if (composite?.typevar !== undefined) {
    const { typevar, coldeflist = [] } = composite;
    model.addRelation(model.placeFor(namesOf(typevar)), 'composite_type', columnsOf(model, coldeflist));
  }
  const enumeration = as(node, 'CreateEnumStmt');
  if (enumeration !== undefined) model.addType({ ...model.placeFor(strings(enumeration.typeName)), kind: 'enum' });
  const range = as(node, 'CreateRangeStmt');
  if (range !== undefined) model.addType({ ...model.placeFor(strings(range.typeName)), kind: 'range' });
  const domain = as(node, 'CreateDomainStmt');
  if (domain !== undefined) model.addType({ ...model.placeFor(strings(domain.domainname)), kind: 'domain', relationOid: model.catalog.type(typeOid(model, domain.typeName))?.relationOid ?? 0 });
  const defined = as(node, 'DefineStmt');
  if (defined?.kind === 'OBJECT_TYPE') model.addType({ ...model.placeFor(strings(defined.defnames)), kind: 'base' });
}

/** `[schema, name]` or `[name]` of a relation in the tree. */
export function namesOf(range: Content<'RangeVar'> | undefined): string[] {
  const name = range?.relname ?? '';
  return range?.schemaname === undefined || range.schemaname === '' ? [name] : [range.schemaname, name];
}

/** Columns as ColumnDef nodes define them. */
export function columnsOf(model: SchemaModel, nodes: readonly Node[]): NewColumn[] {
  return nodes.flatMap((node) => {
    const column = as(node, 'ColumnDef');
    if (column?.colname === undefined) return [];
    const constraints = (column.constraints ?? []).map((item) => as(item, 'Constraint'));
    const notNull = constraints.some((constraint) => ['CONSTR_NOTNULL', 'CONSTR_PRIMARY'].includes(constraint?.contype ?? ''));
    const generated = constraints.find((constraint) => constraint?.contype === 'CONSTR_GENERATED')?.raw_expr;
    return [{ name: column.colname, typeOid: typeOid(model, column.typeName), notNull, ...(generated === undefined ? {} : { generated }) }];
  });
}
