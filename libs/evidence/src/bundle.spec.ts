import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync, readdirSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, extract } from 'tar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeBatch, type StoredBatch } from '@interlock/kernel';
import type { Trust } from '@interlock/contracts';
import { MemoryLedger } from '@interlock/adapter-memory-log';
import { createEventSeal } from '@interlock/adapter-sealing';
import { TileLog, type LogFiles } from '@interlock/adapter-tile-log';
import { BundleUnreadable, openBundle, writeBundle } from './bundle.js';
import { checkEvidence } from './check.js';
import { everyTilePath, sizeOf } from './log.js';

const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
const signer = { name: 'example.com/ledger', publicKey, sign: (text: string) => sign(null, Buffer.from(text), privateKey) };
const trust: Trust = { services: { recorder: { signingKey: publicKey.toString('base64'), sealingKey: '' } } };
const EVENTS = 300;

class MemoryFiles implements LogFiles {
  readonly held = new Map<string, Buffer>();
  read(path: string) { return Promise.resolve(this.held.get(path)); }
  write(path: string, bytes: Buffer) { return Promise.resolve(void this.held.set(path, bytes)); }
  remove(path: string) { return Promise.resolve(void this.held.delete(path)); }
  sync() { return Promise.resolve(); }
}

let folder: string;
let whole: string;

/** A ledger of batches of three, sealed, as one file. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'interlock-evidence-spec-'));
  whole = join(folder, 'whole.tar');
  const ledger = new MemoryLedger();
  const log = await TileLog.open(new MemoryFiles(), signer);
  const seal = createEventSeal('k', randomBytes(32));
  const batches: StoredBatch[] = [];
  for (let count = 0; count < EVENTS; count += 3) {
    const { sequence } = await ledger.append(Array.from({ length: 3 }, (_, at) => ({ type: 'probe.ran.v1', session: 's', data: { target: 't', purpose: 'p', text: `select ${count + at}` }, seal })));
    const stored = (await ledger.read(sequence))!;
    const batch = decodeBatch(stored.bytes);
    if (!batch.ok) throw new Error(batch.refusal.detail);
    await log.append(batch.value.records.map(({ entry }) => entry), () => Promise.resolve());
    batches.push(stored);
  }
  async function* tiles() { for (const path of everyTilePath(sizeOf(log.checkpoint))) yield [path, (await log.read(path))!] as const; }
  async function* stored() { yield* batches; }
  await writeBundle(whole, { checkpoint: log.checkpoint, trust, lastSequence: batches.length, exportedAt: '2026-01-01T00:00:00.000Z' }, tiles(), stored());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function check(file: string) {
  const bundle = await openBundle(file);
  try {
    return await checkEvidence({ ...bundle, logKey: publicKey, verify: () => true }, new AbortController().signal);
  } finally {
    await bundle.close();
  }
}

/** The same bundle, changed by whoever has the file. */
async function changed(change: (below: string) => void): Promise<string> {
  const below = mkdtempSync(join(folder, 'changed-'));
  await extract({ file: whole, cwd: below });
  change(below);
  await create({ file: `${below}.tar`, cwd: below }, readdirSync(below));
  return `${below}.tar`;
}

function rewrite(path: string, change: (text: string) => string) {
  return (below: string): void => writeFileSync(join(below, path), change(readFileSync(join(below, path), 'latin1')), 'latin1');
}

const leftBehind = (): string[] => readdirSync(tmpdir()).filter((name) => /^interlock-evidence-[^s]/.test(name));

describe('a bundle of evidence', () => {
  it('that is whole is found so, and leaves nothing behind', async () => {
    const before = leftBehind();
    expect(await check(whole)).toMatchObject({ events: EVENTS, batches: EVENTS / 3, uncomparedChunks: 0, finding: undefined });
    expect(leftBehind()).toEqual(before);
  });

  it.each<[string, (below: string) => void, string]>([
    ['a batch is changed', rewrite('ledger/000000000.jsonl', (text) => text.replace(/("sequence":50,.*?"bytes":"[^"]{400})(.)/, (_, before: string, one: string) => `${before}${one === 'A' ? 'B' : 'A'}`)), ''],
    ['a batch is left out', rewrite('ledger/000000000.jsonl', (text) => text.split('\n').filter((line) => !line.includes('"sequence":50,')).join('\n')), 'sequence 51 stands where 50 belongs'],
    ['the last batches are left out', rewrite('ledger/000000000.jsonl', (text) => text.split('\n').slice(0, 90).join('\n')), 'ends before sequence 91'],
    ['a line is no batch', rewrite('ledger/000000000.jsonl', (text) => text.replace('"sequence":7,', '"sequence":"7",')), 'holds a line that is no batch'],
    ['less is said to be there', rewrite('evidence.json', (text) => text.replace('"lastSequence": 100', '"lastSequence": 90')), 'The ledger ends after 270 events, and 300 are sealed'],
    ['a tile is changed', rewrite('tile/0/000', (text) => `X${text.slice(1)}`), 'tile/0/000'],
    ['an entry is changed', rewrite('tile/entries/000', (text) => text.replace('probe.ran.v1', 'probe.ran.v2')), 'The entry was changed'],
    ['the checkpoint says another root', rewrite('checkpoint', (text) => text.replace(/\n300\n./, '\n300\nA')), 'signature'],
    ['a file of the log is left out', (below) => rmSync(join(below, 'tile', '0', '000')), 'is missing'],
  ])('in which %s is found out', async (_what, change, detail) => {
    const { finding } = await check(await changed(change));
    expect(finding?.detail).toContain(detail);
  });

  it.each<[string, (below: string) => void, string]>([
    ['a file of another name', (below) => writeFileSync(join(below, 'notes.txt'), 'x'), 'notes.txt'],
    ['a link', (below) => symlinkSync('/etc/passwd', join(below, 'tile', '0', '001')), 'tile/0/001'],
    ['a folder of another name', (below) => mkdirSync(join(below, 'more')), 'more'],
    ['no checkpoint', (below) => rmSync(join(below, 'checkpoint')), 'it holds no checkpoint'],
    ['keys that are none', (below) => writeFileSync(join(below, 'trust.json'), '{"services":1}'), 'its trust.json is not what one is'],
    ['another form', rewrite('evidence.json', (text) => text.replace('/v1', '/v2')), 'its evidence.json is not what one is'],
  ])('with %s is not taken for one', async (_what, change, detail) => {
    const before = leftBehind();
    const file = await changed(change);
    await expect(openBundle(file)).rejects.toThrow(BundleUnreadable);
    await expect(openBundle(file)).rejects.toThrow(detail);
    expect(leftBehind()).toEqual(before);
  });

  it('that is compressed, and would fill a disk, is none', async () => {
    const before = leftBehind();
    const below = mkdtempSync(join(folder, 'bomb-'));
    await extract({ file: whole, cwd: below });
    writeFileSync(join(below, 'ledger', '000000001.jsonl'), Buffer.alloc(8 * 1024 * 1024));
    await create({ file: `${below}.tar`, cwd: below, gzip: true }, readdirSync(below));
    await expect(openBundle(`${below}.tar`)).rejects.toThrow('unpacked it is larger than itself');
    expect(leftBehind()).toEqual(before);
  });

  it.each([['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)], ['of other bytes', () => randomBytes(4096)], ['empty', () => Buffer.alloc(0)]])('that is %s is none', async (_what, made) => {
    const file = join(folder, 'broken.tar');
    writeFileSync(file, made(readFileSync(whole)));
    await expect(openBundle(file).then((bundle) => bundle.close())).rejects.toThrow(BundleUnreadable);
  });
});
