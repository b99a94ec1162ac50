import { Budget, type Configuration } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { agent, configuration } from '../spec/given.js';
import { budgetProblems } from './budget-problems.js';

const entry = (more: object = {}): Budget => Budget.parse({ name: 'b', of: { principal: 'dba' }, what: 'commands', most: 10, windowSeconds: 60, ...more });
const told = (...budgets: Budget[]): string[] => {
  const given = configuration();
  return budgetProblems({ ...given, principals: [...given.principals, agent('sub', ['dba'])], budgets } as Configuration).map(({ path, detail }) => `${path.join('.')}: ${detail}`);
};

const people = { what: 'subjects', target: 'shop', subjects: ['public.people.id'] };

describe('budgets', () => {
  it('that hang together have no problem', () => expect(told(entry({ target: 'shop', divide: [{ principal: 'sub', most: 10 }] }), entry({ name: 'c', of: { party: 'dba' } }), entry({ name: 'd', of: { role: 'etl' } }))).toEqual([]));

  it.each<[string, Budget[], string[]]>([
    ['a name given twice', [entry(), entry()], ['budgets.1.name: there is another budget b above']],
    ['a principal that nobody is', [entry({ of: { principal: 'ghost' } })], ['budgets.0.of.principal: there is no principal ghost']],
    ['a role that nobody has', [entry({ of: { role: 'ghost' } })], ['budgets.0.of.role: nobody has role ghost']],
    ['a party that is an agent', [entry({ of: { party: 'sub' } })], ['budgets.0.of.party: there is no human sub']],
    ['a target that is not there', [entry({ target: 'ghost' })], ['budgets.0.target: there is no target ghost']],
    ['a share of nobody', [entry({ divide: [{ principal: 'ghost', most: 1 }] })], ['budgets.0.divide.0.principal: there is no principal ghost']],
    ['a second share', [entry({ divide: [{ principal: 'sub', most: 1 }, { principal: 'sub', most: 1 }] })], ['budgets.0.divide.1.principal: sub has a share already']],
    ['shares of more than there is', [entry({ divide: [{ principal: 'sub', most: 11 }] })], ['budgets.0.divide: the shares are 11 together']],
    ['a rolling window that is too short', [entry({ rolling: true, windowSeconds: 59 })], ['budgets.0.windowSeconds: a rolling window of 59 s is too short']],
    ['nothing where it is long enough', [entry({ rolling: true })], []],
    ['nothing of subjects that are told by columns', [entry({ ...people, most: 2_000 })], []],
    ['subjects that no column tells', [entry({ ...people, subjects: undefined })], ['budgets.0.what: no column says whose a row is']],
    ['subjects of nowhere', [entry({ ...people, target: undefined })], ['budgets.0.what: columns of which target the subjects are is not said']],
    ['more subjects than are kept', [entry({ ...people, most: 2_001 })], ['budgets.0.most: 2001 different subjects are too many to keep']],
    ['columns that count nothing', [entry({ subjects: people.subjects })], ['budgets.0.subjects: a budget of commands counts no subjects']],
    ['shares of a role', [entry({ of: { role: 'etl' }, divide: [{ principal: 'sub', most: 1 }] })], ['budgets.0.divide: a budget of a role is each principal\'s own, so there is nothing to divide']],
  ])('are told of %s', (_what, budgets, expected) => expect(told(...budgets)).toEqual(expected));
});
