import { accepted, refused, type Decider } from '@interlock/kernel';
import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.js';
import { scenario } from './scenario.js';

/** A door that can be opened once. */
const door: Decider<'open', 'opened', 'shut' | 'open'> = {
  initial: 'shut',
  decide: (_command, state) => (state === 'shut' ? accepted(['opened' as const]) : refused('already_open', 'The door is open.')),
  evolve: () => 'open',
};
const { given } = scenario(door);

describe('a scenario', () => {
  it('holds for what the decider does', () => {
    given([]).when('open').then('opened');
    given(['opened']).when('open').refused('already_open');
  });

  it.each<[string, () => void]>([
    ['other events', () => given([]).when('open').then('opened', 'opened')],
    ['no event', () => given([]).when('open').then()],
    ['a refusal where there was none', () => given([]).when('open').refused('already_open')],
    ['events where there was a refusal', () => given(['opened']).when('open').then('opened')],
    ['another reason', () => given(['opened']).when('open').refused('locked')],
  ])('fails for %s', (_what, check) => {
    expect(check).toThrow();
  });
});

describe('a fake clock', () => {
  it('stands still until it is moved, and can be handed over as a function', () => {
    const clock = new FakeClock(1_000);
    const { nowMs } = clock;
    expect([nowMs(), nowMs()]).toEqual([1_000, 1_000]);
    clock.advance(250);
    expect(nowMs()).toBe(1_250);
  });
});
