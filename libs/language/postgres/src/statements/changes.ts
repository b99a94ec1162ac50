import type { RelationUse } from '../analysis/notes.js';
import type { CatalogChange } from '../catalog/overlay.js';
import { CATALOG_CHANGES, type Effects, type Reading } from './meaning.js';

/** The effects of a statement that makes a relation whose columns are known, or (undefined) are not. */
export function created(
  reading: Reading, place: { schema: string; name: string }, as: 'table' | 'view', columns: readonly string[] | undefined, options: { untilCommit?: boolean; unlessExists?: boolean } = {},
): Effects {
  const { schema, name } = place;
  if (options.unlessExists === true && reading.a.catalog.relation(schema, name) !== undefined) return CATALOG_CHANGES;
  const change: CatalogChange = columns === undefined
    ? { kind: 'lost', schema, name }
    : { kind: 'created', schema, name, as, columns, untilCommit: options.untilCommit === true };
  return { ...CATALOG_CHANGES, changes: [change] };
}

/** The effects of a statement after which relations are gone, or their columns are not known. */
export function changed(kind: 'dropped' | 'lost', uses: Iterable<RelationUse>): Effects {
  const changes = [...uses].map(({ schema, name }): CatalogChange => ({ kind, schema, name }));
  return changes.length === 0 ? CATALOG_CHANGES : { ...CATALOG_CHANGES, changes };
}
