import type { ObjectRef } from '@interlock/contracts';
import type { Catalog } from './catalog/model.js';
import { OVERLAY_OID } from './catalog/overlay.js';
import { TEMPORARY_SCHEMA } from './catalog/search-path.js';
import { quotedName } from './quoted.js';

/** The namespaces in which PostgreSQL keeps names apart: a table, a view, an index and a sequence of one schema share theirs. */
type ObjectClass = 'relation' | 'function' | 'type' | 'schema';

const CLASSES: Partial<Record<ObjectRef['kind'], ObjectClass>> = {
  table: 'relation', view: 'relation', sequence: 'relation', other: 'relation', function: 'function', type: 'type', schema: 'schema',
};
const RESOLVERS: Readonly<Record<ObjectClass, string>> = { relation: 'to_regclass', function: 'to_regproc', type: 'to_regtype', schema: 'to_regnamespace' };

/** The object with the id by which its catalog knows it; without one where the name leads nowhere, or to several. */
export function identified(object: ObjectRef, catalog: Catalog): ObjectRef {
  const id = idIn(catalog, object);
  return id === undefined ? object : { ...object, id };
}

function idIn(catalog: Catalog, object: ObjectRef): string | undefined {
  const place = placeOf(object);
  if (place === undefined || catalog.untold === true) return undefined;
  const { kind, schema, name } = place;
  switch (kind) {
    case 'relation': return idOf(kind, catalog.relation(schema, name)?.oid);
    case 'schema': return idOf(kind, catalog.schemas.get(name));
    case 'type': return idOf(kind, catalog.typeByName(name, schema)?.oid);
    case 'function': {
      const [only, ...others] = catalog.functions(name, schema);
      return others.length > 0 ? undefined : idOf(kind, only?.oid);
    }
  }
}

function idOf(kind: ObjectClass, oid: number | undefined): string | undefined {
  return oid === undefined || oid === OVERLAY_OID ? undefined : `${kind}:${oid}`;
}

interface ObjectPlace {
  readonly kind: ObjectClass;
  readonly schema: string;
  readonly name: string;
}

function placeOf({ kind, path }: ObjectRef): ObjectPlace | undefined {
  const found = CLASSES[kind];
  const [, schema, name] = path;
  if (found === undefined || schema === undefined || schema === '?') return undefined;
  if (found === 'schema') return path.length === 2 ? { kind: found, schema: '', name: schema } : undefined;
  return path.length === 3 && name !== undefined && name !== '?' ? { kind: found, schema, name } : undefined;
}

/**
 * The full name under which an object is claimed and found again, e.g. `relation "public"."orders"`. Undefined for what has
 * no history: what is no object of the database, what is not fully named, and what is temporary.
 */
export function nameOf(object: ObjectRef): string | undefined {
  const place = placeOf(object);
  if (place === undefined || place.schema === TEMPORARY_SCHEMA) return undefined;
  return `${place.kind} ${place.kind === 'schema' ? quotedName(place.name) : qualified(place)}`;
}

/**
 * Asks a session what these objects' names mean to it at this moment, its own uncommitted work included. Every name in it is
 * qualified, so that nothing on the search path can answer in place of the server. For {@link identityOf}.
 */
export function identityQuery(objects: readonly ObjectRef[]): string {
  return `SELECT ${asText('pg_catalog.current_schema()')} AS here, ${objects.map((object, index) => columns(placeOf(object), index)).join(', ')}`;
}

function columns(place: ObjectPlace | undefined, index: number): string {
  if (place === undefined) return ['q', 'u', 's', 'p', 'c'].map((column) => `NULL AS ${column}${index}`).join(', ');
  const full = resolved(place.kind, place.kind === 'schema' ? quotedName(place.name) : qualified(place));
  const bare = place.kind === 'schema' ? 'NULL' : asText(resolved(place.kind, quotedName(place.name)));
  return `${asText(full)} AS q${index}, ${bare} AS u${index}, ${several(place)} AS s${index}, ${parts(place.kind, full)} AS p${index}, ${children(place.kind, full)} AS c${index}`;
}

function resolved(kind: ObjectClass, name: string): string {
  return `pg_catalog.${RESOLVERS[kind]}(${literal(name)})::pg_catalog.oid`;
}

function asText(oid: string): string {
  return `${oid}::pg_catalog.text`;
}

const EQUALS = 'OPERATOR(pg_catalog.=)';
const PG_CLASS = "'pg_catalog.pg_class'::pg_catalog.regclass";

/** Relations that come and go with a table: indexes, and sequences of its columns. */
function parts(kind: ObjectClass, oid: string): string {
  const list = (from: string): string => `(SELECT pg_catalog.string_agg(part::pg_catalog.text, ' ') FROM (${from}) AS parts (part))`;
  if (kind !== 'relation') return 'NULL';
  const indexes = `SELECT i.indexrelid FROM pg_catalog.pg_index i WHERE i.indrelid ${EQUALS} ${oid}`;
  const owned = `d.classid ${EQUALS} ${PG_CLASS} AND d.refclassid ${EQUALS} ${PG_CLASS} AND d.refobjid ${EQUALS} ${oid} AND d.deptype ${EQUALS} ANY (ARRAY['a', 'i']::pg_catalog."char"[])`;
  return list(`${indexes} UNION ALL SELECT d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid ${EQUALS} d.objid WHERE ${owned} AND c.relkind ${EQUALS} 'S'::pg_catalog."char"`);
}

/** Tables that what is done to this one is done to as well: partitions, and whatever inherits from it, at any distance. */
function children(kind: ObjectClass, oid: string): string {
  if (kind !== 'relation') return 'NULL';
  const direct = `SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent ${EQUALS} ${oid}`;
  const further = `SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN below b ON i.inhparent ${EQUALS} b.id`;
  return `(WITH RECURSIVE below (id) AS (${direct} UNION ${further}) SELECT pg_catalog.string_agg(b.id::pg_catalog.text, ' ') FROM below b)`;
}

/** Whether a function's name is shared by several: then it leads to none of them. */
function several({ kind, schema, name }: ObjectPlace): string {
  if (kind !== 'function') return 'NULL';
  const here = `p.pronamespace ${EQUALS} ${resolved('schema', quotedName(schema))} AND p.proname ${EQUALS} ${literal(name)}::pg_catalog.name`;
  return `(SELECT CASE WHEN pg_catalog.count(*) OPERATOR(pg_catalog.>) 1 THEN 't' END FROM pg_catalog.pg_proc p WHERE ${here})`;
}

/** What a session says of one name. */
export interface Identity {
  /** The object of that full name; undefined where there is none, or of functions where there are several. */
  readonly id: string | undefined;
  /** The object that the name without its schema means, where it means one. */
  readonly unqualified: string | undefined;
  /** The schema in which the session creates what has none in its name. */
  readonly here: string | undefined;
  /** Several functions share the name. */
  readonly several: boolean;
  /** Relations that came with it: indexes, and sequences of its columns. */
  readonly parts: readonly string[];
  /** Relations below it, to which the same is done. */
  readonly children: readonly string[];
}

/** Reads the answer to {@link identityQuery} for the object at this place. */
export function identityOf(object: ObjectRef, index: number, row: Readonly<Record<string, string | null>>): Identity {
  const kind = placeOf(object)?.kind ?? 'relation';
  const id = (oid: string | null | undefined): string | undefined => (oid === null || oid === undefined ? undefined : `${kind}:${oid}`);
  const relations = (oids: string | null | undefined): string[] => (oids ?? '').split(' ').filter((oid) => oid !== '').map((oid) => `relation:${oid}`);
  return {
    id: id(row[`q${index}`]), unqualified: id(row[`u${index}`]), here: row['here'] ?? undefined, several: row[`s${index}`] === 't', parts: relations(row[`p${index}`]), children: relations(row[`c${index}`]),
  };
}

function qualified({ schema, name }: ObjectPlace): string {
  return `${quotedName(schema)}.${quotedName(name)}`;
}

/** Sessions here always have standard_conforming_strings on. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
