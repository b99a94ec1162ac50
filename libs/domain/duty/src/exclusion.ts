import { accepted, refused, type Decider, type Outcome } from '@interlock/kernel';
import type { PartyActs, Principal } from '@interlock/contracts';

/** An act counts from a moment up to this part of its window behind it, so that the same act done again soon changes nothing. */
const GRAIN_PART = 100;
const GRAIN_MS_MIN = 1_000;

export type PartyAct = PartyActs['acts'][number];

/**
 * Two acts that exclude each other for a window after either, of everyone behind whom one human stands, or of one principal:
 *
 *     (nothing) ─exercise one─▶ one ─exercise one─▶ one, from now ─(window)─▶ (nothing)
 *                                └─exercise the other─▶ refused
 *
 * What moves the place of an act counts as both sides: nothing but another move goes with it.
 */
export interface ExerciseCommand {
  readonly kind: 'exercise';
  /** Whose it is, as {@link standingBehind} names it. */
  readonly behind: string;
  /** One side, or both of what moves their place. */
  readonly acts: readonly Omit<PartyAct, 'at'>[];
  readonly windowMs: number;
  readonly nowMs: number;
}

export interface ExerciseEvent {
  readonly kind: 'exercised';
  readonly behind: string;
  readonly acts: readonly PartyAct[];
}

export const exclusion: Decider<ExerciseCommand, ExerciseEvent, PartyActs | undefined> = {
  initial: undefined,
  decide({ behind, acts, windowMs, nowMs }, state): Outcome<readonly ExerciseEvent[]> {
    const earlier = state?.acts ?? [];
    const other = earlier.find((one) => Date.parse(one.at) + windowMs > nowMs && acts.some((act) => exclude(act, one)));
    if (other) return refused('kept_apart', `The other was done: ${other.act} by ${other.by} (command ${other.command}), and ${behind} stands behind both.`);
    if (acts.every((act) => earlier.some((one) => isSame(act, one) && Date.parse(one.at) >= nowMs))) return accepted([]);
    const at = new Date(countedFromMs(nowMs, windowMs)).toISOString();
    return accepted([{ kind: 'exercised', behind, acts: acts.map((act) => ({ ...act, at })) }]);
  },
  evolve(state, { behind, acts }) {
    return { behind, acts: [...(state?.acts ?? []).filter((one) => !acts.some((act) => isSame(act, one))), ...acts] };
  },
};

/** Whether an act of this state still counts as done at this very moment: until then nothing that it excludes can have been stored. */
export function isCovered({ acts }: PartyActs, nowMs: number): boolean {
  return acts.some(({ at }) => Date.parse(at) >= nowMs);
}

/** Whose acts a principal's are: those of every human behind it, and its own and its actors', whoever stands behind them later. */
export function standingBehind({ party, name, actors = [] }: Pick<Principal, 'party' | 'name' | 'actors'>): readonly string[] {
  return [...party.map((human) => `human ${human}`).toSorted(), ...[...new Set([name, ...actors])].toSorted().map((one) => `principal ${one}`)];
}

function countedFromMs(nowMs: number, windowMs: number): number {
  const grainMs = Math.max(GRAIN_MS_MIN, Math.floor(windowMs / GRAIN_PART));
  return (Math.floor(nowMs / grainMs) + 1) * grainMs;
}

type Sided = Pick<PartyAct, 'side' | 'moves'>;

function isSame(one: Sided, other: Sided): boolean {
  return one.side === other.side && Boolean(one.moves) === Boolean(other.moves);
}

function exclude(one: Sided, other: Sided): boolean {
  return one.moves || other.moves ? !(one.moves && other.moves) : one.side !== other.side;
}
