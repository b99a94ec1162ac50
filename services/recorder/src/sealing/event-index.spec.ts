import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateKeyPairSync, createPublicKey, sign } from 'node:crypto';
import { leafEntry } from '@interlock/kernel';
import { DiskFiles, TileLog } from '@interlock/adapter-tile-log';
import { EventIndex, SEGMENT_LEAVES } from './event-index.js';

const { privateKey } = generateKeyPairSync('ed25519');
const signer = { name: 'example.com/l', publicKey: createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32), sign: (text: string) => sign(null, Buffer.from(text), privateKey) };
const size = SEGMENT_LEAVES * 2 + 300;
const ids = Array.from({ length: size }, (_, at) => `event-${at}`);
const entries = ids.map((id) => leafEntry(Buffer.from(JSON.stringify({ id })), Buffer.alloc(16), Buffer.alloc(0)));
const probes = [0, 255, SEGMENT_LEAVES - 1, SEGMENT_LEAVES, 2 * SEGMENT_LEAVES - 1, 2 * SEGMENT_LEAVES, size - 1];

let folder: string;
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'index-')); });
afterEach(() => rm(folder, { recursive: true }));

describe('the index of events', () => {
  it('finds every event while it grows, after a restart, and after its files were lost', async () => {
    const log = await TileLog.open(new DiskFiles(join(folder, 'log')), signer);
    const place = join(folder, 'index');
    const files = new DiskFiles(place);
    const grown = await EventIndex.open(log, files, place, 0);
    for (let at = 0; at < size; at += 50_000) {
      await log.append(entries.slice(at, at + 50_000));
      grown.add(at, ids.slice(at, at + 50_000));
      await grown.write();
    }
    const leavesOf = async (index: EventIndex) => Promise.all(probes.map(async (at) => (await index.find(ids[at]!, size))?.leaf));
    expect(await leavesOf(grown)).toEqual(probes);
    expect(await leavesOf(await EventIndex.open(log, files, place, size))).toEqual(probes);
    await files.remove('events-0');
    await files.remove('events-1');
    const rebuilt = await EventIndex.open(log, files, place, size);
    expect(await leavesOf(rebuilt)).toEqual(probes);
    expect(await rebuilt.find('event-none', size)).toBeUndefined();
    expect(await rebuilt.find(ids[size - 1]!, size - 1)).toBeUndefined();
  });
});
