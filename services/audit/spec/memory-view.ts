import type { EventType } from '@interlock/contracts';
import type { KnownEvent } from '../src/ledger/ledger-event.js';
import type { EventOf, View } from '../src/views/view.js';

/** The rows that events leave, folded in memory: what a table must hold after the same events. */
export function rowsAfter<Row extends object, Type extends EventType>(view: View<Row, Type>, events: readonly KnownEvent[]): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const event of events) {
    if (!isHandled(view, event)) continue;
    const concerned = view.concerned?.(event);
    const own = view.keyOf(event);
    const keys = concerned ? [...rows].filter(([, row]) => matches(row, concerned)).map(([key]) => key) : own === undefined ? [] : [own];
    for (const key of keys) {
      const after = view.evolve(rows.get(key), event);
      if (after) rows.set(key, after);
    }
  }
  return rows;
}

function isHandled<Type extends EventType>(view: View<object, Type>, event: KnownEvent): event is EventOf<Type> {
  return (view.handled as readonly string[]).includes(event.type);
}

function matches<Row extends object>(row: Row, concerned: Partial<Row>): boolean {
  return Object.entries(concerned).every(([name, value]) => (row as Record<string, unknown>)[name] === value);
}
