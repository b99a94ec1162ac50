import type { Tracing } from '@interlock/adapter-telemetry';
import type { Batch } from '@interlock/kernel';

interface Note {
  readonly command: string;
  readonly type: string;
  readonly sequence: number;
  readonly fromMs: number;
}

/** What is older was not just sealed for the first time by a recorder that keeps up: its command's trace is long over. */
const FRESH_MS = 10 * 60_000;
const TOLD = /^command\.(decided|refused|outcome)\.v\d+$/;

/** Tells in each command's trace how long its events waited for a checkpoint. */
export class SealTrail {
  #notes: Note[] = [];

  constructor(private readonly tracing: Tracing) {}

  /** Events that wait for a checkpoint. */
  get waiting(): number {
    return this.#notes.length;
  }

  add(sequence: number, { records }: Batch): void {
    if (!this.tracing.enabled) return;
    const fromMs = this.tracing.nowMs();
    for (const { metadata: { command, type, time } } of records) {
      if (command !== undefined && TOLD.test(type) && fromMs - Date.parse(time) < FRESH_MS) this.#notes.push({ command, type, sequence, fromMs });
    }
  }

  /** The first `count` of those that waited are under a checkpoint. */
  sealed(count: number): void {
    for (const { command, type, sequence, fromMs } of this.#notes.splice(0, count)) {
      this.tracing.tell({ of: command, name: 'seal', attributes: { command, type, sequence }, fromMs, toMs: this.tracing.nowMs() });
    }
  }
}
