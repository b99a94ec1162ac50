import { buildCatalog } from '../catalog/build.js';
import type { Catalog, CatalogColumn, CatalogFunction, CatalogRelation, CatalogType, OutColumn, RelationKind, Volatility } from '../catalog/model.js';
import { BUILTIN_FUNCTIONS, BUILTIN_RELATIONS, BUILTIN_SCHEMAS, BUILTIN_TYPES } from './builtin-data.js';

/**
 * The server's own catalog (pg_catalog, information_schema), kept as text so that names mean something where there is no server: schemas, types, relations
 * with their columns, functions. Records end with `;`, parts are parted by a blank, members of lists by `,`. The first digit of a record is its schema's.
 */
export interface BuiltinTexts {
  readonly schemas: string;
  readonly types: string;
  readonly relations: string;
  readonly functions: string;
}

let made: Catalog | undefined;

/** The server's own catalog, of the version that the text was written from. Made once, in some ten milliseconds. */
export function builtinCatalog(): Catalog {
  made ??= decode({ schemas: BUILTIN_SCHEMAS, types: BUILTIN_TYPES, relations: BUILTIN_RELATIONS, functions: BUILTIN_FUNCTIONS });
  return made;
}

const SCHEMAS = ['pg_catalog', 'information_schema'];
const KINDS: Readonly<Record<string, RelationKind>> = { r: 'table', v: 'view' };
const TYPE_KINDS: Readonly<Record<string, CatalogType['kind']>> = { b: 'base', c: 'composite', d: 'domain', e: 'enum', m: 'multirange', p: 'pseudo', r: 'range' };
const FUNCTION_KINDS: Readonly<Record<string, CatalogFunction['kind']>> = { f: 'function', p: 'procedure', a: 'aggregate', w: 'window' };
const VOLATILITIES: Readonly<Record<string, Volatility>> = { i: 'immutable', s: 'stable', v: 'volatile' };

function decode({ schemas, types, relations, functions }: BuiltinTexts): Catalog {
  return buildCatalog({
    version: 'builtin',
    schemas: records(schemas).map(([name = '', oid]) => [name, Number(oid)] as const),
    schemaUsers: new Map(), indexes: new Map(), operators: [], inheritance: [],
    types: records(types).map(typeOf),
    relations: records(relations).map(relationOf),
    functions: records(functions).map(functionOf),
  });
}

function records(text: string): string[][] {
  return text.split(';').filter((record) => record !== '').map((record) => record.split(' '));
}

function schemaOf(mark: string | undefined): string {
  return SCHEMAS[Number(mark?.[0])] ?? '';
}

function typeOf([marks = '', name = '', oid, relation, element]: string[]): CatalogType {
  return { schema: schemaOf(marks), name, kind: TYPE_KINDS[marks[1] ?? ''] ?? 'base', oid: Number(oid), relationOid: Number(relation), elementOid: Number(element) };
}

function relationOf([marks = '', name = '', oid, listed = '']: string[]): CatalogRelation {
  const columns: CatalogColumn[] = [];
  const relation: CatalogRelation = { oid: Number(oid), schema: schemaOf(marks), name, kind: KINDS[marks[1] ?? ''] ?? 'table', columns, definition: undefined, hasRules: false };
  pairs(listed).forEach(({ name: column, typeOid }, index) => columns.push({ relation, name: column, attnum: index + 1, typeOid, notNull: false, unique: false }));
  return relation;
}

/** Marks: schema, kind, volatility, whether variadic, whether a set. Which types it takes is left out: overloads are not told apart by them. */
function functionOf([marks = '', name = '', counts = '', returned, outs = '']: string[], index: number): CatalogFunction {
  const [taken = 0, defaults = 0] = counts.split(',').map(Number);
  return {
    oid: index + 1, schema: schemaOf(marks), name, kind: FUNCTION_KINDS[marks[1] ?? ''] ?? 'function', volatility: VOLATILITIES[marks[2] ?? ''] ?? 'volatile',
    variadic: marks[3] === 'v', returnsSet: marks[4] === 's', argumentTypes: Array.from({ length: taken }, () => 0), argumentNames: [], defaults,
    returnType: Number(returned), outColumns: pairs(outs), language: 'internal', securityDefiner: false, body: undefined, searchPath: undefined,
  };
}

function pairs(list: string): OutColumn[] {
  return list === '' ? [] : list.split(',').map((pair) => pair.split(':')).map(([name = '', type]) => ({ name, typeOid: Number(type) }));
}
