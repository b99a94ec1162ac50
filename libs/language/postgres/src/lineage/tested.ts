import type { Analyst } from '../analysis/analyst.js';
import type { Notes, RelationUse } from '../analysis/notes.js';
import { traceColumn } from '../analysis/views.js';
import type { CatalogColumn, Tie } from '../catalog/model.js';

const TESTED: Partial<Record<RelationUse['verb'], readonly Tie['when'][]>> = { insert: ['written'], update: ['written', 'replaced'], delete: ['replaced'] };

/** Columns with which constraints compare what a statement writes or takes away: its failing tells what they hold. */
export function testedBy(a: Analyst, notes: Notes): CatalogColumn[] {
  const tested = new Set<CatalogColumn>();
  for (const { verb, relation, columnsWritten } of notes.uses.values()) {
    const when = TESTED[verb];
    if (when === undefined || relation === undefined) continue;
    notes.look(relation.columns.length);
    const changed = relation.columns.filter(({ name }) => verb === 'delete' || columnsWritten.has(name) || columnsWritten.has('*'));
    for (const column of changed.flatMap((one) => traceColumn(a, one).bases)) {
      for (const tie of a.catalog.ties(column)) if (when.includes(tie.when)) tested.add(tie.column);
    }
  }
  return [...tested];
}
