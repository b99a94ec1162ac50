import type { Tracing } from '@interlock/adapter-telemetry';
import type { KnownEvent } from '../ledger/ledger-event.js';

/** What is older is history that a view catches up with; its command's trace is long over. */
const FRESH_MS = 10 * 60_000;

/** Tells in each command's trace when a view held its events. */
export function tellProjected(tracing: Tracing, view: string, events: readonly KnownEvent[], fromMs: number): void {
  if (!tracing.enabled) return;
  const toMs = tracing.nowMs();
  for (const { type, metadata: { command, time }, place: { sequence } } of events) {
    if (command !== undefined && toMs - Date.parse(time) < FRESH_MS) tracing.tell({ of: command, name: 'project', attributes: { command, type, sequence, view }, fromMs, toMs });
  }
}
