import { processesOf, type Place } from '../../e2e/system/installation.js';
import { api } from '../../e2e/system/people.js';
import { memoryMb } from '../postgres/process-cost.js';
import { Asker, digestOf, type Waiting } from './asker.js';

/** Connections that are opened, and commands that are sent, at the same time. */
const AT_ONCE = 25;
/** Requests that one answer may be about. */
const BATCH = 50;

export interface Parked {
  readonly commands: number;
  /** Resident memory of the connector's process: before, with every session open and idle, and with every command waiting. */
  readonly memoryMb: { readonly before: number; readonly open: number; readonly parked: number };
  /** Seconds until all of them waited. */
  readonly parkSeconds: number;
  /** Seconds from the first yes until the last one was answered, and until the last command had begun to run at the target. */
  readonly answeredSeconds: number;
  readonly releasedSeconds: number;
  /** Milliseconds from the first yes until each command began to run. */
  readonly releasedMs: readonly number[];
}

/** So many sessions, a waiting command in each, and then a yes to all of them. */
export async function measureParked(place: Place, agents: readonly string[], commands: number): Promise<Parked> {
  const connectors = processesOf(place)['connectors']!;
  const memory = (): number => memoryMb(connectors).now;
  const before = memory();
  const askers = await inTurns(Array.from({ length: commands }, (_, index) => agents[index % agents.length]!), (agent) => Asker.connect(place, agent));
  const open = memory();
  const parkedAtMs = performance.now();
  const waiting = await inTurns(askers, (asker) => asker.ask());
  const parkSeconds = (performance.now() - parkedAtMs) / 1_000;
  const parked = memory();
  const votes = await inTurns(waiting, async (one) => ({ ...one, grantDigest: await digestOf(place, one) }));
  const sentMs = performance.timeOrigin + performance.now();
  await agreeToAll(place, votes);
  const answeredSeconds = (performance.timeOrigin + performance.now() - sentMs) / 1_000;
  const releasedMs = (await Promise.all(waiting.map(({ ran }) => ran))).map(({ atTargetMs }) => atTargetMs - sentMs);
  await Promise.all(askers.map((asker) => asker.end()));
  return { commands, memoryMb: { before, open, parked }, parkSeconds, answeredSeconds, releasedSeconds: Math.max(...releasedMs) / 1_000, releasedMs };
}

type Vote = Waiting & { readonly grantDigest: string };

/** As a person would: what one agent asks for is of one kind, and answered at once. */
async function agreeToAll(place: Place, votes: readonly Vote[]): Promise<void> {
  const byAgent = new Map<string, Vote[]>();
  for (const vote of votes) byAgent.set(vote.agent, [...(byAgent.get(vote.agent) ?? []), vote]);
  const batches = [...byAgent.values()].flatMap((all) => Array.from({ length: Math.ceil(all.length / BATCH) }, (_, index) => all.slice(index * BATCH, (index + 1) * BATCH)));
  for (const batch of batches) {
    const answer = await api(place, 'dba', 'POST', '/approvals/votes', { verdict: 'approve', votes: batch.map(({ grant: id, grantDigest }) => ({ id, grantDigest })) });
    const refused = (answer.body['results'] as readonly { readonly refusal?: object }[] | undefined)?.find(({ refusal }) => refusal);
    if (answer.status >= 300 || refused) throw new Error(JSON.stringify(refused ?? answer));
  }
}

/** In their order, so many at the same time. */
async function inTurns<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) done.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(work))));
  return done;
}
