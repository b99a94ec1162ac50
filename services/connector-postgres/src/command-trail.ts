import type { SpanAttributes, Tracing } from '@interlock/adapter-telemetry';
import type { Trail, Verdict } from '@interlock/gateway';

/** How far a command has come, and since when. */
interface Way {
  readonly receivedMs: number;
  readonly attributes: SpanAttributes;
  /** The ledger was asked; 0 before. */
  recordingMs: number;
  /** The ledger acknowledged; 0 before. */
  recordedMs: number;
  isParked: boolean;
}

export interface TrailOf {
  readonly session: string;
  readonly exchange: string;
  readonly principal: string;
  readonly target: string;
}

/**
 * Tells the traces of one session's commands: each has a trace of its own, with a link to the session's.
 *
 *     command ├─ decide ─┤├─ append ─┤├─ wait for approval, decide, append ─┤├─ run ─┤
 */
export class CommandTrail implements Trail {
  readonly #ways = new Map<string, Way>();
  #receivedMs: number;

  /** @param sinceMs when its client came, by {@link Tracing.nowMs}. */
  constructor(private readonly tracing: Tracing, private readonly about: TrailOf, private readonly sinceMs: number) {
    this.#receivedMs = sinceMs;
  }

  received(): void {
    this.#receivedMs = this.tracing.nowMs();
    for (const [command, way] of this.#ways) if (way.recordingMs === 0) this.#ways.delete(command);
  }

  decided({ command, phase, action, decision }: Verdict): void {
    const way = this.#ways.get(command);
    if (way) this.#tell(command, 'approval', way.recordedMs, { ...way.attributes, outcome: decision.outcome });
    const attributes = { ...this.about, command, protocol: action.protocol, verb: action.verb };
    const begun = way ?? { receivedMs: this.#receivedMs, attributes, recordingMs: 0, recordedMs: 0, isParked: false };
    if (!way) this.#ways.set(command, begun);
    this.#tell(command, 'decide', phase === 'request' ? begun.receivedMs : this.tracing.nowMs(), { ...attributes, outcome: decision.outcome, bundle: decision.bundleVersion });
  }

  recording(verdicts: readonly Verdict[]): void {
    for (const way of this.#of(verdicts)) way.recordingMs = this.tracing.nowMs();
  }

  recorded(verdicts: readonly Verdict[]): void {
    for (const { command, decision: { outcome } } of verdicts) {
      const way = this.#ways.get(command);
      if (!way) continue;
      this.#tell(command, 'append', way.recordingMs, way.attributes);
      way.recordedMs = this.tracing.nowMs();
      way.isParked = outcome === 'ask';
      if (outcome === 'deny') this.ended(command, outcome);
    }
  }

  ended(command: string, outcome: string): void {
    const way = this.#ways.get(command);
    if (!way && outcome !== 'refused') return;
    this.#ways.delete(command);
    const attributes = { ...(way?.attributes ?? { ...this.about, command }), outcome };
    if (way && way.recordedMs > 0 && way.isParked) this.#tell(command, 'approval', way.recordedMs, attributes);
    else if (way && way.recordedMs > 0 && outcome !== 'deny') this.#tell(command, 'run', way.recordedMs, attributes);
    const root = { of: command, name: 'command', attributes, isRoot: true, linkedTo: this.about.session };
    this.tracing.tell({ ...root, fromMs: way?.receivedMs ?? this.#receivedMs, toMs: this.tracing.nowMs() });
  }

  closed(): void {
    for (const command of this.#ways.keys()) this.ended(command, 'session_closed');
    this.tracing.tell({ of: this.about.session, name: 'session', attributes: { ...this.about }, fromMs: this.sinceMs, toMs: this.tracing.nowMs(), isRoot: true });
  }

  #tell(of: string, name: string, fromMs: number, attributes: SpanAttributes): void {
    this.tracing.tell({ of, name, attributes, fromMs, toMs: this.tracing.nowMs() });
  }

  #of(verdicts: readonly Verdict[]): Way[] {
    return verdicts.map(({ command }) => this.#ways.get(command)).filter((way) => way !== undefined);
  }
}
