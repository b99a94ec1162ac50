import type { RelationUse } from '../analysis/notes.js';
import { as, strings, type Content } from '../parser/tree.js';
import { shapeColumns, useRelation } from './definitions.js';
import type { Reading } from './meaning.js';

/** A constraint compares rows: those of its own table (absent when that is new), and those of the table it refers to. */
export function constraint(reading: Reading, node: Content<'Constraint'>, own: RelationUse | undefined): void {
  const { a } = reading;
  if (own !== undefined) {
    const excluded = (node.exclusions ?? []).map((item) => as(as(item, 'List')?.items?.[0], 'IndexElem')?.name ?? '');
    shapeColumns(a, own, [...strings(node.keys), ...strings(node.fk_attrs), ...excluded]);
  }
  if (node.pktable === undefined) return;
  const referred = useRelation(reading, 'select', node.pktable);
  const named = strings(node.pk_attrs);
  const keys = named.length > 0 ? named : (referred.relation?.columns ?? []).filter((column) => column.unique).map((column) => column.name);
  for (const key of keys) referred.columnsRead.add(key);
  shapeColumns(a, referred, keys);
}
