/** What a service's constructors ask for: `constructor(@Inject(LEDGER) private readonly ledger: Ledger)`. */

/** kernel `Ledger`: appends events; registers the service's own event key before its first use. */
export const LEDGER = Symbol('LEDGER');
/** contracts `RpcClient`. */
export const RPC_CLIENT = Symbol('RPC_CLIENT');
/** {@link Clock}. */
export const CLOCK = Symbol('CLOCK');
/** `ServiceKeys` of adapter-sealing: this service's private keys. */
export const KEYS = Symbol('KEYS');
/** contracts `Trust`: every service's public keys. */
export const TRUST = Symbol('TRUST');
/** `ControlFollower` of adapter-jetstream: bundle and locks, signature-checked. */
export const CONTROL = Symbol('CONTROL');
/** {@link Logger}. */
export const LOGGER = Symbol('LOGGER');
/** The validated settings, as the service's schema gives them. */
export const CONFIG = Symbol('CONFIG');
/** `Bus` of adapter-jetstream: this service's own connection. */
export const BUS = Symbol('BUS');
/** `Tracing` of adapter-telemetry. */
export const TRACING = Symbol('TRACING');
/** {@link Health}: where a service adds its own checks. */
export const HEALTH = Symbol('HEALTH');
/** {@link ServiceIdentity}: name and instance of this service. */
export const SERVICE = Symbol('SERVICE');

/** Time as an argument: whoever needs it asks this, so a test can set it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

/** Who this service is on the bus and in the ledger, and where its own files lie. */
export interface ServiceIdentity {
  readonly name: string;
  readonly instance: string;
  /** `<INTERLOCK_STATE_DIR>/<name>`, made at start. */
  readonly stateDir: string;
  /** False only under INTERLOCK_DEV_UNSYNCED: every page and report then says so. */
  readonly busSynced: boolean;
}
