import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RISK_LIMITS, RiskModel, type Action, type FactValue } from '@interlock/contracts';
import { access, action, circumstances, model, SHOP } from '../../spec/risky.js';
import { RiskScale } from './risk-scale.js';

const told = (part: Record<string, unknown>, what: Action, at = circumstances()): string[] =>
  new RiskScale(model(part)).riskOf({ action: what, target: SHOP, circumstances: at }).terms.map(({ points, because }) => `${points} ${because}`);

describe('a fact', () => {
  it.each<[string, Record<string, unknown>, Record<string, FactValue>, string[]]>([
    ['that is so', { fact: 'hasWhere', is: false }, { hasWhere: false }, ['7 hasWhere is false']],
    ['that is not', { fact: 'hasWhere', is: false }, { hasWhere: true }, []],
    ['that is not said counts as the answer that favours the command least', { fact: 'hasWhere', is: false }, {}, ['7 hasWhere is false']],
    ['that has no such answer and is not said', { fact: 'functions', has: 'dblink' }, {}, ['7 functions is not known']],
    ['of a set, by a member', { fact: 'functions', has: 'dblink' }, { functions: ['now', 'dblink'] }, ['7 functions has dblink']],
    ['of a set, without it', { fact: 'functions', has: 'dblink' }, { functions: ['now', 'dblink2'] }, []],
    ['of a set, by its size', { fact: 'functions', above: 1 }, { functions: ['a', 'b'] }, ['7 functions has 2 members, more than 1']],
    ['of a set, at the edge', { fact: 'functions', above: 2 }, { functions: ['a', 'b'] }, []],
    ['that is a number above', { fact: 'statementCount', above: 3 }, { statementCount: 4 }, ['7 statementCount is 4, more than 3']],
    ['that is a number at the edge', { fact: 'statementCount', above: 3 }, { statementCount: 3 }, []],
    ['that is a text', { fact: 'objectType', is: 'table' }, { objectType: 'table' }, ['7 objectType is table']],
    ['of a name that all objects have', { fact: 'objectType', is: 'table' }, JSON.parse('{"__proto__":"table"}') as Record<string, FactValue>, []],
    ['counts only where these duties are done', { fact: 'hasWhere', is: false, duties: ['delete'] }, { hasWhere: false }, []],
  ])('%s', (_, fact, facts, terms) => expect(told({ facts: [{ points: 7, ...fact }] }, action([access('select')], facts))).toEqual(terms));
});

describe('an act', () => {
  it.each([
    ['a verb', { verb: 'drop' }, [access('drop')], ['5 drop is done']],
    ['another verb of the same duty', { verb: 'drop' }, [access('truncate')], []],
    ['a duty, once for each object', { duty: 'delete' }, [access('drop'), access('delete', 'lines'), access('select')], ['10 something of duty delete is done 2 times']],
    ['a duty, whatever an access claims', { duty: 'delete' }, [{ ...access('drop'), duty: 'read' as const }], ['5 something of duty delete is done']],
  ])('%s', (_, act, accesses, terms) => expect(told({ acts: [{ points: 5, ...act }] }, action(accesses))).toEqual(terms));
});

it('a label of the target counts, by its own value', () => {
  const labels = [{ label: 'env', is: 'production', points: 20 }, { label: 'env', is: 'test', points: 1 }, { label: 'constructor', is: 'x', points: 1 }];
  expect(told({ labels }, action([]))).toEqual(['20 the target is labelled env=production']);
});

describe('recent behaviour', () => {
  const recent = [{ measure: 'denials', above: 3, minutes: 10, points: 9 }];
  it.each([[3, []], [4, ['9 4 denials within 10 minutes, more than 3']]])('%i denials', (value, terms) => {
    expect(told({ recent }, action([]), circumstances({ recent: [{ measure: 'denials', minutes: 10, value }] }))).toEqual(terms);
  });
  it('counts when it is not told, and when another stretch is', () => {
    const unknown = ['9 how many denials there were within 10 minutes is not known'];
    expect(told({ recent }, action([]))).toEqual(unknown);
    expect(told({ recent }, action([]), circumstances({ recent: [{ measure: 'denials', minutes: 5, value: 0 }] }))).toEqual(unknown);
  });
});

describe('a time', () => {
  const at = (time: string, times: object[], timeZone = 'Europe/Berlin') => new RiskScale(model({ timeZone, times: times.map((one) => ({ points: 3, ...one })) })).riskOf({ action: action([]), target: SHOP, circumstances: circumstances({ at: time }) }).score;
  const NIGHT = [{ from: '22:00', to: '06:00' }];
  it.each<[string, string, object[], number]>([
    ['the first minute of a night', '2026-01-07T21:00:00Z', NIGHT, 3],
    ['the minute before it', '2026-01-07T20:59:59.999Z', NIGHT, 0],
    ['its last minute, on the next day', '2026-01-08T04:59:59Z', NIGHT, 3],
    ['the minute behind it', '2026-01-08T05:00:00Z', NIGHT, 0],
    ['the same in summer, an hour earlier', '2026-07-07T20:00:00Z', NIGHT, 3],
    ['Saturday by that clock, still Friday in UTC', '2026-01-09T23:00:00Z', [{ days: ['sat'] }], 3],
    ['Sunday by that clock, still Saturday in UTC', '2026-01-10T23:00:00Z', [{ days: ['sat'] }], 0],
    ['a night belongs to the day on which it began', '2026-01-10T03:00:00Z', [{ days: ['fri'], from: '22:00', to: '06:00' }], 3],
    ['not to the day before that', '2026-01-09T03:00:00Z', [{ days: ['fri'], from: '22:00', to: '06:00' }], 0],
    ['a night of Sunday reaches into Monday', '2026-01-12T03:00:00Z', [{ days: ['sun'], from: '22:00', to: '06:00' }], 3],
    ['until midnight', '2026-01-07T22:59:59Z', [{ from: '20:00', to: '24:00' }], 3],
    ['and not a minute more', '2026-01-07T23:00:00Z', [{ from: '20:00', to: '24:00' }], 0],
    ['the hour that summer time skips is not there', '2026-03-29T01:00:00Z', [{ from: '02:00', to: '03:00' }], 0],
    ['the hour that winter time repeats counts the first time', '2026-10-25T00:30:00Z', [{ from: '02:00', to: '03:00' }], 3],
    ['and the second time', '2026-10-25T01:30:00Z', [{ from: '02:00', to: '03:00' }], 3],
    ['no time at all', 'yesterday', NIGHT, 3],
  ])('%s', (_, time, times, score) => expect(at(time, times)).toBe(score));

  it('is that of the zone and of no other, however odd', () => {
    const evening = [{ from: '18:00', to: '19:00' }];
    expect(at('2026-01-07T12:20:00Z', evening, 'Asia/Kathmandu')).toBe(3);
    expect(at('2026-01-07T12:10:00Z', evening, 'Asia/Kathmandu')).toBe(0);
    expect(at('2026-01-07T12:20:00Z', evening, 'UTC')).toBe(0);
  });

  it('does not stick: a scale tells it anew for every command', () => {
    const scale = new RiskScale(model({ times: [{ points: 3, ...NIGHT[0] }] }));
    const scores = ['21:59:59.999', '22:00:00.000', '21:59:59.999'].map((time) => scale.riskOf({ action: action([]), target: SHOP, circumstances: circumstances({ at: `2026-01-07T${time}Z` }) }).score);
    expect(scores).toEqual([0, 3, 0]);
  });

  it('counts when nobody tells it', () => {
    expect(new RiskScale(model({ times: [{ points: 3, ...NIGHT[0] }] })).riskOf({ action: action([]), target: SHOP }).terms).toEqual([{ kind: 'time', points: 3, because: 'the time is not known' }]);
  });
});

describe('a score', () => {
  it('is the sum of its terms, exactly, at the most that a model may say', () => {
    const many = Array.from({ length: RISK_LIMITS.terms }, () => ({ verb: 'drop', points: RISK_LIMITS.points }));
    const everything = action(Array.from({ length: RISK_LIMITS.accesses }, (_, index) => access('drop', `t${index}`)));
    const { score, terms } = new RiskScale(model({ acts: many })).riskOf({ action: everything, target: SHOP });
    expect([score, terms.length]).toEqual([512_000_000, RISK_LIMITS.terms]);
    expect(Number.isSafeInteger(score * 5)).toBe(true);
  });

  it.each([-1, 0, 1.5, RISK_LIMITS.points + 1, Number.NaN, Number.POSITIVE_INFINITY, '5'])('takes no term of %s points', (points) => {
    expect(RiskModel.safeParse({ thresholds: { deny: 1 }, acts: [{ verb: 'drop', points }] }).success).toBe(false);
  });

  it('of one command is that of the same in parts, and no less', () => {
    const scale = new RiskScale(model({ acts: [{ verb: 'drop', points: 40 }, { duty: 'delete', points: 3 }] }));
    const scoreOf = (...names: string[]) => scale.riskOf({ action: action(names.map((name) => access('drop', name))), target: SHOP }).score;
    expect([scoreOf('a', 'b', 'c'), scoreOf('a') + scoreOf('b') + scoreOf('c')]).toEqual([129, 129]);
  });

  it('is never lower for a command that does more', () => {
    const scale = new RiskScale(model({
      facts: [{ fact: 'functions', above: 1, points: 4 }, { fact: 'hasWhere', is: false, duties: ['delete'], points: 16 }], acts: [{ duty: 'delete', points: 1 }, { verb: 'insert', points: 2 }, { verb: 'drop', points: 8 }],
    }));
    const verbs = fc.array(fc.constantFrom('select' as const, 'insert' as const, 'delete' as const, 'drop' as const), { maxLength: 4 });
    fc.assert(fc.property(verbs, verbs, fc.array(fc.string()), fc.array(fc.string()), fc.boolean(), (some, more, called, also, hasWhere) => {
      const scoreOf = (list: typeof some, functions: string[]) => scale.riskOf({ action: action(list.map((verb) => access(verb)), { functions, hasWhere }), target: SHOP }).score;
      expect(scoreOf([...some, ...more], [...called, ...also])).toBeGreaterThanOrEqual(scoreOf(some, called));
    }));
  });

  it('names the model by a hash that any change of it changes', () => {
    const hashes = [{}, { timeZone: 'Europe/Berlin' }, { acts: [{ verb: 'drop', points: 1 }] }, { acts: [{ verb: 'drop', points: 2 }] }, { thresholds: { deny: 2 } }].map((part) => new RiskScale(model(part)).model);
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});
