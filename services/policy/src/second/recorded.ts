import type { EventData, Principal } from '@interlock/contracts';

/** Where a decision lies in the ledger, and who made it. */
export interface Place {
  readonly event: string;
  readonly sequence: number;
  /** `<service>/<instance>`. */
  readonly connector: string;
}

/** A decision as its connector recorded it, with whoever it was about at that moment. */
export interface RecordedDecision extends Place {
  readonly kind: 'decision';
  readonly session: string;
  readonly command: string;
  /** By the connector's clock. */
  readonly at: string;
  /** By the bus's clock, in milliseconds since the epoch; undefined where the bus did not say. */
  readonly storedAtMs: number | undefined;
  /** The principal of its session, as the session's opening tells it. */
  readonly principal: Principal;
  /** The target that the session was opened for. */
  readonly target: string;
  readonly data: EventData<'command.decided.v1'>;
}

/** A decision that cannot be read, or whose facts are not all to be had. */
export interface Undecidable extends Place {
  readonly kind: 'undecidable';
  readonly reason: 'batch_malformed' | 'signature_wrong' | 'key_unknown' | 'event_malformed' | 'session_unknown' | 'bundle_unknown' | 'bundle_unusable';
  readonly detail: string;
}

export type Recorded = RecordedDecision | Undecidable;
