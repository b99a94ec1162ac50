import type { Action, Budget, BudgetMeasure, Configuration, Principal } from '@interlock/contracts';

/** One count against a budget: what is drawn on it by whom, up to how much. */
export interface Account {
  readonly budget: Budget;
  /** Whose it is, in words: `principal etl-agent`, `party ann`, `share of etl-agent-2`. */
  readonly name: string;
  readonly most: number;
}

/**
 * The account of a budget on which a principal draws; undefined when the budget does not cover it. Who acts with another's token is
 * covered as itself, too, so that a delegation is no way around a budget. A principal of an unknown party counts as anybody's.
 */
export function accountOf(budget: Budget, principal: Principal): Account | undefined {
  const names = [...(principal.actors ?? []), principal.name];
  const share = names.flatMap((name) => budget.divide.filter((one) => one.principal === name))[0];
  if (share) return { budget, name: `share of ${share.principal}`, most: share.most };
  const name = ownAccount(budget.of, principal, names);
  return name === undefined ? undefined : { budget, name, most: budget.most - budget.divide.reduce((sum, { most }) => sum + most, 0) };
}

/** Every account on which a principal draws at a target. */
export function accountsAt({ budgets = [] }: Pick<Configuration, 'budgets'>, target: string, principal: Principal): readonly Account[] {
  const here = budgets.filter((budget) => budget.target === undefined || budget.target === target);
  return here.flatMap((budget) => accountOf(budget, principal) ?? []);
}

function ownAccount(of: Budget['of'], { name, roles, party }: Principal, names: readonly string[]): string | undefined {
  if ('principal' in of) return names.includes(of.principal) ? `principal ${of.principal}` : undefined;
  if ('role' in of) return roles.includes(of.role) ? `principal ${name}` : undefined;
  return party.length === 0 || party.includes(of.party) ? `party ${of.party}` : undefined;
}

type Counted = Pick<Action, 'verb' | 'accesses' | 'facts'>;

/** What a command uses up before it is sent; of what comes back, what has to be left at least for it to be sent. A prepared statement counts when it is executed: by itself it runs nothing. */
export const MEASURES: Readonly<Record<BudgetMeasure, (action: Counted) => number>> = {
  commands: ({ verb }) => (verb === 'prepare' ? 0 : 1),
  mutations: (action) => (action.verb !== 'prepare' && mayChange(action) ? 1 : 0),
  rowsWritten: (action) => (rowsWrittenBy(action) === 'none' ? 0 : 1),
  rowsReturned: (action) => (action.verb !== 'prepare' && action.facts['returnsRows'] === true ? 1 : 0),
  bytes: (action) => MEASURES.rowsReturned(action),
  // A command may show subjects that were shown before.
  subjects: () => 0,
};

/** What is counted as it comes back. */
export function isOfAnswers({ what }: Budget): boolean {
  return what === 'rowsReturned' || what === 'bytes';
}

/** What is known only once it is done: something has to be left before, and how much it was is paid after. */
export function isPaidAfter(budget: Budget): boolean {
  return budget.what === 'rowsWritten' || isOfAnswers(budget);
}

const ROW_VERBS = new Set(['insert', 'update', 'delete', 'merge', 'truncate', 'refresh']);

/**
 * Whether a command writes rows, and whether its target will say how many (`rowsCounted`, as its interpreter tells it). What cannot be looked into,
 * what a WITH or a function changes beside, and what is emptied as a whole nobody counts.
 */
export function rowsWrittenBy({ verb, accesses, facts }: Counted): 'none' | 'counted' | 'uncounted' {
  if (verb === 'prepare' || facts['prepares'] !== undefined) return 'none';
  if (facts['rowsCounted'] === true) return 'counted';
  const copiesIn = facts['copyDirection'] === 'in';
  const isRun = facts['analyze'] === true && accesses.some(({ duty }) => duty !== 'read');
  const unseen = facts['opaque'] !== false || ['dangerousFunctions', 'unknownFunctions'].some((fact) => Array.isArray(facts[fact]) && facts[fact].length > 0);
  return unseen || copiesIn || isRun || accesses.some((access) => ROW_VERBS.has(access.verb)) ? 'uncounted' : 'none';
}

/** What cannot be looked into may change anything. */
function mayChange({ accesses, facts }: Counted): boolean {
  return facts['opaque'] === true || accesses.some(({ duty }) => duty !== 'read');
}

/** A rolling budget is leased in these parts of its length: what is leased in one counts until a whole length after its end. */
const ROLLING_PARTS = 24;

/** In which window something counts that is done now; of a rolling budget, in which part. */
export function windowOf(budget: Budget, nowMs: number): number {
  return Math.floor((nowMs * partsOf(budget)) / (budget.windowSeconds * 1_000));
}

/** How many windows before one count with it. */
export function spanOf({ rolling }: Budget): number {
  return rolling ? ROLLING_PARTS : 0;
}

/** When what was leased in a window counts no more, milliseconds since the epoch. */
export function windowEndMs(budget: Budget, window: number): number {
  return Math.ceil(((window + 1 + spanOf(budget)) * budget.windowSeconds * 1_000) / partsOf(budget));
}

function partsOf({ rolling }: Budget): number {
  return rolling ? ROLLING_PARTS : 1;
}
