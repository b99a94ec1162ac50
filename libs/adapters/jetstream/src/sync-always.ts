import type { Bus } from './bus.js';

/** The bus acknowledges before the disk has it; a service must not start on it. */
export class BusNotSynced extends Error {
  override readonly name = 'BusNotSynced';
}

export interface SyncReport {
  /** Every server of the bus reports `sync_always`. */
  readonly synced: boolean;
  readonly servers: number;
}

/** @throws BusNotSynced unless every server reports `sync_always`, or `allowUnsynced` is set. */
export function checkSyncAlways(bus: Bus, options: { readonly allowUnsynced: boolean }): Promise<SyncReport> {
  return Promise.reject(new BusNotSynced(`${bus.name} ${options.allowUnsynced}`));
}
