import type { RiskModel } from '@interlock/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { access, action, circumstances, model, SHOP } from '../../spec/risky.js';
import { RiskScale } from '../risk/risk-scale.js';
import { Possibilities, type Proposition } from './proposition.js';
import { RiskForesight } from './risk-foresight.js';

const ACTOR = { kind: 'agent' as const, name: 'a', roles: [] };
const PLACE = { type: 'Table', target: SHOP, parents: [] };
const states = (fact: object): Proposition => ({ atom: JSON.stringify(fact) });
const foreseen = (risk: RiskModel, verb: 'delete' | 'update' | 'select' = 'delete') => new RiskForesight(risk, { states }).on(ACTOR, verb, PLACE);
const ASK = { ask: { score: 50, approvers: [{ role: 'dba' }] } };

describe('what can be foreseen of a score', () => {
  it.each<[string, Record<string, unknown>, Proposition]>([
    ['is certain where labels and the verb come to it', { acts: [{ duty: 'delete', points: 30 }], labels: [{ label: 'env', is: 'production', points: 20 }] }, true],
    ['is out of reach where all that is open does not come to it', { acts: [{ verb: 'drop', points: 90 }], labels: [{ label: 'env', is: 'staging', points: 90 }], times: [{ days: ['sat'], points: 40 }] }, false],
    ['is open where the same may be done to more objects', { acts: [{ verb: 'delete', points: 10 }] }, { atom: 'the command does so to more objects' }],
    ['is what the command says of itself', { facts: [{ fact: 'hasWhere', is: false, points: 50 }] }, { atom: '{"fact":"hasWhere","is":false}' }],
    ['is one question where too much is open', { times: Array.from({ length: 10 }, (_, hour) => ({ from: `0${hour}:00`, to: `0${hour}:30`, points: 10 })) }, { atom: expect.stringMatching(/^the risk of .* comes to 50$/) as unknown as string }],
  ])('%s', (_, part, asks) => expect(foreseen(model({ ...part, thresholds: ASK })).asks).toEqual(asks));

  it('tells which of several terms come to it together', () => {
    const { asks } = foreseen(model({ labels: [{ label: 'env', is: 'production', points: 20 }], facts: [{ fact: 'hasWhere', is: false, points: 30 }, { fact: 'opaque', is: true, points: 10 }], thresholds: ASK }));
    const [bare, opaque] = [states({ fact: 'hasWhere', is: false }), states({ fact: 'opaque', is: true })];
    const possible = (...also: Proposition[]) => new Possibilities().possible({ all: [asks, ...also] });
    expect([possible(bare), possible({ not: bare }), possible(opaque, { not: bare }), possible(bare, { not: opaque })]).toEqual([true, false, false, true]);
  });

  it('counts a fact of other duties only where the command may do something of them, too', () => {
    const facts = [{ fact: 'hasWhere', is: false, duties: ['delete'], points: 50 }];
    expect(foreseen(model({ facts, thresholds: ASK })).asks).toEqual({ atom: '{"fact":"hasWhere","is":false}' });
    expect(foreseen(model({ facts, thresholds: ASK }), 'select').asks).toEqual({ all: [{ atom: 'the command does something of delete beside' }, { atom: '{"fact":"hasWhere","is":false}' }] });
  });

  const points = fc.integer({ min: 1, max: 60 });
  const models = fc.record({
    facts: fc.array(fc.record({ fact: fc.constantFrom('hasWhere', 'opaque'), is: fc.boolean(), points }), { maxLength: 3 }),
    acts: fc.array(fc.record({ verb: fc.constantFrom('delete', 'update'), points }), { maxLength: 3 }),
    labels: fc.array(fc.record({ label: fc.constant('env'), is: fc.constantFrom('production', 'staging'), points }), { maxLength: 2 }),
    times: fc.array(fc.record({ days: fc.constantFrom(['wed'], ['sat']), points }), { maxLength: 2 }),
    ask: fc.integer({ min: 1, max: 120 }),
  });
  const commands = fc.record({ verb: fc.constantFrom('delete' as const, 'update' as const, 'select' as const), times: fc.integer({ min: 1, max: 3 }), hasWhere: fc.boolean(), opaque: fc.boolean() });

  it('never calls impossible what a command scores', () => fc.assert(fc.property(models, commands, ({ ask, ...terms }, { verb, times, ...facts }) => {
    const risk = model({ ...terms, thresholds: { ask: { score: ask, approvers: [{ role: 'dba' }] } } });
    const { score } = new RiskScale(risk).riskOf({ action: action(Array.from({ length: times }, () => access(verb)), facts), target: SHOP, circumstances: circumstances() });
    const { asks } = foreseen(risk, verb);
    const said = risk.facts.map(({ fact, is }): Proposition => (facts[fact as 'hasWhere'] === is ? states({ fact, is }) : { not: states({ fact, is }) }));
    expect(new Possibilities().possible({ all: [score >= ask ? asks : { not: asks }, ...said] })).toBe(true);
  })));
});
