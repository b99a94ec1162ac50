import { VERBS, type FactValue, type Verb } from '@interlock/contracts';
import type { Analyst } from './analysis/analyst.js';
import type { FunctionStanding, Notes } from './analysis/notes.js';
import { baseTables } from './analysis/views.js';
import type { Meaning } from './statements/meaning.js';
import { isHarmless } from './statements/settings.js';

const WRITES = new Set<string>(['create', 'modify', 'delete']);

/**
 * The facts of a statement. Always there: hasWhere, tautology, writes, returnsRows, opaque, functions, volatileFunctions,
 * dangerousFunctions, unknownFunctions, unsafeSetting, sensitiveCatalog. The others only where they say something.
 */
export function factsOf(a: Analyst, notes: Notes, meaning: Meaning): Record<string, FactValue> {
  const functions = [...notes.functions];
  const of = (standing: FunctionStanding): string[] => functions.filter(([, use]) => use.standing === standing).map(([name]) => name);
  return {
    ...conditionFacts(notes),
    writes: [...notes.uses.values()].some((use) => use.verb !== 'lock' && WRITES.has(VERBS[use.verb])) || [...notes.others.values()].some(changesObject),
    returnsRows: meaning.columns !== undefined,
    opaque: notes.opaque,
    functions: functions.map(([name]) => name),
    volatileFunctions: functions.filter(([, use]) => use.volatile).map(([name]) => name),
    dangerousFunctions: of('dangerous'),
    unknownFunctions: of('unknown'),
    sensitiveCatalog: notes.sensitiveCatalog.size > 0,
    unsafeSetting: notes.settings.some(({ name, value }) => value === undefined || !isHarmless(name, [value])),
    statementCount: 1,
    ...whereTold({ definedFunctions: of('defined'), unknownRelations: [...notes.unknownRelations], unknownColumns: [...notes.unknownColumns] }),
    ...whereTold({ viewBaseTables: viewTables(a, notes), sensitiveCatalogs: [...notes.sensitiveCatalog], writeVerbs: [...notes.verbs].filter((verb) => verb !== 'select') }),
    ...whereTrue({ rowsCounted: meaning.ownRowChanges === notes.rowChanges && !notes.opaque }),
    ...whereTrue({ createsUnqualified: notes.createsUnqualified, locksRows: notes.locksRows, hasLimit: notes.hasLimit, sleeps: of('sleeps').length > 0 }),
    ...(notes.settings[0] === undefined ? {} : { setsSetting: notes.settings[0].name }),
    ...meaning.facts,
  };
}

/** Of several conditions the weakest counts: every UPDATE and DELETE in a statement must have one; else the outermost SELECT's. */
function conditionFacts(notes: Notes): { hasWhere: boolean; tautology: boolean } {
  const writes = notes.conditions.filter((condition) => condition.write);
  const counted = writes.length > 0 ? writes : notes.conditions;
  return { hasWhere: counted.length > 0 && counted.every((condition) => condition.present), tautology: counted.some((condition) => condition.tautology) };
}

function changesObject(access: { verb: Verb; kind: string }): boolean {
  return WRITES.has(VERBS[access.verb]) && access.kind !== 'setting' && access.kind !== 'channel';
}

function viewTables(a: Analyst, notes: Notes): string[] {
  const throughViews = [...notes.uses.values()].some(({ relation }) => relation?.kind === 'view' || relation?.kind === 'materialized_view');
  return throughViews ? baseTables(a, notes.uses.values()) : [];
}

function whereTold(facts: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value.length > 0));
}

function whereTrue(facts: Record<string, boolean>): Record<string, boolean> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value));
}
