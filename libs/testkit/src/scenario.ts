import assert from 'node:assert/strict';
import { fold, type Decider } from '@interlock/kernel';

/** What a command led to, ready to be compared. */
export interface Decided<Event> {
  /** Exactly these events, in order; none when called without. */
  then(...expected: readonly Event[]): void;
  /** A refusal with this reason, and no event. */
  refused(reason: string): void;
}

export interface Given<Command, Event> {
  when(command: Command): Decided<Event>;
}

/**
 * Tests a decider as data:
 *
 *     const { given } = scenario(approvalDecider);
 *     given([requested]).when(vote).then(voted, approved);
 *     given([requested]).when(ownVote).refused('shared_party');
 */
export function scenario<Command, Event, State>(decider: Decider<Command, Event, State>): { given(history: readonly Event[]): Given<Command, Event> } {
  return {
    given: (history) => ({
      when(command) {
        const outcome = decider.decide(command, fold(decider, history));
        return {
          then(...expected) {
            assert.deepStrictEqual(outcome, { ok: true, value: expected });
          },
          refused(reason) {
            assert.equal(outcome.ok ? 'accepted' : outcome.refusal.reason, reason);
          },
        };
      },
    }),
  };
}
