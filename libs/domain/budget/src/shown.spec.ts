import type { SubjectsState } from '@interlock/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newlyShown, oldestShown, shown, type ShowCommand } from './shown.js';

type Show = Pick<ShowCommand, 'subjects'> & Partial<ShowCommand>;

/** What becomes of one command after another: `+n` for so many that count newly, or the reason. */
function shows(...commands: readonly Show[]): { readonly told: readonly string[]; readonly state: SubjectsState | undefined } {
  let state: SubjectsState | undefined;
  const told = commands.map((more) => {
    const decided = shown.decide({ budget: 'b', account: 'principal a', later: [], most: 3, window: 7, span: 0, ...more }, state);
    if (!decided.ok) return decided.refusal.reason;
    const [event] = decided.value;
    const amount = event ? newlyShown(event, state).amount : 0;
    if (event) state = shown.evolve(state, event);
    return `+${amount}`;
  });
  return { told, state };
}

describe('subjects that are shown', () => {
  it('count once, and no more are than there may be', () => {
    expect(shows({ subjects: ['x'] }, { subjects: ['x'] }, { subjects: ['y', 'x', 'y'] }, { subjects: ['z'] }, { subjects: ['u'] }, { subjects: ['z', 'x'] }).told).toEqual(['+1', '+0', '+1', '+1', 'budget_used_up', '+0']);
  });

  it('of one row are shown all, or none', () => {
    const { told, state } = shows({ subjects: ['x', 'y'] }, { subjects: ['z', 'u'] }, { subjects: ['z'] });
    expect(told).toEqual(['+2', 'budget_used_up', '+1']);
    expect(state?.windows).toEqual([{ window: 7, subjects: ['x', 'y', 'z'] }]);
  });

  it('of later rows count as far as there is room', () => {
    const { told, state } = shows({ subjects: ['x'], later: ['x', 'y', 'z', 'u'] }, { subjects: ['u'], later: ['y'] });
    expect(told).toEqual(['+3', 'budget_used_up']);
    expect(state?.windows[0]?.subjects).toEqual(['x', 'y', 'z']);
  });

  it('begin at nothing in the next window, and an earlier one is over', () => {
    expect(shows({ subjects: ['x', 'y', 'z'] }, { subjects: ['x', 'u'], window: 8 }, { subjects: ['x'] }).told).toEqual(['+3', '+2', 'budget_window_over']);
  });

  it('of a rolling budget count in the last window in which they were shown, and so long after', () => {
    const rolling = (window: number, ...subjects: string[]): Show => ({ window, subjects, span: 24 });
    const { told, state } = shows(rolling(100, 'x', 'y', 'z'), rolling(110, 'y'), rolling(124, 'u'), rolling(125, 'u', 'v'), rolling(125, 'w'), rolling(135, 'w'), rolling(132, 'u'), rolling(133, 'u'));
    expect(told).toEqual(['+3', '+0', 'budget_used_up', '+2', 'budget_used_up', '+1', 'budget_window_over', '+0']);
    expect(oldestShown(state, 135, 24)).toBe(125);
    expect(state?.windows.map(({ window }) => window)).toEqual([135, 133, 125, 110]);
  });

  it('of a rolling budget are in no stretch of its length more than there may be, whatever is shown when', () => {
    const step = fc.record({ wait: fc.integer({ min: 0, max: 9 }), behind: fc.integer({ min: 0, max: 3 }), subjects: fc.array(fc.constantFrom(...'abcdefgh'), { minLength: 1, maxLength: 3 }) });
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let [state, now]: [SubjectsState | undefined, number] = [undefined, 100];
      const seen: [window: number, subject: string][] = [];
      for (const { wait, behind, subjects } of steps) {
        now += wait;
        const decided = shown.decide({ budget: 'b', account: 'a', subjects, later: [], most: 4, window: now - behind, span: 24 }, state);
        if (!decided.ok) continue;
        for (const event of decided.value) state = shown.evolve(state, event);
        seen.push(...subjects.map((subject): [number, string] => [now - behind, subject]));
      }
      for (const [end] of seen) expect(new Set(seen.filter(([window]) => window <= end && window >= end - 24).map(([, subject]) => subject)).size).toBeLessThanOrEqual(4);
    }));
  });
});
