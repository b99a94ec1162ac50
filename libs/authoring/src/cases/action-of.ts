import { accepted, type Outcome } from '@interlock/kernel';
import { FACTS, VERBS, type Access, type Action, type FactSpec, type ObjectRef, type PolicyCase, type SketchedAccess, type Target } from '@interlock/contracts';
import { interpretText, statedIn, type Interpretation } from '@interlock/language-postgres';
import type { LocatedCase } from './read-cases.js';
import { catalogOf } from './sketch-catalog.js';

/** The actions of a case: one per statement of its text, or the one that it describes. Refused as a connector would refuse. */
export function actionsOf({ one, catalog }: LocatedCase, target: Target): Outcome<readonly Action[]> {
  if (one.action) return accepted([described(one.action, target)]);
  const text = one.command!;
  const interpreted = interpretAssuming(text, target, catalog, []);
  return interpreted.ok ? accepted(interpreted.value.map((meaning) => ({ ...meant(meaning, target, catalog), ...statedOf(interpreted.value.length === 1 ? text : meaning.text) }))) : interpreted;
}

/** A function that the sketch does not name is taken to be PostgreSQL's own; which of those are dangerous the language knows by name. */
function interpretAssuming(text: string, target: Target, catalog: LocatedCase['catalog'], assumed: readonly string[]): Outcome<readonly Interpretation[]> {
  const searchPath = catalog?.searchPath ?? ['public'];
  const interpreted = interpretText(text, { catalog: catalogOf(catalog, assumed), target: target.name, database: target.database, searchPath, user: '' });
  if (!interpreted.ok) return interpreted;
  const unknown = interpreted.value.flatMap(({ facts }) => (facts['unknownFunctions'] as string[] | undefined) ?? []).map((name) => name.split('.').at(-1)!);
  const more = [...new Set(unknown)].filter((name) => !assumed.includes(name));
  return more.length === 0 ? interpreted : interpretAssuming(text, target, catalog, [...assumed, ...more]);
}

function meant({ verb, text, accesses, facts }: Interpretation, target: Target, catalog: LocatedCase['catalog']): Action {
  return { protocol: target.protocol, verb, text, parameters: [], accesses: [...accesses], facts: { ...facts }, context: { database: target.database, search_path: (catalog?.searchPath ?? ['public']).join(', ') } };
}

/** A comment before the only statement is part of the text, and not of the statement. */
function statedOf(text: string): Pick<Action, 'stated'> {
  const stated = statedIn(text);
  return stated ? { stated } : {};
}

function described({ accesses, facts }: NonNullable<PolicyCase['action']>, target: Target): Action {
  const all = accesses.map(accessOf);
  const stated = { ...ORDINARY, writes: all.some(({ duty }) => duty !== 'read'), ...facts };
  return { protocol: target.protocol, verb: all[0]!.verb, text: '', parameters: [], accesses: all, facts: stated, context: { database: target.database, search_path: 'public' } };
}

/** Facts of a plain statement, where a case does not say otherwise: one statement that says which rows, seen through, with nothing unusual about it. */
const ORDINARY: Action['facts'] = {
  ...Object.fromEntries(Object.entries<FactSpec>(FACTS).filter(([, { type }]) => type === 'set' || type === 'boolean').map(([name, { type }]) => [name, type === 'set' ? [] : false])),
  hasWhere: true, returnsRows: true, statementCount: 1,
};

function accessOf({ verb, resource, columnsRead, columnsWritten }: SketchedAccess): Access {
  const [type = '', id = ''] = resource.split('::');
  const kind = (type === 'DatabaseRole' ? 'role' : type.toLowerCase()) as ObjectRef['kind'];
  const path = id.slice(1, -1).split('/').map((segment) => segment.replaceAll('%2F', '/').replaceAll('%25', '%'));
  return { verb, duty: VERBS[verb], object: { kind, path }, ...(columnsRead && { columnsRead }), ...(columnsWritten && { columnsWritten }) };
}
