import type { Beacon, Trust } from '@interlock/contracts';
import type { Bus } from './bus.js';
import type { VerifySignature } from './control-follower.js';

export interface BeaconPublisherOptions {
  readonly sign: (text: string) => Uint8Array;
  readonly nowMs: () => number;
  /** Last sequence of CONTROL that identity has followed to. */
  readonly controlSequence: () => number;
}

/** Publishes a signed beacon every LIMITS.beaconEveryMs until closed. */
export class BeaconPublisher {
  constructor(readonly bus: Bus, readonly options: BeaconPublisherOptions) {}
  close(): void {
    return;
  }
}

/** The newest beacon that verified, and when it came by this service's clock. */
export interface HeardBeacon {
  readonly beacon: Beacon;
  readonly arrivedAtMs: number;
}

export interface BeaconSubscriberOptions {
  readonly trust: Trust;
  readonly verify: VerifySignature;
  readonly nowMs: () => number;
  readonly onProblem?: (problem: string) => void;
}

export class BeaconSubscriber {
  latest: HeardBeacon | undefined;
  constructor(readonly bus: Bus, readonly options: BeaconSubscriberOptions) {}
  onBeacon(_listener: (heard: HeardBeacon) => void): () => void {
    return () => undefined;
  }
  close(): void {
    return;
  }
}
