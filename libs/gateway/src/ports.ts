import type { AggregateStore, EventSeal, Ledger } from '@interlock/kernel';
import type { Bundle, GrantState, Lock, Principal, RpcClient, Target } from '@interlock/contracts';
import type { Judge } from '@interlock/domain-policy';

/** What the gateway knows of the control plane at this moment, every signature checked by whoever provides it. */
export interface ControlView {
  readonly bundle: Bundle | undefined;
  /** The judge of exactly that bundle. */
  readonly judge: Judge | undefined;
  readonly locks: ReadonlyMap<string, Lock>;
  /** Last sequence of stream CONTROL that this view contains. */
  readonly sequence: number;
}

export interface ControlPlanePort {
  readonly view: ControlView;
  /** The newest beacon, and when it came by this process's clock; undefined before the first. */
  readonly beacon: { readonly arrivedAtMs: number; readonly controlSequence: number } | undefined;
  /** Calls `listener` after every change of the view and at every beacon; the result ends that. */
  onChange(listener: () => void): () => void;
}

/** Time and chance, handed in. */
export interface Surroundings {
  nowMs(): number;
  /** A fresh identifier that nobody can guess. */
  newId(): string;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Stores chunks of recordings; resolves when one is acknowledged. */
export interface RecordingPort {
  append(chunk: Uint8Array): Promise<{ readonly sequence: number }>;
}

/** Everything the gateway needs of the outside. */
export interface GatewayPorts extends Surroundings {
  readonly ledger: Ledger;
  readonly recordings: RecordingPort;
  readonly rpc: RpcClient;
  readonly grants: AggregateStore<GrantState>;
  readonly control: ControlPlanePort;
}

/** One principal at one target in one exchange: what every command of it shares. */
export interface ExchangeFacts {
  readonly connector: string;
  readonly session: string;
  readonly exchange: string;
  readonly principal: Principal;
  readonly target: Target;
  readonly seal: EventSeal;
  /** Milliseconds since the epoch at which the agent's token ends. */
  readonly tokenExpiresAtMs: number;
}
