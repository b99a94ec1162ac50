import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from '@interlock/kernel';
import type { PartyActs } from '@interlock/contracts';
import { exclusion, isCovered, standingBehind, type ExerciseCommand } from './exclusion.js';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-01-07T12:00:00Z');

const enter = { separation: 'apart', side: 0 as const, act: 'insert', by: 'agent-a', command: 'c.1' };
const pay = { separation: 'apart', side: 1 as const, act: 'update', by: 'agent-b', command: 'c.2' };
const move = [{ ...enter, act: 'rename', moves: true }, { ...enter, side: 1 as const, act: 'rename', moves: true }];

const exercise = (acts: ExerciseCommand['acts'], nowMs = NOW, windowMs = DAY_MS): ExerciseCommand => ({ kind: 'exercise', behind: 'human ann', acts, windowMs, nowMs });
const after = (...commands: readonly ExerciseCommand[]): PartyActs | undefined => commands.reduce<PartyActs | undefined>((state, command) => {
  const decided = exclusion.decide(command, state);
  return decided.ok ? fold({ ...exclusion, initial: state }, decided.value) : state;
}, undefined);

function told(earlier: readonly ExerciseCommand[], command: ExerciseCommand): string {
  const decided = exclusion.decide(command, after(...earlier));
  return decided.ok ? (decided.value.length === 0 ? 'nothing new' : 'done') : decided.refusal.reason;
}

describe('of two acts that exclude each other for a day', () => {
  it.each<[string, ExerciseCommand[], ExerciseCommand, string]>([
    ['the first may be either', [], exercise([pay]), 'done'],
    ['the same may be done again, and is stored once it counts no more', [exercise([enter])], exercise([enter], NOW + DAY_MS / 2), 'done'],
    ['the same a moment later changes nothing', [exercise([enter])], exercise([enter], NOW + 1), 'nothing new'],
    ['the other is refused', [exercise([enter])], exercise([pay], NOW + DAY_MS), 'kept_apart'],
    ['the other may be done when the window is over', [exercise([enter])], exercise([pay], NOW + DAY_MS + DAY_MS / 50), 'done'],
    ['the window begins anew with the same again', [exercise([enter]), exercise([enter], NOW + DAY_MS / 2)], exercise([pay], NOW + DAY_MS + DAY_MS / 50), 'kept_apart'],
    ['a longer window sees what was done before it was longer', [exercise([enter])], exercise([pay], NOW + 2 * DAY_MS, 7 * DAY_MS), 'kept_apart'],
    ['a move goes with neither', [exercise([pay])], exercise(move), 'kept_apart'],
    ['neither goes with a move', [exercise(move)], exercise([enter]), 'kept_apart'],
    ['a move goes with a move', [exercise(move)], exercise(move, NOW + DAY_MS / 2), 'done'],
    ['one by a clock that is behind changes nothing', [exercise([enter], NOW + 3_600_000)], exercise([enter]), 'nothing new'],
  ])('%s', (_what, earlier, command, expected) => expect(told(earlier, command)).toBe(expected));

  it('keeps the last of each kind, and no more', () => {
    const state = after(exercise([enter]), exercise([{ ...enter, command: 'c.3' }], NOW + DAY_MS / 2), exercise([pay], NOW + 2 * DAY_MS), exercise(move, NOW + 4 * DAY_MS));
    expect(state!.acts.map(({ side, moves = false, command }) => `${side} ${moves} ${command}`)).toEqual(['0 false c.3', '1 false c.2', '0 true c.1', '1 true c.1']);
  });

  it('says in words what was done, by whom, and who stands behind both', () => {
    expect(exclusion.decide(exercise([pay]), after(exercise([enter])))).toMatchObject({ ok: false, refusal: { detail: 'The other was done: insert by agent-a (command c.1), and human ann stands behind both.' } });
  });
});

it('whoever is stored in any order, no two acts that exclude each other lie within one window, and a covered state excludes what is not in it', () => {
  const step = fc.record({ acts: fc.constantFrom<ExerciseCommand['acts']>([enter], [enter], [pay], [pay], move), afterMs: fc.integer({ min: 0, max: 900 }) });
  let refusals = 0;
  fc.assert(fc.property(fc.array(step, { minLength: 2, maxLength: 40 }), (steps) => {
    let [nowMs, state] = [NOW, undefined as PartyActs | undefined];
    const done: { readonly kind: string; readonly atMs: number }[] = [];
    for (const { acts, afterMs } of steps) {
      nowMs += afterMs;
      const kind = acts.length > 1 ? 'move' : String(acts[0]!.side);
      const decided = exclusion.decide(exercise(acts, nowMs, 1_000), state);
      if (!decided.ok) refusals += 1;
      if (decided.ok && state && isCovered(state, nowMs) && !state.acts.some((one) => acts.some((act) => act.side === one.side))) return false;
      if (!decided.ok) continue;
      state = decided.value.reduce<PartyActs | undefined>((now, event) => exclusion.evolve(now, event), state);
      done.push({ kind, atMs: nowMs });
    }
    return done.every((one) => done.every((other) => one.kind === other.kind || Math.abs(one.atMs - other.atMs) >= 1_000));
  }), { numRuns: 300 });
  expect(refusals).toBeGreaterThan(100);
});

it.each([
  ['an agent of two people', { name: 'etl', party: ['bob', 'ann'] }, ['human ann', 'human bob', 'principal etl']],
  ['one with whose token another acts', { name: 'ann', party: ['ann', 'bob'], actors: ['etl'] }, ['human ann', 'human bob', 'principal ann', 'principal etl']],
  ['one of whom nobody is known', { name: 'etl', party: [] }, ['principal etl']],
])('behind %s stand all of these', (_who, principal, behind) => expect(standingBehind(principal)).toEqual(behind));
