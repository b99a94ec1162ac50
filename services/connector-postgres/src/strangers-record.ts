import type { EventDraft } from '@interlock/kernel';
import { draft } from '@interlock/contracts';
import type { Clock } from '@interlock/gateway';
import { POSTGRES_LIMITS } from './limits.js';

export interface StrangersPorts {
  readonly clock: Clock;
  readonly protocol: string;
  /** Never rejects; the event's id, where it was recorded. */
  readonly append: (draft: EventDraft) => Promise<string | undefined>;
}

const MINUTE_MS = 60_000;

/** From the first refusal on, for a minute. */
interface Minute {
  readonly fromMs: number;
  recorded: number;
  readonly recordedOf: Map<string, number>;
  readonly unrecorded: Map<string, number>;
  readonly addresses: Set<string>;
  moreAddresses: boolean;
  readonly forget: () => void;
}

/**
 * Records those who were turned away before anybody knew who they are. Nothing limits how many there are, and the ledger forgets nothing: so only
 * as many are recorded singly as POSTGRES_LIMITS says, a minute, and one event tells how many more there were.
 */
export class StrangersRecord {
  readonly #ports: StrangersPorts;
  #minute: Minute | undefined;

  constructor(ports: StrangersPorts) {
    this.#ports = ports;
  }

  /** Resolves when it is recorded, with the event's id, or counted, without. `clientAddress` is an address and a port. */
  async record(clientAddress: string, event: EventDraft): Promise<string | undefined> {
    const minute = (this.#minute ??= this.#begin());
    const address = clientAddress.slice(0, clientAddress.lastIndexOf(':'));
    const recordedOf = minute.recordedOf.get(address) ?? 0;
    if (minute.recorded >= POSTGRES_LIMITS.refusals || recordedOf >= POSTGRES_LIMITS.refusalsOfAddress) {
      count(minute, address, event.type);
      return undefined;
    }
    minute.recorded += 1;
    minute.recordedOf.set(address, recordedOf + 1);
    return this.#ports.append(event);
  }

  /** Records what has only been counted so far. */
  async close(): Promise<void> {
    this.#minute?.forget();
    await this.#end();
  }

  #begin(): Minute {
    const { clock } = this.#ports;
    const forget = clock.after(MINUTE_MS, () => void this.#end());
    return { fromMs: clock.nowMs(), recorded: 0, recordedOf: new Map(), unrecorded: new Map(), addresses: new Set(), moreAddresses: false, forget };
  }

  async #end(): Promise<void> {
    const minute = this.#minute;
    this.#minute = undefined;
    if (!minute || minute.unrecorded.size === 0) return;
    const { clock, protocol, append } = this.#ports;
    await append(draft('strangers.unrecorded.v1', {
      protocol, refused: Object.fromEntries(minute.unrecorded), addresses: minute.addresses.size, moreAddresses: minute.moreAddresses,
      from: new Date(minute.fromMs).toISOString(), until: new Date(clock.nowMs()).toISOString(),
    }));
  }
}

function count(minute: Minute, address: string, type: string): void {
  minute.unrecorded.set(type, (minute.unrecorded.get(type) ?? 0) + 1);
  if (minute.addresses.has(address)) return;
  if (minute.addresses.size < POSTGRES_LIMITS.refusalAddresses) minute.addresses.add(address);
  else minute.moreAddresses = true;
}
