import type { PolicyProblem } from '@interlock/adapter-cedar';
import { ESTIMATE_FACTS, type Access, type Action, type Configuration, type GatheredFacts, type HistoryFacts, type ObjectRef, type ObjectState, type PolicyCase, type Principal } from '@interlock/contracts';
import { factsOf, factsWithoutHistory } from '@interlock/domain-duty';
import { independentThenAndNow } from '@interlock/domain-identity';
import type { LocatedCase } from './read-cases.js';

type Told = Pick<PolicyCase, 'madeBy' | 'preexisting' | 'estimatedRows'>;
type PrincipalNamed = (name: string) => Principal;

/** What a case tells of the makers of an action's objects and of its rows, by access, as a connector would gather it; null where it tells nothing. */
export function toldOf(action: Action, one: Told, requester: Principal, { configuration, named }: { readonly configuration: Configuration; readonly named: PrincipalNamed }): (GatheredFacts | null)[] {
  const isApart = (creator: Principal): boolean => independentThenAndNow(requester, creator, configuration).ok;
  const historyOf = (access: Access): HistoryFacts | null => {
    const without = factsWithoutHistory(access, action.facts);
    const name = nameOf(access.object);
    if (without || !isTold(name, one)) return without ?? null;
    const maker = one.madeBy[name];
    return factsOf({ byId: maker === undefined ? undefined : madeBy(named(maker), name), byName: undefined }, isApart);
  };
  return action.accesses.map((access) => {
    const history = historyOf(access);
    return one.estimatedRows === undefined || !isEstimated(access) ? history : { ...history, estimatedRows: one.estimatedRows };
  });
}

function isEstimated({ verb }: Access): boolean {
  return (ESTIMATE_FACTS.estimatedRows.verbs as readonly string[]).includes(verb);
}

/** Objects whose maker a case tells and that its command does not touch: a slip, by which the case would show something else. */
export function untouched({ file, line, one }: LocatedCase, actions: readonly Action[]): PolicyProblem[] {
  const touched = new Set(actions.flatMap(({ accesses }) => accesses.map(({ object }) => nameOf(object))));
  return [...Object.keys(one.madeBy), ...one.preexisting].filter((name) => !touched.has(name)).map((name) => ({
    file, line, column: 1, detail: `the case tells who made ${name}, which its command does not touch`, expected: touched.size === 0 ? 'a command that touches it' : `one of ${[...touched].filter((one) => one !== '').join(', ')}`,
  }));
}

function isTold(name: string, { madeBy: makers, preexisting }: Told): boolean {
  return Object.hasOwn(makers, name) || preexisting.includes(name);
}

/** As catalogs of cases name things: without the target. */
function nameOf({ path }: ObjectRef): string {
  return path.slice(1).join('.');
}

function madeBy(by: Principal, name: string): ObjectState {
  return { status: 'bound', target: '', name, id: name, claims: [{ by, session: '', command: '', at: '' }] };
}
