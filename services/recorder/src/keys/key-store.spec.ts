import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RUN_KEY } from '@interlock/contracts';
import { wrapAtRest } from '@interlock/adapter-sealing';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { onDisk, partAtATime } from '../../spec/disk.js';
import { KeyStore } from './key-store.js';

const kek = randomBytes(32);
const key = randomBytes(32);
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
  path = join(folder, 'event-keys');
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close().catch(() => undefined);
  await rm(folder, { recursive: true });
});

const opened: KeyStore[] = [];
async function openStore(): Promise<KeyStore> {
  const store = await KeyStore.open(path, kek);
  opened.push(store);
  return store;
}

describe('the key store', () => {
  it('gives back after a restart what it stored, and stores nothing in clear', async () => {
    const store = await openStore();
    expect(await store.register('k1', 's1', key)).toMatchObject({ ok: true });
    await store.close();
    const file = await readFile(path);
    expect(file.includes(key)).toBe(false);
    expect(file.includes(key.toString('base64'))).toBe(false);
    expect((await openStore()).get('k1')).toEqual(key);
  });

  it('takes the same key again and refuses another one under a known id', async () => {
    const store = await openStore();
    const answers = await Promise.all([store.register('k1', 's1', key), store.register('k1', 's1', key), store.register('k1', 's1', randomBytes(32))]);
    expect(answers.map((answer) => (answer.ok ? 'ok' : answer.refusal.reason))).toEqual(['ok', 'ok', 'key_conflict']);
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(2);
    expect(await store.register('k2', 's1', randomBytes(31))).toMatchObject({ refusal: { reason: 'key_malformed' } });
    expect(store.get('k2')).toBeUndefined();
  });

  it('tells the keys of exchanges from those of services', async () => {
    const store = await openStore();
    await store.register('connector-postgres.s1.1.x', 's1', key);
    await store.register('vault.1.y', `${RUN_KEY}vault.1.y`, randomBytes(32));
    expect([store.getOfExchange('connector-postgres.s1.1.x'), store.getOfExchange('vault.1.y'), store.getOfExchange('nobody')]).toEqual([key, undefined, undefined]);
    expect(store.get('vault.1.y')).toBeDefined();
  });

  it('stores many at once', async () => {
    const store = await openStore();
    const keys = Array.from({ length: 200 }, () => randomBytes(32));
    await Promise.all(keys.map((one, at) => store.register(`k${at}`, 's', one)));
    await store.close();
    const again = await openStore();
    expect(keys.map((_, at) => again.get(`k${at}`))).toEqual(keys);
  });

  it('cuts off what a crash left half written, and goes on behind it', async () => {
    const store = await openStore();
    await store.register('k1', 's1', key);
    await store.close();
    await appendFile(path, '{"id":"k2","sess');
    const again = await openStore();
    await again.register('k3', 's1', key);
    await again.close();
    const last = await openStore();
    expect([last.get('k1'), last.get('k2'), last.get('k3')]).toEqual([key, undefined, key]);
  });

  it('does not open with another key-encryption key, nor with a damaged line', async () => {
    const store = await openStore();
    await store.register('k1', 's1', key);
    await store.close();
    await expect(KeyStore.open(path, randomBytes(32))).rejects.toMatchObject({ name: 'KekWrong' });
    await writeFile(path, `garbage\n${await readFile(path, 'utf8')}`);
    await expect(KeyStore.open(path, kek)).rejects.toThrow('line 1 of the event keys');
    await writeFile(path, `${'x'.repeat(100_000)}\n`);
    await expect(KeyStore.open(path, kek)).rejects.toThrow('line 1 of the event keys');
  });

  it('takes up more than one piece of its file, and gives back keys it no longer has in memory', { timeout: 20_000 }, async () => {
    const lines = Array.from({ length: 10_000 }, (_, at) => JSON.stringify({ id: `key-${at}`, session: 's'.repeat(100), key: wrapAtRest(kek, key, `event-key/key-${at}`).toString('base64') }));
    await writeFile(path, `${lines.join('\n')}\n`);
    const store = await openStore();
    for (const at of [0, 1, 4_999, 9_998, 9_999]) expect(store.get(`key-${at}`)).toEqual(key);
    expect(store.get('key-10000')).toBeUndefined();
    expect(await store.register('key-0', 's', randomBytes(32))).toMatchObject({ refusal: { reason: 'key_conflict' } });
    for (let at = 0; at < 5_000; at += 1) await store.register(`more-${at}`, 's', randomBytes(32));
    expect(store.get('key-0')).toEqual(key);
  });

  it('of two lines with one id the later counts, and an empty key is none', async () => {
    await writeFile(path, '');
    const store = await openStore();
    await store.register('k1', 's1', key);
    await store.close();
    await appendFile(path, '{"id":"k1","session":"s1","key":""}\n');
    const again = await openStore();
    expect(again.get('k1')).toBeUndefined();
    expect(await again.register('k1', 's1', key)).toMatchObject({ refusal: { reason: 'key_conflict' } });
  });

  it('refuses names that no line could hold', async () => {
    const store = await openStore();
    expect(await store.register('k'.repeat(2_000), 's1', key)).toMatchObject({ refusal: { reason: 'key_malformed' } });
    expect(await store.register('\u0001'.repeat(1_000), 's1', key)).toMatchObject({ ok: true });
  });

  it('stores whole lines on a disk that takes a part at a time', async () => {
    onTestFinished(await onDisk(partAtATime));
    const store = await openStore();
    await store.register('k1', 's1', key);
    await store.register('k2', 's1', key);
    await store.close();
    const again = await openStore();
    expect([again.get('k1'), again.get('k2')]).toEqual([key, key]);
  });

  it('leaves nothing of a write that failed half way', async () => {
    const store = await openStore();
    const mended = await onDisk((write) => async (bytes, at, length, position) => {
      await write(bytes, at, length - 10, position);
      throw new Error('no space left on device');
    });
    await expect(store.register(`long-${'x'.repeat(500)}`, 's1', key)).rejects.toThrow('no space');
    mended();
    await store.register('k1', 's1', key);
    await store.close();
    const again = await openStore();
    expect(again.get('k1')).toEqual(key);
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(2);
  });
});
