import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
  });
});
