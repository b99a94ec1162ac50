import { accepted, type Outcome } from '@interlock/kernel';
import type { Access } from '@interlock/contracts';
import type { Judge } from '@interlock/domain-policy';
import type { Gathered } from './history.js';

/**
 * Asks a target how many rows it expects of one command, which is not run. Refuses, with what stands against it, when it cannot be told.
 * Must be recorded before it is asked.
 */
export type AskEstimate = () => Promise<Outcome<number>>;

/** What an estimate is gathered for. */
export interface Estimated {
  readonly judge: Judge;
  readonly target: string;
  readonly accesses: readonly Pick<Access, 'verb'>[];
}

/** Whether any rule that may apply to one of these accesses reads what the target expects. */
export function needsEstimate({ judge, target, accesses }: Estimated): boolean {
  return judge.readsEstimateAt(target) && accesses.some(({ verb }) => judge.readsEstimateOn(verb, target));
}

/** What was gathered before, and, where rules read it, what the target expects. A command of which it cannot be told is refused. */
export async function withEstimate(gathered: Gathered | undefined, estimated: Estimated, ask: AskEstimate): Promise<Outcome<Gathered | undefined>> {
  const { judge, target, accesses } = estimated;
  if (!needsEstimate(estimated)) return accepted(gathered);
  const rows = await ask();
  if (!rows.ok) return rows;
  return accepted(accesses.map(({ verb }, index) => (judge.readsEstimateOn(verb, target) ? { ...gathered?.[index], estimatedRows: rows.value } : gathered?.[index] ?? null)));
}
