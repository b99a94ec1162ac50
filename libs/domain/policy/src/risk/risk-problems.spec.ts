import { describe, expect, it } from 'vitest';
import type { RiskModel } from '@interlock/contracts';
import { configuration } from '../../spec/given.js';
import { model } from '../../spec/risky.js';
import { riskProblems } from './risk-problems.js';

const WHOLE = { acts: [{ verb: 'drop', points: 90 }], thresholds: { ask: { score: 60, approvers: [{ role: 'dba' }] }, deny: 90 } };
const told = (part: Record<string, unknown>, more: Parameters<typeof configuration>[0] = {}) =>
  riskProblems(configuration({ ...more, risk: model({ ...WHOLE, ...part }) as RiskModel })).map(({ path, detail }) => `${path.join('.')}: ${detail}`);

describe('a risk model', () => {
  it('that hangs together has no problem', () => expect(told({})).toEqual([]));
  it('need not be there', () => expect(riskProblems(configuration())).toEqual([]));

  it.each<[string, Record<string, unknown>, string]>([
    ['a zone that does not exist', { timeZone: 'Mars/Olympus' }, 'risk.timeZone: there is no time zone Mars/Olympus'],
    ['a fact without a condition', { facts: [{ fact: 'hasWhere', points: 1 }] }, 'risk.facts.0: hasWhere is a boolean, and when it counts is not said in one way that fits'],
    ['a fact with a condition of another type', { facts: [{ fact: 'hasWhere', is: 'false', points: 1 }] }, 'risk.facts.0: hasWhere is a boolean, and when it counts is not said in one way that fits'],
    ['a fact with two conditions', { facts: [{ fact: 'functions', has: 'x', above: 1, points: 1 }] }, 'risk.facts.0: functions is a set, and when it counts is not said in one way that fits'],
    ['an act that is nothing', { acts: [{ points: 90 }] }, 'risk.acts.0: the act does not say one thing'],
    ['an act that is two', { acts: [{ verb: 'drop', duty: 'delete', points: 90 }] }, 'risk.acts.0: the act does not say one thing'],
    ['a label of no target', { labels: [{ label: 'env', is: 'production', points: 1 }] }, 'risk.labels.0: no target is labelled env=production'],
    ['a time that is always', { times: [{ points: 1 }] }, 'risk.times.0: the term is always true'],
    ['half a stretch', { times: [{ from: '10:00', points: 1 }] }, 'risk.times.0: the stretch has one end'],
    ['an empty stretch', { times: [{ from: '10:00', to: '10:00', points: 1 }] }, 'risk.times.0: the stretch from 10:00 to 10:00 is empty or a whole day, nobody can tell which'],
    ['a stretch from the end of a day', { times: [{ from: '24:00', to: '01:00', points: 1 }] }, 'risk.times.0: no stretch begins at 24:00'],
    ['more objects than are counted', { recent: [{ measure: 'objects', above: 4_000, minutes: 5, points: 1 }] }, 'risk.recent.0: objects are not counted beyond 4000'],
    ['no threshold', { thresholds: {} }, 'risk.thresholds: nothing follows from any score'],
    ['a threshold that nothing reaches', { acts: [{ verb: 'drop', points: 1 }], facts: [{ fact: 'hasWhere', is: false, points: 5 }], thresholds: { deny: 518 } }, 'risk.thresholds.deny: no command scores 518: all terms together are 517 at most'],
    ['asking where everything is denied', { thresholds: { ...WHOLE.thresholds, deny: 60 } }, 'risk.thresholds.ask.score: nobody is ever asked: from 60 on everything is denied'],
    ['approvers whom nobody is', { thresholds: { ask: { score: 60, approvers: [{ role: 'ghost' }] } } }, 'risk.thresholds.ask.approvers.0: no person has role ghost'],
    ['more approvers than there are', { thresholds: { ask: { score: 60, approvers: [{ role: 'dba', count: 2 }] } } }, 'risk.thresholds.ask.approvers.0: only 1 of 2 people have role dba'],
    ['a role that approves twice', { thresholds: { ask: { score: 60, approvers: [{ role: 'dba' }, { role: 'dba' }] } } }, 'risk.thresholds.ask.approvers.1: role dba stands there twice'],
  ])('is told of %s', (_, part, problem) => expect(told(part)).toEqual([problem]));
});
