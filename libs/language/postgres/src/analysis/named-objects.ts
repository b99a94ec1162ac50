import { parseSearchPath } from '../catalog/search-path.js';
import { as, type Content, type Node } from '../parser/tree.js';
import type { Analyst } from './analyst.js';
import type { Notes, RelationUse } from './notes.js';

/** The text of a string literal, also behind a cast. Reading it binds the result to this text. */
export function literalText(notes: Notes, node: Node | undefined): string | undefined {
  const inner = as(node, 'TypeCast')?.arg ?? node;
  const literal = as(inner, 'A_Const')?.sval;
  if (literal === undefined) return undefined;
  const text = literal.sval ?? '';
  notes.readLiteral(text);
  return text;
}

/** A sequence named by nextval, setval or currval. */
export function noteSequence(a: Analyst, verb: 'nextval' | 'setval' | 'select', argument: Node | undefined): void {
  const text = literalText(a.notes, argument);
  const names = text === undefined ? undefined : parseSearchPath(text.replaceAll('.', ','));
  const [local = '?', schema] = [...(names ?? [])].reverse();
  const found = schema === undefined ? a.catalog.visibleRelation(local, a.path) : a.catalog.relation(schema, local);
  const path = [schema ?? found?.schema ?? '?', local];
  a.notes.other({ verb, kind: 'sequence', path });
}

/** A channel named by pg_notify. */
export function noteChannel(a: Analyst, argument: Node | undefined): void {
  a.notes.other({ verb: 'notify', kind: 'channel', path: [literalText(a.notes, argument) ?? '?'] });
}

/** A setting changed by set_config; what the text does not show stays unknown. `pinned`: what its name is where it is a column. */
export function noteSetting(a: Analyst, args: readonly Node[], pinned: string | undefined): void {
  const name = (pinned ?? literalText(a.notes, args[0]))?.toLowerCase() ?? '?';
  const local = as(args[2], 'A_Const')?.boolval?.boolval === true;
  a.notes.other({ verb: 'set', kind: 'setting', path: [name] });
  a.notes.readsLiterals = true;
  a.notes.settings.push({ name, value: literalText(a.notes, args[1]), local });
}

/** Where a relation's name leads. */
export interface Place {
  readonly schema: string;
  readonly name: string;
  readonly relation: RelationUse['relation'];
}

/** Resolves a relation's name as the server does. A name that the catalog does not know keeps `?` for its schema. */
export function placeOf(a: Analyst, range: Content<'RangeVar'>): Place {
  a.notes.visit(range);
  const name = range.relname ?? '';
  if (range.catalogname !== undefined && range.catalogname !== '' && range.catalogname !== a.database) {
    a.notes.refuse(`the other database ${range.catalogname}`);
  }
  const schema = range.schemaname ?? '';
  const relation = schema === '' ? a.catalog.visibleRelation(name, a.path) : a.catalog.relation(schema, name);
  if (relation !== undefined && relation.lost !== true) return { schema: relation.schema, name, relation };
  const place = { schema: relation?.schema ?? (schema === '' ? '?' : schema), name, relation: undefined };
  a.notes.unknownRelations.add(`${place.schema}.${name}`);
  return place;
}
