import type { Backtest, Bundle } from '@interlock/contracts';
import type { Judge, JudgeRequest } from '@interlock/domain-policy';
import type { Recorded, RecordedDecision } from '../second/recorded.js';
import { asOf } from '../circumstances.js';
import { ApprovalLoad } from './approval-load.js';
import { Comparison } from './comparison.js';

export interface Extent {
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly limit: number;
  readonly maySee: (recorded: RecordedDecision) => boolean;
}

const DAY_MS = 86_400_000;

/** What a grant let through belongs to a command that was counted before. */
function isCommand(one: Recorded): boolean {
  return one.kind === 'decision' && one.data.phase === 'request';
}

/**
 * Decides recorded commands by a proposed bundle: with the principal as its session had it, the grant it had, and what was gathered
 * then; the target as the proposed configuration has it. A command counts once, by its first decision.
 */
export class Replay {
  readonly #comparison: Comparison;
  readonly #load = new ApprovalLoad();
  readonly #undecidable = new Map<string, number>();
  #untilMs: number | undefined;
  #withoutHistory = 0;
  #isCut = false;

  constructor(private readonly judge: Judge, private readonly bundle: Bundle, private readonly extent: Extent) {
    this.#comparison = new Comparison(extent.maySee);
  }

  /** The limit was met: what follows is left out. */
  get isFull(): boolean {
    return this.#isCut;
  }

  add(found: readonly Recorded[]): void {
    for (const one of found) {
      if (this.#comparison.commands >= this.extent.limit && isCommand(one)) this.#isCut = true;
      if (this.#isCut) return;
      if (one.kind === 'decision') this.#decide(one);
      else this.#undecidable.set(one.reason, (this.#undecidable.get(one.reason) ?? 0) + 1);
    }
  }

  result(nowMs: number): Backtest {
    const { sinceMs } = this.extent;
    const untilMs = this.#isCut ? (this.#untilMs ?? sinceMs) : nowMs;
    const days = Math.max(1, (untilMs - sinceMs) / DAY_MS);
    return {
      bundleVersion: this.bundle.version - 1, since: new Date(sinceMs).toISOString(), until: new Date(this.#untilMs ?? untilMs).toISOString(), complete: !this.#isCut,
      ...this.#comparison.result(), approvals: this.#load.result(days, this.bundle.configuration),
      undecidable: [...this.#undecidable].map(([reason, count]) => ({ reason, count })), withoutHistory: this.#withoutHistory,
    };
  }

  #decide(recorded: RecordedDecision): void {
    const { data, principal, storedAtMs } = recorded;
    this.#untilMs = storedAtMs ?? this.#untilMs;
    const target = this.bundle.configuration.targets.find((one) => one.name === data.target) ?? { name: data.target };
    const decision = this.judge.judge({ principal, target, action: data.action, grant: data.grant, gathered: data.gathered, circumstances: asOf(this.judge, data.circumstances, storedAtMs ?? this.extent.sinceMs) } as JudgeRequest);
    if (data.phase === 'forward') return this.#comparison.addGranted(decision);
    if (data.gathered === undefined && this.#readsGathered(recorded)) this.#withoutHistory += 1;
    this.#comparison.add(recorded, decision);
    this.#load.add(principal.name, data.decision, decision);
  }

  #readsGathered({ data }: RecordedDecision): boolean {
    return data.action.accesses.some(({ verb }) => this.judge.readsHistoryOn(verb, data.target) || this.judge.readsEstimateOn(verb, data.target));
  }
}
