import type { Analyst } from '../analysis/analyst.js';
import type { Field } from '../analysis/value.js';
import { TEMPORARY_SCHEMA } from '../catalog/search-path.js';
import type { Content } from '../parser/tree.js';

/** The schema in which an unqualified new object goes: the first of the search path that exists. */
export function creationSchema(a: Analyst): string {
  return a.path.explicit.find((schema) => schema === TEMPORARY_SCHEMA || a.catalog.schemas.has(schema)) ?? '?';
}

/** Where CREATE puts a relation. */
export function creationPlace(a: Analyst, range: Content<'RangeVar'>): { schema: string; name: string } {
  a.notes.visit(range);
  const name = range.relname ?? '';
  if (range.relpersistence === 't') return { schema: TEMPORARY_SCHEMA, name };
  a.notes.createsUnqualified ||= range.schemaname === undefined;
  return { schema: range.schemaname ?? creationSchema(a), name };
}

/** What a query's columns hold goes into the relation that is made of it. */
export function carryInto(a: Analyst, place: { schema: string; name: string }, columns: readonly Field[]): void {
  for (const { name, value } of columns) a.notes.carries.push({ into: undefined, making: { schema: place.schema, table: place.name, column: name }, value });
}

/** `[schema, name]` of a qualified name in CREATE. */
export function createdName(a: Analyst, names: readonly string[]): string[] {
  const [local = '', schema] = [...names].reverse();
  a.notes.createsUnqualified ||= schema === undefined;
  return [schema ?? creationSchema(a), local];
}
