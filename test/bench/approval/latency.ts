import type { Place } from '../../e2e/system/installation.js';
import { api } from '../../e2e/system/people.js';
import { Asker, digestOf } from './asker.js';

/** Milliseconds from the moment in which a DBA sends their yes. */
export interface Round {
  readonly toTargetMs: number;
  readonly toAnswerMs: number;
}

/** One command after the other: it waits, is agreed to, and runs. */
export async function measureLatency(place: Place, agents: readonly string[], rounds: number): Promise<Round[]> {
  const askers = await Promise.all(agents.map((agent) => Asker.connect(place, agent)));
  const found: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const waiting = await askers[round % askers.length]!.ask();
    const grantDigest = await digestOf(place, waiting);
    const sentMs = performance.timeOrigin + performance.now();
    const answer = await api(place, 'dba', 'POST', `/approvals/${waiting.grant}/votes`, { verdict: 'approve', grantDigest });
    const toAnswerMs = performance.timeOrigin + performance.now() - sentMs;
    if (answer.status >= 300) throw new Error(JSON.stringify(answer));
    found.push({ toTargetMs: (await waiting.ran).atTargetMs - sentMs, toAnswerMs });
  }
  await Promise.all(askers.map((asker) => asker.end()));
  return found;
}
