import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { eventually } from '../../e2e/system/eventually.js';
import { quantile } from './pgbench.js';

const MESSAGES = 400;
const WARM_UP = 50;
const BYTES = 1_024;

/**
 * What one synced acknowledgement costs on this disk now: a bus of its own with `sync_interval: always`, one message of 1 KiB
 * after the other. It is the yardstick for added latency, because every command waits for one.
 */
export async function measureSyncedAck(natsServer: string, folder: string, port: number): Promise<{ readonly p50Ms: number; readonly p99Ms: number }> {
  const own = join(folder, 'ack-bus');
  mkdirSync(own, { mode: 0o700 });
  const config = join(own, 'nats.conf');
  writeFileSync(config, `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${own}/store", sync_interval: always }\n`);
  const server = spawn(natsServer, ['--config', config], { stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  try {
    const connection = await eventually('the bus for the yardstick answers', () => connect({ servers: `nats://127.0.0.1:${port}`, reconnect: false }));
    const latencies = await publishOneByOne(connection);
    await connection.close();
    return { p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) };
  } finally {
    server.kill('SIGKILL');
    await ended;
  }
}

async function publishOneByOne(connection: NatsConnection): Promise<number[]> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'YARDSTICK', subjects: ['yardstick'], storage: StorageType.File });
  const bus = jetstream(connection);
  const payload = randomBytes(BYTES);
  const latencies: number[] = [];
  for (let count = -WARM_UP; count < MESSAGES; count += 1) {
    const begun = performance.now();
    await bus.publish('yardstick', payload);
    if (count >= 0) latencies.push(performance.now() - begun);
  }
  return latencies.toSorted((one, other) => one - other);
}
