import type { EventSeal, Outcome, Refusal } from '@interlock/kernel';
import type { Beacon, Bundle, EventData, Lock } from '@interlock/contracts';

/** Time as the gateway may know it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Calls `run` once, `ms` from now; the result takes that back. */
  after(ms: number, run: () => void): () => void;
}

/** The control plane as followed so far, every signature checked. `ControlFollower` of adapter-jetstream fits. */
export interface ControlSource {
  readonly state: {
    readonly bundle: Bundle | undefined;
    readonly bundleHash: string;
    readonly locks: ReadonlyMap<string, Lock>;
    /** Last sequence of stream CONTROL that this state contains. */
    readonly sequence: number;
  };
  /** Calls `listener` after every change; the result ends that. */
  onChange(listener: () => void): () => void;
}

/** Identity's sign of life, verified and growing. `BeaconSubscriber` of adapter-jetstream fits. */
export interface BeaconSource {
  readonly latest: { readonly beacon: Beacon; readonly arrivedAtMs: number } | undefined;
  onBeacon(listener: () => void): () => void;
}

/**
 * Makes the key of one exchange.
 *
 * Contract: the key is fresh, and the recorder has stored it before the promise resolves; otherwise it refuses.
 */
export interface ExchangeKeys {
  create(session: string, exchange: string): Promise<Outcome<EventSeal>>;
}

/**
 * Stores recorded bytes. `RecordingWriter` of adapter-jetstream fits.
 *
 * Contract: resolves with its sequence once the chunk is stored for good; rejects when that is not known. At most
 * LIMITS.recordingChunkBytes. Chunks that are under way together, or stored again after a rejection, lie in any order: the
 * ledger's `recording.chunk.v1` says which comes after which.
 */
export interface RecordingWriter {
  append(chunk: Uint8Array): Promise<{ readonly sequence: number }>;
}

/** Why a session ended, as its last event says it. */
export type CloseReason = EventData<'session.closed.v1'>['reason'];

/** One exchange of one protocol, as the gateway sees it: everything else about the protocol is the connector's. */
export interface ProtocolDriver {
  /** As events name it, e.g. `postgres`. */
  readonly protocol: string;
  /** Tells the client in the protocol's own words why its session ends, and ends it. Nothing is forwarded from now on. Called once. */
  end(reason: CloseReason, refusal: Refusal): void;
  /** The session's own work failed in a way that nobody foresaw: it says so where operators look, and ends. */
  failed(fault: unknown): void;
  /** The recording is behind: hand nothing more to the client until `resume`. */
  hold(): void;
  resume(): void;
}
