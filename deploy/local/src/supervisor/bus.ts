import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { natsConfiguration } from '../bus/configuration.js';
import { generateInstallation } from '../bus/installation.js';
import { createStreams, DEFAULT_SIZES, type StreamSizes } from '../bus/streams.js';
import { writePrivate } from '../state/secret-file.js';
import type { Layout } from './layout.js';

export interface PreparedBus {
  readonly configFile: string;
  readonly operatorSeed: string;
}

export interface BusAddress {
  readonly clientPort: number;
  readonly monitorPort: number;
  /** 127.0.0.1 when absent. */
  readonly host?: string;
  /** Where the server keeps its streams; beside its configuration when absent. */
  readonly storeDir?: string;
}

const TIB = 1024 ** 4;
/** Parts of the free disk that the ledger and the recordings may fill, decided once, when the streams are made. */
const SHARE_OF_DISK = { ledger: 0.2, recording: 0.4 } as const;

/** Makes the keys and writes the configuration of the bus: the operator step before the server runs. */
export async function prepareBus(layout: Pick<Layout, 'keys' | 'bus'>, address: BusAddress): Promise<PreparedBus> {
  const { users, operatorSeed } = await generateInstallation(layout.keys);
  const configFile = join(layout.bus, 'nats.conf');
  // The ceiling for all streams together is out of the way: it would follow the free disk, and refuse at a later start what exists.
  await writePrivate(configFile, natsConfiguration({ storeDir: join(layout.bus, 'store'), ...address, users, maxFileStoreBytes: TIB }));
  return { configFile, operatorSeed };
}

/** Creates the streams that are missing: the operator step once the server runs. */
export async function ensureStreams(url: string, operatorSeed: string, busFolder: string): Promise<readonly string[]> {
  const operator = await connect({ servers: url, authenticator: nkeyAuthenticator(Buffer.from(operatorSeed)), name: 'operator', reconnect: false });
  try {
    return await createStreams(operator, await sizesFor(busFolder));
  } finally {
    await operator.close();
  }
}

async function sizesFor(folder: string): Promise<StreamSizes> {
  const disk = await statfs(folder);
  const free = disk.bavail * disk.bsize;
  return {
    ledgerBytes: Math.floor(Math.min(DEFAULT_SIZES.ledgerBytes, free * SHARE_OF_DISK.ledger)),
    recordingBytes: Math.floor(Math.min(DEFAULT_SIZES.recordingBytes, free * SHARE_OF_DISK.recording)),
  };
}
