import type { EventType } from '@interlock/contracts';
import type { KnownEvent } from '../ledger/ledger-event.js';

/** Rows of other keys that an event concerns: those whose columns have these values. */
export type Concerned<Row> = Partial<Row>;

/**
 * A projection of the ledger into one table for one question. It is pure: the same events give the same rows, so a view
 * can be dropped and rebuilt, and compared.
 */
export interface View<Row extends object, Type extends EventType = EventType> {
  readonly name: string;
  /** The events it is made of. A later version of one of them stops the view until it knows it. */
  readonly handled: readonly Type[];
  /** Key of the row that the event is about; undefined when it is about none. */
  keyOf(event: EventOf<Type>): string | undefined;
  /** Further rows that the event is about, where it is about many. */
  concerned?(event: EventOf<Type>): Concerned<Row> | undefined;
  /** The row after the event; undefined leaves it as it was. */
  evolve(row: Row | undefined, event: EventOf<Type>): Row | undefined;
}

export type EventOf<Type extends EventType> = Extract<KnownEvent, { readonly type: Type }>;
