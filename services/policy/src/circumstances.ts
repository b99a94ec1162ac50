import type { Circumstances } from '@interlock/contracts';
import type { Judge } from '@interlock/domain-policy';

/** What a judge is told where nothing is known but the time: the principal did nothing lately, the session nothing else. */
export function quiet(judge: Judge, nowMs: number): Circumstances {
  return asOf(judge, undefined, nowMs);
}

/** What this judge is told of a command whose circumstances were recorded for another: of what nobody counted then, nothing. */
export function asOf({ wants }: Judge, recorded: Circumstances | undefined, atMs: number): Circumstances {
  const { at = new Date(atMs).toISOString(), recent = [], exercised = [] } = recorded ?? {};
  const countOf = (measure: string, minutes: number): number => recent.find((one) => one.measure === measure && one.minutes === minutes)?.value ?? 0;
  return { at, recent: (wants?.recent ?? []).map(({ measure, minutes }) => ({ measure, minutes, value: countOf(measure, minutes) })), exercised };
}
