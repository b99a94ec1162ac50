import type { Access, Action, HistoryFacts, ObjectRef } from '@interlock/contracts';
import { UNCLEAR } from './creation.js';

/** Kinds of which nothing is ever created. */
const NOT_MADE: HistoryFacts = { ownCreation: false, preexisting: false };
const NOT_MADE_KINDS = new Set<ObjectRef['kind']>(['channel', 'setting']);
/** Verbs whose doings no object names. */
const BEYOND_ITS_OBJECT = new Set(['do', 'call']);
/** Through a view they change rows of tables whose history is not the view's. */
const CHANGES_ROWS = new Set(['insert', 'update', 'delete', 'merge', 'copy']);

/** What rules may read of an access whose object's history says nothing about it; undefined: its history has to be asked. */
export function factsWithoutHistory({ verb, duty, object }: Access, facts: Readonly<Action['facts']>): HistoryFacts | undefined {
  if (NOT_MADE_KINDS.has(object.kind) || (object.kind === 'target' && duty === 'read')) return NOT_MADE;
  const takesMore = facts['opaque'] !== false || facts['cascade'] === true || BEYOND_ITS_OBJECT.has(verb) || (object.kind === 'view' && CHANGES_ROWS.has(verb));
  return takesMore ? UNCLEAR : undefined;
}
