import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inclusionPath, leafHash, merkleRoot } from '@interlock/kernel';
import { entryOf, signerOf } from '../spec/signer.js';
import { FailingFiles, PowerLoss } from '../spec/failing-files.js';
import { openCheckpoint } from './checkpoint.js';
import { DiskFiles } from './files.js';
import { checkLog } from './fsck.js';
import { TileLog } from './log.js';
import { formatProof, parseProof, verifyConsistency, verifyInclusion } from './proof.js';
import { rootFromTiles } from './tree.js';

const signer = signerOf('example.com/log', Buffer.alloc(32, 1));
const entries = Array.from({ length: 66_000 }, (_, at) => entryOf(`event-${at}`));
const hashes = entries.map(leafHash);

async function logOf(size: number, files = new FailingFiles(() => 0)): Promise<TileLog> {
  const log = await TileLog.open(files, signer);
  await log.append(entries.slice(0, size));
  return log;
}

describe('the log', () => {
  it('has the root of the leaves, however they were divided into appends', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 6 }), async (counts) => {
      const files = new FailingFiles(() => 0);
      const log = await TileLog.open(files, signer);
      let size = 0;
      for (const count of counts) {
        const checkpoint = await log.append(entries.slice(size, (size += count)));
        expect(checkpoint.root).toEqual(merkleRoot(hashes.slice(0, size)));
        expect(await rootFromTiles(files, size)).toEqual(checkpoint.root);
      }
      expect(await checkLog(files, signer)).toEqual({ size });
      expect((await TileLog.open(files, signer)).checkpoint).toBe(log.checkpoint);
    }), { numRuns: 25 });
  });

  it('proves inclusion with the path of RFC 6962', async () => {
    const log = await logOf(1_111);
    const { root } = valueOf(openCheckpoint(log.checkpoint, signer));
    for (const index of [0, 1, 255, 256, 511, 1_023, 1_024, 1_110]) {
      const path = await log.proveInclusion(index);
      expect(path).toEqual(inclusionPath(hashes.slice(0, 1_111), index));
      expect(verifyInclusion(entries[index]!, index, 1_111, path, root)).toBe(true);
      expect(verifyInclusion(entries[index + 1]!, index, 1_111, path, root)).toBe(false);
      const text = formatProof({ index, path, checkpoint: log.checkpoint });
      expect(parseProof(text)).toEqual({ ok: true, value: { index, path, checkpoint: log.checkpoint } });
    }
  });

  it('proves consistency between any two sizes, and no proof fits another root', async () => {
    const log = await logOf(1_500);
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 0, max: 1_500 }), async (a, b) => {
      const [from, to] = a < b ? [a, b] : [b, a];
      const path = await log.proveConsistency(from, to);
      const roots = [merkleRoot(hashes.slice(0, from)), merkleRoot(hashes.slice(0, to))] as const;
      expect(verifyConsistency(from, roots[0], to, roots[1], path)).toBe(true);
      if (from > 0) expect(verifyConsistency(from, merkleRoot(hashes.slice(1, from + 1)), to, roots[1], path)).toBe(false);
      if (from > 0 && from < to) expect(verifyConsistency(from, roots[0], to, merkleRoot(hashes.slice(1, to + 1)), path)).toBe(false);
      if (path.length > 0) expect(verifyConsistency(from, roots[0], to, roots[1], path.slice(1))).toBe(false);
    }), { numRuns: 60 });
  });

  it('reaches the third level of tiles and keeps no partial file beside a full one', async () => {
    const files = new FailingFiles(() => 0);
    const log = await logOf(65_530, files);
    await log.append(entries.slice(65_530, 65_540));
    expect(valueOf(openCheckpoint(log.checkpoint, signer)).root).toEqual(merkleRoot(hashes.slice(0, 65_540)));
    expect(files.paths().filter((path) => path.includes('.p/')).toSorted()).toEqual(['tile/0/256.p/4', 'tile/2/000.p/1', 'tile/entries/256.p/4']);
    expect(await checkLog(files, signer)).toEqual({ size: 65_540 });
  });

  it('serves the partial tiles of every older checkpoint, from the newest alone', async () => {
    const files = new FailingFiles(() => 0);
    const log = await logOf(300, files);
    const older = { root: valueOf(openCheckpoint(log.checkpoint, signer)).root, tile: await log.read('tile/0/001.p/44'), bundle: await log.read('tile/entries/001.p/44') };
    await log.append(entries.slice(300, 310));
    expect(files.paths().filter((path) => path.includes('.p/')).toSorted()).toEqual(['tile/0/001.p/54', 'tile/1/000.p/1', 'tile/entries/001.p/54']);
    await log.append(entries.slice(310, 700));
    expect([await log.read('tile/0/001.p/44'), await log.read('tile/entries/001.p/44')]).toEqual([older.tile, older.bundle]);
    expect(await rootFromTiles(log, 300)).toEqual(older.root);
    expect(await log.read('tile/0/002.p/200')).toBeUndefined();
  });

  it('serves its own files only', async () => {
    const log = await logOf(300);
    expect((await log.read('checkpoint'))?.toString()).toBe(log.checkpoint);
    expect(await log.read('tile/0/000')).toHaveLength(8_192);
    expect(await log.read('../secret')).toBeUndefined();
  });
});

describe('power failing at every step', () => {
  it('never loses an entry under a checkpoint, and goes on as if nothing had happened', async () => {
    for (const [before, added] of [[0, 3], [250, 10], [255, 1], [256, 300], [500, 600]] as const) {
      for (let failAt = 1; ; failAt += 1) {
        const survived = await failOnce(before, added, failAt);
        if (survived) break;
      }
    }
  });

  /** Whether the append came through before the power went; otherwise checks what the next start finds. */
  async function failOnce(before: number, added: number, failAt: number): Promise<boolean> {
    let seed = failAt * 7919 + before;
    const chance = (): number => ((seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31);
    const files = new FailingFiles(chance);
    const log = await TileLog.open(files, signer);
    await log.append(entries.slice(0, before));
    let guarded = 0;
    files.failAtStep = files.stepsTaken + failAt;
    const failure = await log.append(entries.slice(before, before + added), async (next) => { guarded = next.size; }).catch((error: unknown) => error);
    if (!(failure instanceof PowerLoss)) return true;
    const found = files.restart();
    const again = await TileLog.open(found, signer);
    expect([before, before + added]).toContain(again.size);
    if (again.size > before) expect(guarded).toBe(again.size);
    expect((await checkLog(found, signer)).finding).toBeUndefined();
    await again.append(entries.slice(again.size, before + added + 5));
    expect(valueOf(openCheckpoint(again.checkpoint, signer)).root).toEqual(merkleRoot(hashes.slice(0, before + added + 5)));
    expect((await checkLog(found, signer)).finding).toBeUndefined();
    return false;
  }

  it('leaves the log usable when an append fails without a crash', async () => {
    const files = new FailingFiles(() => 0);
    const log = await logOf(10, files);
    files.failAtStep = files.stepsTaken + 2;
    await expect(log.append(entries.slice(10, 12))).rejects.toThrow(PowerLoss);
    files.failAtStep = Infinity;
    expect((await log.append(entries.slice(10, 12))).root).toEqual(merkleRoot(hashes.slice(0, 12)));
  });
});

describe('a log that was tampered with', () => {
  it('is not opened', async () => {
    const files = new FailingFiles(() => 0);
    await logOf(300, files);
    files.flip('tile/0/001.p/44', 5);
    await expect(TileLog.open(files, signer)).rejects.toThrow('entry 256 is not the one');
    files.flip('tile/0/001.p/44', 5);
    files.flip('checkpoint', 17);
    await expect(TileLog.open(files, signer)).rejects.toThrow('the checkpoint cannot be taken up');
    files.flip('checkpoint', 17);
    await files.remove('checkpoint');
    await expect(TileLog.open(files, signer)).rejects.toThrow('the checkpoint was removed');
  });

  it.each([
    ['tile/entries/001', 4 + 2 * 108 + 20, 258, 'The entry was changed'],
    ['tile/entries/002.p/88', 30, 512, 'The entry was changed'],
    ['tile/0/001', 32 * 7, 263, 'The tile was changed'],
    ['tile/0/002.p/88', 32 * 7 + 3, 519, 'The tile was changed'],
    ['tile/1/000.p/2', 33, 256, 'tile below'],
  ])('names the event behind one changed byte of %s', async (path, at, index, detail) => {
    const files = new FailingFiles(() => 0);
    await logOf(600, files);
    files.flip(path, at);
    const { finding } = await checkLog(files, signer);
    expect(finding).toMatchObject({ index, path });
    expect(finding?.detail).toContain(detail);
    if (path.startsWith('tile/0')) expect(finding?.event).toBe(`event-${index}`);
  });

  it('names a missing file and a rewritten history', async () => {
    const files = new FailingFiles(() => 0);
    const log = await logOf(600, files);
    await files.remove('tile/0/001');
    expect((await checkLog(files, signer)).finding).toMatchObject({ index: 256, detail: expect.stringContaining('tile/0/001 is missing') });
    const rewritten = new FailingFiles(() => 0);
    await (await TileLog.open(rewritten, signer)).append([...entries.slice(1, 600), entries[0]!]);
    await rewritten.write('checkpoint', Buffer.from(log.checkpoint));
    expect((await checkLog(rewritten, signer)).finding?.detail).toContain('history was rewritten');
  });
});

describe('on a disk', () => {
  let folder: string;
  beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'tile-log-')); });
  afterEach(() => rm(folder, { recursive: true }));

  it('is found again, with no half-written file left', async () => {
    const log = await logOf(0);
    expect(log.size).toBe(0);
    const onDisk = await TileLog.open(new DiskFiles(join(relative(process.cwd(), folder), 'deep', 'log')), signer);
    for (const [start, end] of [[0, 100], [100, 300], [300, 70 * 256]] as const) await onDisk.append(entries.slice(start, end));
    const place = join(folder, 'deep', 'log');
    const again = await TileLog.open(new DiskFiles(place), signer);
    expect(again.checkpoint).toBe(onDisk.checkpoint);
    expect(await checkLog(new DiskFiles(place), signer)).toEqual({ size: 70 * 256 });
    expect((await readdir(place, { recursive: true })).filter((name) => name.endsWith('.new') || name.includes('.p/'))).toEqual(['tile/1/000.p/70']);
  });
});

function valueOf<T>(outcome: { ok: true; value: T } | { ok: false; refusal: { detail: string } }): T {
  if (!outcome.ok) throw new Error(outcome.refusal.detail);
  return outcome.value;
}
