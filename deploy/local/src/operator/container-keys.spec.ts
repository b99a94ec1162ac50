import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SERVICES } from '../bus/permissions.js';
import { layContainerKeys } from './container-keys.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-keys-'));
  await layContainerKeys(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('gives each container its own keys and nobody else\'s', async () => {
  for (const service of SERVICES) {
    const files = await readdir(join(folder, service));
    expect(files.filter((file) => file.endsWith('.json')).toSorted()).toEqual([`${service}.json`, 'trust.json'].toSorted());
    expect(await readFile(join(folder, service, `${service}.json`), 'utf8')).toContain('nkeySeed');
  }
});

it('lets only their owner read secrets', async () => {
  for (const file of ['identity/identity.json', 'vault/kek', 'recorder/kek', 'masking/kek', 'audit/pgpass', 'connector-postgres/server.key', 'installation/operator.json', 'bus/nats.conf']) {
    expect([file, (await stat(join(folder, file))).mode & 0o077]).toEqual([file, 0]);
  }
});

it('repeats without changing anything', async () => {
  const read = (): Promise<string[]> => Promise.all(['identity/identity.json', 'vault/kek', 'audit/pgpass', 'bus/nats.conf', 'connector-postgres/server.pem'].map((file) => readFile(join(folder, file), 'utf8')));
  const before = await read();
  await layContainerKeys(folder);
  expect(await read()).toEqual(before);
});

it('points the bus at its volume and listens for the other containers', async () => {
  const configuration = await readFile(join(folder, 'bus', 'nats.conf'), 'utf8');
  expect(configuration).toContain('store_dir: "/bus"');
  expect(configuration).toContain('listen: "0.0.0.0:4222"');
  expect(configuration).toContain('sync_interval: always');
});
