import type { Notes, RelationUse } from './analysis/notes.js';
import { VERBS, type Access, type ObjectRef, type Verb } from '@interlock/contracts';
import type { Catalog } from './catalog/model.js';
import { identified } from './identity.js';

/**
 * The accesses that policy judges: relations with their columns, functions that need one, other objects; else the target.
 * A function whose every act was followed is executed; any other that is not safe is called.
 */
export function accessesOf(notes: Notes, verb: Verb, target: string, catalog: Catalog): Access[] {
  const accesses: Access[] = [];
  for (const use of notes.uses.values()) accesses.push(relationAccess(use, target, catalog));
  for (const other of notes.others.values()) {
    const object: ObjectRef = { kind: other.kind, path: [target, ...other.path] };
    accesses.push({ verb: other.verb, duty: VERBS[other.verb], object: other.verb === 'create' ? object : identified(object, catalog) });
  }
  for (const fn of notes.functions.values()) {
    if (fn.standing === 'safe' || fn.standing === 'sleeps') continue;
    const called = fn.standing === 'defined' && fn.followed ? 'execute' : 'call';
    accesses.push({ verb: called, duty: VERBS[called], object: identified({ kind: 'function', path: [target, fn.schema, fn.name] }, catalog) });
  }
  if (accesses.length === 0) accesses.push({ verb, duty: VERBS[verb], object: { kind: 'target', path: [target] } });
  return accesses;
}

function relationAccess(use: RelationUse, target: string, catalog: Catalog): Access {
  return {
    verb: use.verb,
    duty: VERBS[use.verb],
    object: identified({ kind: kindOf(use), path: [target, use.schema, use.name] }, catalog),
    ...(use.columnsRead.size > 0 ? { columnsRead: [...use.columnsRead] } : {}),
    ...(use.columnsWritten.size > 0 ? { columnsWritten: [...use.columnsWritten] } : {}),
  };
}

function kindOf(use: RelationUse): ObjectRef['kind'] {
  switch (use.relation?.kind) {
    case 'view': case 'materialized_view': return 'view';
    case 'sequence': return 'sequence';
    case 'composite_type': return 'type';
    case 'index': return 'other';
    case 'table': case 'partitioned_table': case 'foreign_table': case 'toast_table': case undefined: return 'table';
  }
}
