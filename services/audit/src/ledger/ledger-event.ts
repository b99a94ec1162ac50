import type { EventMetadata, LedgerPosition } from '@interlock/kernel';
import type { EventData, EventType } from '@interlock/contracts';

/** Where an event lies in the ledger, and whose it is. */
export interface EventPlace {
  readonly sequence: number;
  /** Position in its batch, from 0. */
  readonly position: number;
  /** Subject of the producer's instance, `ledger.<service>.<instance>`. */
  readonly instance: string;
  /** The run of that instance, `<producer>/<instance>-<run>`. */
  readonly run: string;
}

/** An event whose payload was decrypted and keeps its contract. */
export type KnownEvent = { [T in EventType]: {
  readonly type: T;
  readonly metadata: EventMetadata;
  readonly place: EventPlace;
  /** Undefined when the recorder gives no key for it: the event stays, its content cannot be read. */
  readonly data: EventData<T> | undefined;
} }[EventType];

/** An event of a type or version that this audit does not know, or whose payload does not keep its contract. */
export interface ForeignEvent {
  readonly type: 'foreign';
  readonly metadata: EventMetadata;
  readonly place: EventPlace;
  readonly reason: 'event_version_unknown' | 'event_type_unknown' | 'event_malformed';
  readonly detail: string;
}

export type LedgerEvent = KnownEvent | ForeignEvent;

/** One batch of the ledger, opened. */
export interface OpenedBatch {
  readonly position: LedgerPosition;
  /** Those that somebody wanted. */
  readonly events: readonly LedgerEvent[];
}

/** Consecutive batches, in order. */
export type Slice = readonly OpenedBatch[];

/** `command.decided` of `command.decided.v1`. */
export function baseOf(type: string): string {
  return type.replace(/\.v\d+$/, '');
}
