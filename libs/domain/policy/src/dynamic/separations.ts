import type { Decision, DecisionReason, DynamicSeparation, ExercisedAct, Principal } from '@interlock/contracts';
import { Side, type Performed } from './act.js';
import { asOneParty, asOneSession, type WhyNot } from './why-not.js';

/** Two acts that one party may not both do within so many seconds, over all its sessions. */
export type WindowSeparation = DynamicSeparation & { readonly windowSeconds: number };

/** Who performs it, and when, as far as that is told. */
export interface Performer {
  readonly principal: Pick<Principal, 'name' | 'party'>;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** What its session and its party were allowed to before. */
  readonly before: readonly ExercisedAct[] | undefined;
}

interface Kept {
  readonly rule: DynamicSeparation;
  readonly sides: readonly Side[];
}

/** Keeps apart, within a session or a window, what a configuration says one party may not both do in one. */
export class Separations {
  readonly #kept: readonly Kept[];

  constructor(rules: readonly DynamicSeparation[]) {
    this.#kept = rules.map((rule) => ({ rule, sides: rule.between.map((act) => new Side(act)) }));
  }

  /**
   * The decision, denied where the command exercises one side of a separation and the session, the party, or the command itself, the other.
   * What it exercises is told with it. What was done before and is not told is all of it.
   */
  keep(decision: Decision, performed: Performed, { principal, nowMs, before }: Performer): Decision {
    if (decision.outcome === 'deny') return decision;
    const exercises: ExercisedAct[] = [];
    const refusals: DecisionReason[] = [];
    for (const { rule, sides } of this.#kept) {
      const earlier = earlierOf(rule, before, nowMs);
      const now = exercisedNow(rule, sides, performed, { earlier: earlier ?? [], nowMs });
      const why = isWindow(rule) ? asOneParty(rule, now, earlier, principal) : asOneSession(now, earlier);
      if (why) refusals.push(reasonOf(rule, why));
      exercises.push(...now);
    }
    if (refusals.length === 0) return exercises.length === 0 ? decision : { ...decision, exercises };
    const { ask: _lifts, ...denied } = decision;
    return { ...denied, outcome: 'deny', reasons: [...refusals, ...decision.reasons] };
  }

  /** Those over a window of which this may be a side, whatever names mean by now and whichever role permits it. */
  windowsOn(performed: Performed): readonly WindowSeparation[] {
    return this.#kept.flatMap(({ rule, sides }) => {
      const isSide = isWindow(rule) && sides.some((side) => side.movedBy(performed) !== undefined || side.exercisedBy(performed, true) !== undefined);
      return isSide ? [rule] : [];
    });
  }
}

export function isWindow(rule: DynamicSeparation): rule is WindowSeparation {
  return rule.kind === 'window';
}

/** What still counts of what was done before; an act of which it is not told when it was done counts as done now. */
function earlierOf(rule: DynamicSeparation, before: readonly ExercisedAct[] | undefined, nowMs: number): readonly ExercisedAct[] | undefined {
  const earlier = before?.filter(({ separation }) => separation === rule.name);
  if (!isWindow(rule)) return earlier;
  return earlier?.map((act) => ({ ...act, at: act.at ?? new Date(nowMs).toISOString() })).filter(({ at }) => Date.parse(at) + rule.windowSeconds * 1_000 > nowMs);
}

function reasonOf({ name, kind, reason }: DynamicSeparation, { detail, hint }: WhyNot): DecisionReason {
  return { rule: name, effect: 'forbid', message: `${reason ?? `One ${kind === 'window' ? 'party' : 'session'} may not do both.`} ${detail}`, hint };
}

/** A command that moves a place counts as both sides, so that neither can be done under another name afterwards. */
function exercisedNow(rule: DynamicSeparation, sides: readonly Side[], performed: Performed, { earlier, nowMs }: { readonly earlier: readonly ExercisedAct[]; readonly nowMs: number }): ExercisedAct[] {
  const separation = rule.name;
  const at = isWindow(rule) ? { at: new Date(nowMs).toISOString() } : {};
  const moving = sides.map((side) => side.movedBy(performed)).find((act) => act !== undefined);
  if (moving !== undefined) return ([0, 1] as const).map((side) => ({ separation, side, act: moving, moves: true, ...at }));
  const moved = earlier.some(({ moves }) => moves);
  return ([0, 1] as const).flatMap((side) => {
    const act = sides[side]!.exercisedBy(performed, moved);
    return act === undefined ? [] : [{ separation, side, act, ...at }];
  });
}
