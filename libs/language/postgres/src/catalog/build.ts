import type { Catalog, CatalogFunction, CatalogOperator, CatalogRelation, CatalogType } from './model.js';
import type { SearchPath } from './search-path.js';
import { tieIndex, type PlacedTie } from './ties.js';

/** What a catalog is made of. */
export interface CatalogParts {
  readonly version: string;
  readonly schemas: readonly (readonly [name: string, oid: number])[];
  readonly schemaUsers: Catalog['schemaUsers'];
  readonly relations: readonly CatalogRelation[];
  readonly indexes: ReadonlyMap<number, number>;
  readonly types: readonly CatalogType[];
  readonly functions: readonly CatalogFunction[];
  readonly operators: readonly CatalogOperator[];
  readonly ties?: readonly PlacedTie[];
  readonly inheritance: readonly { readonly child: number; readonly parent: number }[];
}

interface Named {
  readonly schema: string;
  readonly name: string;
}

/** Indexes the parts. Composite types share their name with a relation: only kinds that a query can name as a table count as visible. */
export function buildCatalog(parts: CatalogParts): Catalog {
  const nameable = parts.relations.filter((relation) => relation.kind !== 'composite_type');
  const relations = byName(nameable);
  const byOid = new Map(parts.relations.map((relation) => [relation.oid, relation]));
  const types = byName(parts.types);
  const typesByOid = new Map(parts.types.map((type) => [type.oid, type]));
  const functions = byName(parts.functions);
  const operators = byName(parts.operators);
  const parents = edges(parts.inheritance.map(({ child, parent }) => [child, parent]));
  const children = edges(parts.inheritance.map(({ child, parent }) => [parent, child]));
  return {
    version: parts.version,
    schemas: new Map(parts.schemas),
    schemaUsers: parts.schemaUsers,
    indexes: parts.indexes,
    relation: (schema, name) => relations.get(name)?.find((relation) => relation.schema === schema),
    relationsIn: (schema) => parts.relations.filter((relation) => relation.schema === schema),
    relationByOid: (oid) => byOid.get(oid),
    visibleRelation: (name, path) => firstOf(relations.get(name), path.relations),
    functions: (name, where) => within(functions.get(name), where),
    operators: (name, where) => within(operators.get(name), where),
    type: (oid) => typesByOid.get(oid),
    typeByName: (name, where) => firstOf(types.get(name), typeof where === 'string' ? [where] : where.relations),
    ties: tieIndex(parts.ties ?? [], (oid) => byOid.get(oid)),
    ancestors: (relation) => reach(relation, parents, byOid),
    descendants: (relation) => reach(relation, children, byOid),
  };
}

function byName<T extends Named>(items: readonly T[]): Map<string, T[]> {
  const index = new Map<string, T[]>();
  for (const item of items) {
    const same = index.get(item.name);
    if (same === undefined) index.set(item.name, [item]);
    else same.push(item);
  }
  return index;
}

function firstOf<T extends Named>(candidates: readonly T[] | undefined, schemas: readonly string[]): T | undefined {
  if (candidates === undefined) return undefined;
  for (const schema of schemas) {
    const found = candidates.find((candidate) => candidate.schema === schema);
    if (found !== undefined) return found;
  }
  return undefined;
}

function within<T extends Named>(candidates: readonly T[] | undefined, where: string | SearchPath): readonly T[] {
  if (candidates === undefined) return [];
  return candidates.filter(({ schema }) => (typeof where === 'string' ? schema === where : where.functions.includes(schema)));
}

function edges(pairs: readonly (readonly [number, number])[]): Map<number, number[]> {
  const index = new Map<number, number[]>();
  for (const [from, to] of pairs) {
    const known = index.get(from);
    if (known === undefined) index.set(from, [to]);
    else known.push(to);
  }
  return index;
}

/** Everything at the end of the edges, at any distance, each once. */
function reach(start: CatalogRelation, next: ReadonlyMap<number, readonly number[]>, byOid: ReadonlyMap<number, CatalogRelation>): CatalogRelation[] {
  const seen = new Set<number>([start.oid]);
  const pending = [start.oid];
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    for (const other of next.get(oid) ?? []) {
      if (!seen.has(other)) {
        seen.add(other);
        pending.push(other);
      }
    }
  }
  seen.delete(start.oid);
  return [...seen].map((oid) => byOid.get(oid)).filter((relation) => relation !== undefined);
}
