import { accepted, type EventDraft, type Outcome, type Refusal } from '@interlock/kernel';
import type { Judge } from '@interlock/domain-policy';
import type { Custody, Purse, Session, Verdict } from '@interlock/gateway';
import type { Plan } from './interpret.js';

export interface RecordingPlan {
  readonly session: Session;
  /** What the commands make. */
  readonly custody: Custody;
  /** What they use up. */
  readonly purse: Purse;
  /** Why nothing of it can be sent, whatever was decided. */
  readonly hindrance?: Refusal | undefined;
}

/** What has to be so before commands may be forwarded, as events; `undo` when they are not, after all. */
interface Prepared {
  readonly before: readonly EventDraft[];
  readonly undo: () => void;
}

/**
 * Draws on budgets for the commands of a plan, claims what they create, and records what was decided of all of them, in one append; each gets its
 * permit. Gives the event that a refusal of the plan can name. Refused, nothing may be forwarded, nothing stays claimed and nothing is used up.
 */
export async function recordPlan({ session, ...ports }: RecordingPlan, judge: Judge, { commands, refused }: Plan): Promise<Outcome<string | undefined>> {
  const verdicts = commands.map((command) => command.verdict);
  if (ports.hindrance) return refuseAll(session, verdicts, ports.hindrance, { denied: refused?.verdict });
  const prepared = await prepare({ session, ...ports }, judge, verdicts);
  if (!prepared.ok) return prepared;
  if (refused?.verdict) verdicts.push(refused.verdict);
  const recorded = await session.record({ verdicts, unjudged: refused?.unjudged, before: prepared.value.before });
  if (!recorded.ok) {
    prepared.value.undo();
    return recorded;
  }
  for (const [index, command] of commands.entries()) command.permit = recorded.value.commands[index]!.permit;
  return { ok: true, value: recorded.value.refusal ?? recorded.value.commands.at(-1)?.event };
}

async function prepare({ session, custody, purse }: Omit<RecordingPlan, 'hindrance'>, judge: Judge, verdicts: readonly Verdict[]): Promise<Outcome<Prepared>> {
  const allowed = verdicts.filter(({ decision }) => decision.outcome === 'allow');
  const spent = await purse.take(allowed);
  if (!spent.ok) return refuseAll(session, verdicts, spent.refusal);
  const { events, undo } = spent.value;
  const claimed = await custody.claim(judge, allowed);
  if (claimed.ok) {
    return accepted({
      before: [...events, ...claimed.value],
      undo: () => {
        undo();
        for (const { command } of verdicts) custody.ended(command, false);
      },
    });
  }
  undo();
  return refuseAll(session, verdicts, claimed.refusal, { before: events });
}

/** Recorded as refused: they were allowed, and something that no rule says keeps them back. What was denied among them is recorded as that. */
async function refuseAll(session: Session, verdicts: readonly Verdict[], refusal: Refusal, { before = [], denied }: { readonly before?: readonly EventDraft[]; readonly denied?: Verdict | undefined } = {}): Promise<{ readonly ok: false; readonly refusal: Refusal }> {
  const text = verdicts.map(({ action }) => action.text).join('; ');
  await session.record({ verdicts: denied ? [denied] : [], unjudged: { text, refusal }, before });
  for (const { command } of verdicts) session.abandon(command);
  return { ok: false, refusal };
}
