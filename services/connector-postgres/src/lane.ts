import type { Conversed, Conversing } from './conversation.js';
import type { Probe, ProbeResult } from './probe.js';
import type { SentStatement } from './running-command.js';
import type { Permitted } from './upstream.js';

/** The connection that a bounded command runs on. */
export interface Lane {
  /** Records what is to be asked, all of it before any is. @throws LedgerUnavailable */
  permit(purpose: string, texts: readonly string[]): Promise<Probe[]>;
  /** `sent`: whose values the text takes, if any. @throws ProbeFailed */
  run(probe: Probe, sent?: SentStatement): Promise<ProbeResult>;
  /** Sends what people agreed to. @throws ProbeFailed when there is no whole answer; an error is an answer. */
  say(part: Permitted, conversing: Conversing): Promise<Conversed>;
  cancel(): void;
  close(): void;
}

/** Asks one after the other, all of it recorded before any is. @throws ProbeFailed, LedgerUnavailable */
export async function askOn(lane: Pick<Lane, 'permit' | 'run'>, purpose: string, texts: readonly string[]): Promise<ProbeResult[]> {
  const results: ProbeResult[] = [];
  for (const probe of await lane.permit(purpose, texts)) results.push(await lane.run(probe));
  return results;
}
