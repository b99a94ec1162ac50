import { describe, expect, it } from 'vitest';
import { Separation } from '@interlock/contracts';
import { configuration } from '../../spec/given.js';
import { dynamicProblems } from './dynamic-problems.js';

const RULES = [{ id: 'etl-reads', effect: 'permit' as const, readsRoles: false }];
const told = (part: Record<string, unknown>, rules: Parameters<typeof dynamicProblems>[1] = RULES) => {
  const separation = Separation.parse({ dynamic: [{ name: 'apart', kind: 'session', between: [{ verb: 'insert' }, { verb: 'update' }], ...part }, { name: 'other', kind: 'session', between: [{ duty: 'read' }, { duty: 'modify' }] }] });
  return dynamicProblems(configuration({ separation }), rules).map(({ path, detail }) => `${path.join('.')}: ${detail}`);
};

describe('a dynamic separation', () => {
  it('that hangs together has no problem', () => expect(told({ between: [{ role: 'etl' }, { duty: 'delete', resource: 'Table::"shop/public/orders"' }] })).toEqual([]));

  it.each<[string, Record<string, unknown>, string]>([
    ['the name of a rule', { name: 'etl-reads' }, 'separation.dynamic.0.name: the name etl-reads is that of a rule'],
    ['a name of Interlock\'s', { name: 'risk' }, "separation.dynamic.0.name: the name risk is Interlock's own"],
    ['the name of another', { name: 'other' }, 'separation.dynamic.1.name: the name other is that of a separation above'],
    ['an act that says nothing', { between: [{}, { verb: 'update' }] }, 'separation.dynamic.0.between.0: the act does not say one thing'],
    ['an act that says two things', { between: [{ verb: 'insert', duty: 'read' }, { verb: 'update' }] }, 'separation.dynamic.0.between.0: the act does not say one thing'],
    ['a role somewhere', { between: [{ role: 'etl', resource: 'Target::"shop"' }, { verb: 'update' }] }, 'separation.dynamic.0.between.0: the act does not say one thing'],
    ['the same act twice', { between: [{ verb: 'insert' }, { verb: 'insert' }] }, 'separation.dynamic.0.between.1: both acts are the same'],
    ['a role of nobody', { between: [{ role: 'ghost' }, { verb: 'update' }] }, 'separation.dynamic.0.between.0.role: nobody has role ghost'],
    ['a place that is not there', { between: [{ verb: 'insert', resource: 'Table::"sho/public/x"' }, { verb: 'update' }] }, 'separation.dynamic.0.between.0.resource: there is no target sho'],
  ])('is told of %s', (_, part, problem) => expect(told(part)).toEqual([problem]));

  it('is told of a rule by which its roles cannot be told', () => {
    expect(told({ between: [{ role: 'etl' }, { verb: 'update' }] }, [{ id: 'r', effect: 'permit', readsRoles: true }]))
      .toEqual(['separation.dynamic.0.between.0.role: rule r reads principal.roles, so whether it permits something to role etl cannot be told']);
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['a window without a length', { kind: 'window' }, ['separation.dynamic.0.kind: it is not said how long the window is']],
    ['a session with a length', { windowSeconds: 60 }, ['separation.dynamic.0.windowSeconds: a session has no window']],
    ['a role of nobody, over a window', { kind: 'window', windowSeconds: 86_400, between: [{ role: 'ghost' }, { verb: 'update' }] }, ['separation.dynamic.0.between.0.role: nobody has role ghost']],
    ['nothing where a window has a length', { kind: 'window', windowSeconds: 60 }, []],
  ])('is told of %s', (_, part, problems) => expect(told(part)).toEqual(problems));

  it.each([59, 31 * 86_400 + 1, 90.5])('over a window of %d seconds is not read', (windowSeconds) => {
    const parsed = Separation.safeParse({ dynamic: [{ name: 'apart', kind: 'window', windowSeconds, between: [{ verb: 'insert' }, { verb: 'update' }] }] });
    expect(parsed.error?.issues.map(({ path }) => path.join('.'))).toEqual(['dynamic.0.windowSeconds']);
  });
});
