import type { Bus } from './bus.js';

/** The bus acknowledges before the disk has it, or does not say. A service must not start on it. */
export class BusNotSynced extends Error {
  override readonly name = 'BusNotSynced';
}

export interface SyncReport {
  /** Every server of the bus that stores reports `sync_always`. */
  readonly synced: boolean;
  readonly servers: number;
}

interface ServerReport {
  readonly id: string;
  readonly synced: boolean;
}

/** Request of the system account, imported by every service's account. */
const SUBJECT = '$SYS.REQ.SERVER.PING.JSZ';
const GATHER_MS = 2_000;
/** Answers of a cluster's servers come within this of each other. */
const STALL_MS = 150;

/**
 * Asks the servers themselves whether they sync every write.
 *
 * The question goes over the very connection that the service will use, to the system account, which every service's account
 * imports for this one subject; the answer must come from the server this connection ends at. A monitoring address in the
 * configuration could point at another server, and INFO does not say.
 *
 * @throws BusNotSynced unless every storing server, and the connected one among them, reports `sync_always`, or `allowUnsynced` is set.
 */
export async function checkSyncAlways(bus: Bus, options: { readonly allowUnsynced: boolean }): Promise<SyncReport> {
  const reports = await gather(bus);
  const here = bus.connection.info?.server_id;
  const synced = reports.some((report) => report.id === here) && reports.every((report) => report.synced);
  if (!synced && !options.allowUnsynced) throw new BusNotSynced(problem(reports));
  return { synced, servers: reports.length };
}

async function gather(bus: Bus): Promise<readonly ServerReport[]> {
  const reports: ServerReport[] = [];
  try {
    for await (const message of await bus.connection.requestMany(SUBJECT, '', { strategy: 'stall', maxWait: GATHER_MS, stall: STALL_MS })) {
      const report = serverReport(message.string());
      if (report) reports.push(report);
    }
  } catch {
    return reports;
  }
  return reports;
}

/** A server without JetStream stores nothing and does not count. */
function serverReport(text: string): ServerReport | undefined {
  const { server, data } = JSON.parse(text) as {
    readonly server?: { readonly id?: string };
    readonly data?: { readonly disabled?: boolean; readonly config?: { readonly sync_always?: boolean } };
  };
  if (!server?.id || !data || data.disabled) return undefined;
  return { id: server.id, synced: data.config?.sync_always === true };
}

function problem(reports: readonly ServerReport[]): string {
  const remedy = 'Set sync_interval: always in its jetstream block (NATS 2.10.27 or newer), or set INTERLOCK_DEV_UNSYNCED=1 for development.';
  return reports.length === 0
    ? `The bus does not say whether it syncs every write before it acknowledges it. Take the configuration of the operator step. ${remedy}`
    : `The bus acknowledges before its disk has the write. ${remedy}`;
}
