import type { Bundle } from '@interlock/contracts';
import type { Bus } from './bus.js';
import { BUNDLE_SUBJECT } from './control-messages.js';
import { readBundle, type ControlReaderOptions } from './control-reader.js';
import { readStored } from './stored-message.js';

const STREAM = 'CONTROL';
const READ_MS = 5_000;

/** One version of the configuration as stream CONTROL holds it. */
export interface PublishedBundle {
  readonly version: number;
  /** When the bus stored it, by the bus's clock, in milliseconds since the epoch. */
  readonly storedAtMs: number;
}

interface Place extends PublishedBundle {
  readonly sequence: number;
}

/**
 * Every bundle that was ever published, by version. Nothing is taken out of CONTROL, so an old one is read from there, its signature
 * checked as that of the newest is; of a version that comes again the first counts.
 */
export class BundleHistory {
  readonly #bus: Bus;
  readonly #options: Pick<ControlReaderOptions, 'trust' | 'verify'>;
  readonly #places = new Map<number, Place>();
  #newest: Place | undefined;
  #read = 0;

  constructor(bus: Bus, options: Pick<ControlReaderOptions, 'trust' | 'verify'>) {
    this.#bus = bus;
    this.#options = options;
  }

  /** The bundle of this version; undefined when CONTROL holds none that policy signed. @throws BusUnavailable */
  async at(version: number): Promise<Bundle | undefined> {
    if (!this.#places.has(version)) await this.#goOn();
    const place = this.#places.get(version);
    const message = place && (await readStored(this.#bus, STREAM, { sequence: place.sequence }, READ_MS));
    return message && readBundle(message, this.#options)?.bundle;
  }

  /** The first version newer than this one; undefined when none was published. @throws BusUnavailable */
  async after(version: number): Promise<PublishedBundle | undefined> {
    if (!this.#newest || this.#newest.version <= version) await this.#goOn();
    return [...this.#places.values()].find((place) => place.version > version);
  }

  async #goOn(): Promise<void> {
    for (;;) {
      const message = await readStored(this.#bus, STREAM, { from: this.#read + 1, on: BUNDLE_SUBJECT }, READ_MS);
      if (!message || message.sequence <= this.#read) return;
      this.#read = message.sequence;
      const version = readBundle(message, this.#options)?.bundle.version;
      if (version === undefined || version <= (this.#newest?.version ?? 0)) continue;
      this.#newest = { version, sequence: message.sequence, storedAtMs: message.storedAtMs };
      this.#places.set(version, this.#newest);
    }
  }
}
