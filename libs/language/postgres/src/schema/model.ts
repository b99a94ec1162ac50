import type { Catalog, CatalogColumn, CatalogFunction, CatalogOperator, CatalogRelation, CatalogType, RelationKind } from '../catalog/model.js';
import type { Node } from '../parser/tree.js';
import { completeSearchPath, TEMPORARY_SCHEMA, type SearchPath } from '../catalog/search-path.js';
import { Shelf } from './shelf.js';

type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** A column while its schema is being read. */
export type DraftColumn = Draft<CatalogColumn>;

/** A relation while its schema is being read: renamed and altered in place, so that views that are bound to it follow, as the server's do. */
export interface DraftRelation extends Draft<Omit<CatalogRelation, 'columns'>> {
  columns: DraftColumn[];
}

/** A column that is to be added. */
export interface NewColumn {
  readonly name: string;
  readonly typeOid: number;
  readonly notNull?: boolean;
  readonly generated?: string | Node;
}

/** The first oid that is not the server's own. */
const FIRST_OID = 16_384;

/** The catalog that a script of definitions leaves, on top of the server's own, and the search path that is in force in it. */
export class SchemaModel {
  readonly relations = new Shelf<DraftRelation>();
  readonly types = new Shelf<CatalogType>();
  readonly functions = new Shelf<CatalogFunction>();
  readonly operators = new Shelf<CatalogOperator>();
  readonly parents: { readonly child: number; readonly parent: number }[] = [];
  /** Members of search_path. */
  searchPath: readonly string[] = ['$user', 'public'];
  private readonly schemas: Map<string, number>;
  private readonly relationsByOid = new Map<number, DraftRelation>();
  private readonly typesByOid = new Map<number, CatalogType>();
  private nextOid = FIRST_OID;
  /** The catalog as it stands: looks at the model whenever it is asked. */
  readonly catalog: Catalog;

  constructor(private readonly builtin: Catalog) {
    this.schemas = new Map([...builtin.schemas, ['public', this.oid()], [TEMPORARY_SCHEMA, this.oid()]]);
    this.catalog = this.catalogOf();
  }

  oid(): number {
    this.nextOid += 1;
    return this.nextOid;
  }

  get path(): SearchPath {
    return completeSearchPath(this.searchPath, SCHEMA_USER);
  }

  addSchema(name: string): void {
    if (!this.schemas.has(name)) this.schemas.set(name, this.oid());
  }

  removeSchema(name: string): void {
    this.schemas.delete(name);
    for (const shelf of this.shelves) shelf.remove((thing) => thing.schema === name);
  }

  renameSchema(from: string, to: string): void {
    this.schemas.set(to, this.schemas.get(from) ?? this.oid());
    this.schemas.delete(from);
    for (const shelf of this.shelves) {
      shelf.rename((thing) => {
        if (thing.schema === from) thing.schema = to;
      });
    }
  }

  private get shelves(): Shelf<{ schema: string; name: string }>[] {
    return [this.relations, this.types, this.functions, this.operators] as unknown as Shelf<{ schema: string; name: string }>[];
  }

  /** Where an object goes that is made under this name. */
  placeFor(names: readonly string[], temporary = false): { schema: string; name: string } {
    const [name = '', schema] = [...names].reverse();
    return { schema: temporary ? TEMPORARY_SCHEMA : schema ?? this.path.explicit.find((member) => this.schemas.has(member)) ?? 'public', name };
  }

  /** The script's own relation that a name means. */
  relation(names: readonly string[]): DraftRelation | undefined {
    const [name = '', schema] = [...names].reverse();
    for (const where of schema === undefined ? this.path.relations : [schema]) {
      const found = this.relations.find(where, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** A new relation, with the row type that comes with it. */
  addRelation(place: { schema: string; name: string }, kind: RelationKind, columns: readonly NewColumn[]): DraftRelation {
    const relation: DraftRelation = { oid: this.oid(), ...place, kind, columns: [], definition: undefined, hasRules: false };
    this.relations.add(relation);
    this.relationsByOid.set(relation.oid, relation);
    this.addType({ ...place, kind: 'composite', relationOid: relation.oid });
    for (const column of columns) this.addColumn(relation, column);
    return relation;
  }

  addColumn(relation: DraftRelation, { name, typeOid, notNull = false, generated }: NewColumn): void {
    const attnum = Math.max(0, ...relation.columns.map((column) => column.attnum)) + 1;
    relation.columns.push({ relation, name, attnum, typeOid, notNull, unique: false, ...(generated === undefined ? {} : { generated }) });
  }

  removeRelation(relation: DraftRelation): void {
    this.relations.remove((one) => one === relation);
    this.types.remove(({ schema, name }) => schema === relation.schema && (name === relation.name || name === `_${relation.name}`));
  }

  /** A new type, and the array type of it. */
  addType(type: Pick<CatalogType, 'schema' | 'name' | 'kind'> & { readonly relationOid?: number }): void {
    const made: CatalogType = { oid: this.oid(), relationOid: 0, elementOid: 0, ...type };
    for (const one of [made, { ...made, oid: this.oid(), name: `_${made.name}`, kind: 'base' as const, relationOid: 0, elementOid: made.oid }]) {
      this.types.add(one);
      this.typesByOid.set(one.oid, one);
    }
  }

  /** The relations below or above one by inheritance, at any distance. */
  private reach(relation: CatalogRelation, from: 'child' | 'parent', to: 'child' | 'parent'): CatalogRelation[] {
    const seen = new Set<number>([relation.oid]);
    for (const oid of seen) for (const edge of this.parents) if (edge[from] === oid) seen.add(edge[to]);
    seen.delete(relation.oid);
    return [...seen].flatMap((oid) => (this.relationsByOid.get(oid) as CatalogRelation | undefined) ?? []);
  }

  private catalogOf(): Catalog {
    const { builtin } = this;
    const relation = (schema: string, name: string): CatalogRelation | undefined =>
      (this.relations.find(schema, name, ({ kind }) => kind !== 'composite_type') as CatalogRelation | undefined) ?? builtin.relation(schema, name);
    const type = (schema: string, name: string): CatalogType | undefined => this.types.find(schema, name) ?? builtin.typeByName(name, schema);
    return {
      ...builtin,
      version: 'schema',
      schemas: this.schemas,
      relation,
      relationByOid: (oid) => (this.relationsByOid.get(oid) as CatalogRelation | undefined) ?? builtin.relationByOid(oid),
      relationsIn: (schema) => [...[...this.relations.all].filter((one) => one.schema === schema) as CatalogRelation[], ...builtin.relationsIn(schema)],
      visibleRelation: (name, path) => first(path.relations, (schema) => relation(schema, name)),
      functions: (name, where) => [...within(this.functions, name, where), ...builtin.functions(name, where)],
      operators: (name, where) => [...within(this.operators, name, where), ...builtin.operators(name, where)],
      type: (oid) => this.typesByOid.get(oid) ?? builtin.type(oid),
      typeByName: (name, where) => first(typeof where === 'string' ? [where] : where.relations, (schema) => type(schema, name)),
      ancestors: (one) => this.reach(one, 'child', 'parent'),
      descendants: (one) => this.reach(one, 'parent', 'child'),
    };
  }
}

function first<T>(schemas: readonly string[], find: (schema: string) => T | undefined): T | undefined {
  for (const schema of schemas) {
    const found = find(schema);
    if (found !== undefined) return found;
  }
  return undefined;
}

function within<T extends { readonly schema: string; readonly name: string }>(own: Shelf<T>, name: string, where: string | SearchPath): T[] {
  return own.named(name).filter((one) => (typeof where === 'string' ? one.schema === where : where.functions.includes(one.schema)));
}

/** What `$user` means in a script: nobody's schema, unless it makes one of that name. */
export const SCHEMA_USER = 'postgres';
