import { describe, expect, it } from 'vitest';
import { Budget, type Access, type Principal } from '@interlock/contracts';
import { accountOf, MEASURES, rowsWrittenBy, spanOf, windowEndMs, windowOf } from './account.js';

const budget = (of: Budget['of'], divide: { principal: string; most: number }[] = []): Budget =>
  Budget.parse({ name: 'b', of, what: 'commands', most: 10, windowSeconds: 60, divide });
const agent = (name: string, more: Partial<Principal> = {}): Principal => ({ name, kind: 'agent', issuer: 'i', subject: name, roles: ['etl'], party: ['ann'], ...more });
const told = (one: Budget, principal: Principal): string => {
  const account = accountOf(one, principal);
  return account ? `${account.name}: ${account.most}` : 'not covered';
};

describe('the account on which a principal draws', () => {
  const divided = budget({ principal: 'lead' }, [{ principal: 'sub-1', most: 3 }, { principal: 'sub-2', most: 2 }]);

  it.each<[string, Budget, Principal, string]>([
    ['its own', budget({ principal: 'lead' }), agent('lead'), 'principal lead: 10'],
    ['of another principal', budget({ principal: 'lead' }), agent('other'), 'not covered'],
    ['as one who acts with another\'s token', budget({ principal: 'lead' }), agent('ann', { actors: ['lead'] }), 'principal lead: 10'],
    ['as one with whose token another acts', budget({ principal: 'lead' }), agent('lead', { actors: ['other'] }), 'principal lead: 10'],
    ['of its role: one each', budget({ role: 'etl' }), agent('lead'), 'principal lead: 10'],
    ['of a role that it does not have', budget({ role: 'dba' }), agent('lead'), 'not covered'],
    ['of its human: one for all', budget({ party: 'ann' }), agent('lead'), 'party ann: 10'],
    ['of a human who is not behind it', budget({ party: 'bob' }), agent('lead'), 'not covered'],
    ['of any human when nobody knows who is behind it', budget({ party: 'bob' }), agent('lead', { party: [] }), 'party bob: 10'],
    ['of a divided budget: what is left of it', divided, agent('lead'), 'principal lead: 5'],
    ['of a divided budget: its share', divided, agent('sub-1'), 'share of sub-1: 3'],
    ['of a divided budget: its share when it acts for the whole\'s owner', divided, agent('lead', { actors: ['sub-2'] }), 'share of sub-2: 2'],
    ['of a divided budget in which it has no share', divided, agent('sub-3'), 'not covered'],
    ['of its human\'s budget: its share', budget({ party: 'ann' }, [{ principal: 'sub-1', most: 3 }]), agent('sub-1'), 'share of sub-1: 3'],
  ])('%s', (_what, one, principal, expected) => expect(told(one, principal)).toBe(expected));
});

describe('what a command uses up', () => {
  const access = (duty: Access['duty']): Access => ({ verb: 'select', duty, object: { kind: 'table', path: ['t'] } });
  it.each<[string, string, Access['duty'][], Record<string, boolean>, [number, number]]>([
    ['a query', 'select', ['read'], { returnsRows: true }, [1, 0]],
    ['a change', 'update', ['read', 'modify'], {}, [1, 1]],
    ['a deletion', 'delete', ['delete'], {}, [1, 1]],
    ['what cannot be looked into', 'call', ['read'], { opaque: true }, [1, 1]],
    ['a preparation', 'prepare', ['modify'], { opaque: true }, [0, 0]],
  ])('%s', (_what, verb, duties, facts, expected) => {
    const action = { verb, accesses: duties.map(access), facts };
    expect([MEASURES.commands(action), MEASURES.mutations(action)]).toEqual(expected);
  });

  it.each<[string, string, Record<string, boolean>, number]>([
    ['a query', 'select', { returnsRows: true }, 1],
    ['a change without an answer', 'update', { returnsRows: false }, 0],
    ['a preparation', 'prepare', { returnsRows: true }, 0],
  ])('of answers: at least something has to be left for %s', (_what, verb, facts, expected) => {
    const action = { verb, accesses: [], facts };
    expect([MEASURES.rowsReturned(action), MEASURES.bytes(action)]).toEqual([expected, expected]);
  });
});

describe('the rows that a command writes', () => {
  const access = (verb: string, duty: Access['duty']): Access => ({ verb, duty, object: { kind: 'table', path: ['t'] } });
  const CLOSED = { opaque: false };
  it.each<[string, string, Access[], Record<string, boolean | string | string[]>, string]>([
    ['a change whose answer counts them', 'update', [access('update', 'modify')], { ...CLOSED, rowsCounted: true }, 'counted'],
    ['a change whose answer does not', 'update', [access('update', 'modify')], CLOSED, 'uncounted'],
    ['a query', 'select', [access('select', 'read')], CLOSED, 'none'],
    ['a query in which something is deleted', 'select', [access('select', 'read'), access('delete', 'delete')], CLOSED, 'uncounted'],
    ['an emptying', 'truncate', [access('truncate', 'delete')], CLOSED, 'uncounted'],
    ['a definition', 'create', [access('create', 'create')], CLOSED, 'none'],
    ['a copy in of which that is not said', 'copy', [access('insert', 'create')], { ...CLOSED, copyDirection: 'in' }, 'uncounted'],
    ['code that cannot be looked into', 'do', [access('do', 'administer')], { opaque: true }, 'uncounted'],
    ['what does not say whether it can', 'select', [access('select', 'read')], {}, 'uncounted'],
    ['a query that calls what nobody knows', 'select', [access('select', 'read')], { ...CLOSED, unknownFunctions: ['f'] }, 'uncounted'],
    ['what runs to be explained', 'create', [access('create', 'create')], { ...CLOSED, analyze: true }, 'uncounted'],
    ['a preparation', 'prepare', [access('prepare', 'read')], {}, 'none'],
    ['a preparation in words', 'insert', [access('insert', 'create')], { ...CLOSED, prepares: 'p' }, 'none'],
  ])('%s', (_what, verb, accesses, facts, expected) => {
    expect(rowsWrittenBy({ verb, accesses, facts })).toBe(expected);
    expect(MEASURES.rowsWritten({ verb, accesses, facts })).toBe(expected === 'none' ? 0 : 1);
  });
});

it('a window begins at a multiple of its length', () => {
  const one = budget({ principal: 'lead' });
  expect([windowOf(one, 59_999), windowOf(one, 60_000), windowEndMs(one, 0)]).toEqual([0, 1, 60_000]);
});

it('a rolling budget is counted in 24ths, of which each counts until a whole length after its end', () => {
  const one: Budget = { ...budget({ principal: 'lead' }), rolling: true };
  expect([windowOf(one, 2_499), windowOf(one, 2_500), spanOf(one), windowEndMs(one, 0), windowOf(one, windowEndMs(one, 0)) - spanOf(one)]).toEqual([0, 1, 24, 62_500, 1]);
});
