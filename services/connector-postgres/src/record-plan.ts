import type { Outcome } from '@interlock/kernel';
import type { Judge } from '@interlock/domain-policy';
import { type Custody, type Session } from '@interlock/gateway';
import type { Plan } from './interpret.js';

/**
 * Claims what the commands of a plan create, and records what was decided of all of them, in one append; each gets its permit.
 * Gives the event that a refusal of the plan can name. Refused, nothing may be forwarded and nothing stays claimed.
 */
export async function recordPlan(session: Session, custody: Custody, judge: Judge, { commands, refused }: Plan): Promise<Outcome<string | undefined>> {
  const verdicts = commands.map((command) => command.verdict);
  const claimed = await custody.claim(judge, verdicts.filter(({ decision }) => decision.outcome === 'allow'));
  if (!claimed.ok) {
    const text = commands.map(({ verdict }) => verdict.action.text).join('; ');
    await session.record({ verdicts: [], unjudged: { text, refusal: claimed.refusal } });
    for (const { command } of verdicts) session.abandon(command);
    return claimed;
  }
  if (refused?.verdict) verdicts.push(refused.verdict);
  const recorded = await session.record({ verdicts, unjudged: refused?.unjudged, before: claimed.value });
  if (!recorded.ok) {
    for (const { verdict } of commands) custody.ended(verdict.command, false);
    return recorded;
  }
  for (const [index, command] of commands.entries()) command.permit = recorded.value.commands[index]!.permit;
  return { ok: true, value: recorded.value.refusal ?? recorded.value.commands.at(-1)?.event };
}
