import type { Decision, DecisionReason, DynamicSeparation, ExercisedAct } from '@interlock/contracts';
import { Side, type Performed } from './act.js';

interface Kept {
  readonly rule: DynamicSeparation;
  readonly sides: readonly Side[];
}

/** Keeps apart, within a session, what a configuration says one party may not both do in one. */
export class Separations {
  readonly #kept: readonly Kept[];

  constructor(rules: readonly DynamicSeparation[]) {
    this.#kept = rules.map((rule) => ({ rule, sides: rule.between.map((act) => new Side(act)) }));
  }

  /**
   * The decision, denied where the command exercises one side of a separation and the session, or the command itself, the other.
   * What it exercises is told with it. `before` is what the session was allowed to; not told, it is all of it.
   */
  keep(decision: Decision, performed: Performed, before: readonly ExercisedAct[] | undefined): Decision {
    if (decision.outcome === 'deny') return decision;
    const exercises: ExercisedAct[] = [];
    const refusals: DecisionReason[] = [];
    for (const { rule, sides } of this.#kept) {
      const earlier = before?.filter(({ separation }) => separation === rule.name);
      const now = exercisedNow(rule.name, sides, performed, earlier ?? []);
      const why = whyNot(now, earlier);
      if (why) refusals.push({ rule: rule.name, effect: 'forbid', message: `${rule.reason ?? 'One session may not do both.'} ${why.detail}`, hint: why.hint });
      exercises.push(...now);
    }
    if (refusals.length === 0) return exercises.length === 0 ? decision : { ...decision, exercises };
    const { ask: _lifts, ...denied } = decision;
    return { ...denied, outcome: 'deny', reasons: [...refusals, ...decision.reasons] };
  }
}

/** A command that moves a place counts as both sides, so that neither can be done under another name afterwards. */
function exercisedNow(separation: string, sides: readonly Side[], performed: Performed, earlier: readonly ExercisedAct[]): ExercisedAct[] {
  const moving = sides.map((side) => side.movedBy(performed)).find((act) => act !== undefined);
  if (moving !== undefined) return ([0, 1] as const).map((side) => ({ separation, side, act: moving, moves: true }));
  const moved = earlier.some(({ moves }) => moves);
  return ([0, 1] as const).flatMap((side) => {
    const act = sides[side]!.exercisedBy(performed, moved);
    return act === undefined ? [] : [{ separation, side, act }];
  });
}

function whyNot([now, also]: readonly ExercisedAct[], earlier: readonly ExercisedAct[] | undefined): { readonly detail: string; readonly hint: string } | undefined {
  if (!now) return undefined;
  if (also && !now.moves) return { detail: `This command does both: ${now.act}, and ${also.act}.`, hint: 'Send them as separate commands, by different parties.' };
  if (!earlier) return { detail: `What this session has done before is not known; now it asks for ${now.act}.`, hint: AGAIN };
  const other = now.moves ? earlier.find(({ moves }) => !moves) : earlier.find(({ side, moves }) => moves || side !== now.side);
  if (!other) return undefined;
  const command = other.command === undefined ? '' : ` (command ${other.command})`;
  if (now.moves || other.moves) return { detail: `Names may have moved between the two: this session has done ${other.act}${command}; now it asks for ${now.act}.`, hint: AGAIN };
  return { detail: `This session has done the other: ${other.act}${command}; now it asks for ${now.act}.`, hint: AGAIN };
}

const AGAIN = 'Let another party do it, in a session of theirs.';
