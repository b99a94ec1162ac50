import { Beacon, SignedBeacon, type Trust } from '@interlock/contracts';
import { LIMITS } from '@interlock/kernel';
import type { Msg, Subscription } from '@nats-io/nats-core';
import type { Bus } from './bus.js';
import type { VerifySignature } from './control-reader.js';

const SUBJECT = 'beacon';
/** A beacon whose time is further from this service's clock is not believed: old ones could be played back for ever. */
export const BEACON_SKEW_MS = 30_000;

function signedText(beacon: string): string {
  return `interlock-beacon/v1\n${beacon}`;
}

export interface BeaconPublisherOptions {
  readonly sign: (text: string) => Uint8Array;
  readonly nowMs: () => number;
  /** Last sequence of CONTROL that identity has followed to. */
  readonly controlSequence: () => number;
}

/**
 * Publishes a signed beacon every LIMITS.beaconEveryMs until closed. The counter begins at the clock's milliseconds, so that
 * it also grows over a restart of identity.
 */
export class BeaconPublisher {
  readonly #bus: Bus;
  readonly #options: BeaconPublisherOptions;
  readonly #timer: NodeJS.Timeout;
  #counter: number;

  constructor(bus: Bus, options: BeaconPublisherOptions) {
    this.#bus = bus;
    this.#options = options;
    this.#counter = options.nowMs();
    this.#timer = setInterval(() => this.#publish(), LIMITS.beaconEveryMs);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Without a connection nothing is published: the client would keep old beacons and send them later. */
  #publish(): void {
    if (!this.#bus.connected) return;
    this.#counter += 1;
    const content: Beacon = { at: this.#options.nowMs(), counter: this.#counter, controlSequence: this.#options.controlSequence() };
    const beacon = JSON.stringify(content);
    const signed: SignedBeacon = { beacon, signature: Buffer.from(this.#options.sign(signedText(beacon))).toString('base64') };
    this.#bus.connection.publish(SUBJECT, JSON.stringify(signed));
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
  /** A beacon that was not believed, in one sentence; said once per reason until a good one comes. */
  readonly onProblem?: (problem: string) => void;
}

/** Listens to identity's beacon. Whether silence is too long is for who reads `latest` to judge. */
export class BeaconSubscriber {
  readonly #options: BeaconSubscriberOptions;
  readonly #listeners = new Set<(heard: HeardBeacon) => void>();
  readonly #subscription: Subscription;
  #latest: HeardBeacon | undefined;
  #reported = '';

  constructor(bus: Bus, options: BeaconSubscriberOptions) {
    this.#options = options;
    this.#subscription = bus.connection.subscribe(SUBJECT, {
      callback: (fault, message) => {
        if (!fault) this.#hear(message);
      },
    });
  }

  get latest(): HeardBeacon | undefined {
    return this.#latest;
  }

  onBeacon(listener: (heard: HeardBeacon) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
  }

  #hear(message: Msg): void {
    const arrivedAtMs = this.#options.nowMs();
    const beacon = this.#verified(message);
    const doubt = beacon ? this.#doubt(beacon, arrivedAtMs) : 'it is not signed by identity';
    if (!beacon || doubt) return this.#report(`A beacon is not believed: ${doubt}.`);
    this.#latest = { beacon, arrivedAtMs };
    this.#reported = '';
    for (const listener of this.#listeners) listener(this.#latest);
  }

  #doubt(beacon: Beacon, now: number): string | undefined {
    if (this.#latest && beacon.counter <= this.#latest.beacon.counter) return 'it was heard before';
    return Math.abs(beacon.at - now) > BEACON_SKEW_MS ? `its time is more than ${BEACON_SKEW_MS} ms from this service's clock` : undefined;
  }

  #verified(message: Msg): Beacon | undefined {
    const key = this.#options.trust.services['identity']?.signingKey;
    const signed = SignedBeacon.safeParse(parse(message.string()));
    if (!key || !signed.success || !this.#options.verify(key, signedText(signed.data.beacon), signed.data.signature)) return undefined;
    const beacon = Beacon.safeParse(parse(signed.data.beacon));
    return beacon.success ? beacon.data : undefined;
  }

  #report(problem: string): void {
    if (problem === this.#reported) return;
    this.#reported = problem;
    this.#options.onProblem?.(problem);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
