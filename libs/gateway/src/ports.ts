import type { EventSeal, Outcome, Refusal } from '@interlock/kernel';
import type { AccessState, Beacon, Bundle, EventData, Lock, ObjectRef, VoteDelegation } from '@interlock/contracts';

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
    readonly delegations: ReadonlyMap<string, VoteDelegation>;
    readonly access: ReadonlyMap<string, AccessState>;
    /** Last sequence of stream CONTROL that this state contains. */
    readonly sequence: number;
  };
  /** Calls `listener` after every change; the result ends that. */
  onChange(listener: () => void): () => void;
  /** True once `state` contains everything that was stored before this was called; false when that could not be seen to in time. */
  caughtUp(): Promise<boolean>;
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

/** What a session says of an object's name at this moment. */
export interface Identified {
  /** The stable id of the object of that full name; undefined where the name leads to none, or to several. */
  readonly id: string | undefined;
  /** The object that the name alone, as the session looks names up, means; undefined where it means none. */
  readonly unqualified?: string | undefined;
  /** Where the session creates what is not fully named, as the second segment of its path; undefined where it can create nothing so. */
  readonly here?: string | undefined;
  /** The name leads to several. */
  readonly several: boolean;
  /** Ids of what came with the object, and is part of it. */
  readonly parts: readonly string[];
  /** Ids of what is done to along with it, and is no part of it. */
  readonly children: readonly string[];
}

/** What one session knows of names at its target; the connector's own, by its language. */
export interface ObjectNames {
  /** The full name under which an object is claimed; undefined where no history is kept of it. */
  nameOf(object: ObjectRef): string | undefined;
  /** In order. Refuses, retryably, when the session cannot be asked now or does not answer in time. Must be recorded before it is asked. */
  identify(objects: readonly ObjectRef[]): Promise<Outcome<readonly Identified[]>>;
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
