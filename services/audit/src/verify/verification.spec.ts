import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { accepted, decodeBatch, refused, sha256Hex } from '@interlock/kernel';
import type { RpcClient, Trust } from '@interlock/contracts';
import { MemoryLedger } from '@interlock/adapter-memory-log';
import { createEventSeal, KeysUnavailable } from '@interlock/adapter-sealing';
import { TileLog, type LogFiles } from '@interlock/adapter-tile-log';
import type { SeenCheckpointRow } from '../views/generations.js';
import { RecordingCheck } from './recording-check.js';
import { Verification } from './verification.js';

const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
const signer = { name: 'example.com/ledger', publicKey, sign: (text: string) => sign(null, Buffer.from(text), privateKey) };
const trust = { services: { recorder: { signingKey: publicKey.toString('base64') } } } as unknown as Trust;

class MemoryFiles implements LogFiles {
  readonly held = new Map<string, Buffer>();
  read(path: string) { return Promise.resolve(this.held.get(path)); }
  write(path: string, bytes: Buffer) { return Promise.resolve(void this.held.set(path, bytes)); }
  remove(path: string) { return Promise.resolve(void this.held.delete(path)); }
  sync() { return Promise.resolve(); }
}

const key = randomBytes(32);
const recorded = Buffer.from('what the agent saw');

let ledger: MemoryLedger;
let log: TileLog;
let messages: Map<number, Uint8Array>;
let keys: Map<string, Buffer>;
let seen: Map<string, SeenCheckpointRow>;
/** A recorder that answers what the walk asks for, and not what its history is proved with. */
let hidesTiles: 'never' | 'after the walk' | 'now';
/** Questions that the recorder will leave unanswered: files of the log, and keys. */
let unanswered: { tiles: number; keys: number };
let seal: ReturnType<typeof createEventSeal>;

beforeEach(async () => {
  ledger = new MemoryLedger();
  log = await TileLog.open(new MemoryFiles(), signer);
  messages = new Map([[1, recorded]]);
  keys = new Map([['k', key]]);
  seen = new Map();
  hidesTiles = 'never';
  unanswered = { tiles: 0, keys: 0 };
  seal = createEventSeal('k', key);
});

/** Appends chunk events and seals them, as a recorder would. */
async function append(count: number, about: { readonly hash?: string; readonly sequence?: number } = { sequence: 1 }): Promise<readonly string[]> {
  const data = { index: 0, firstByte: 0, bytes: recorded.length, hash: sha256Hex(recorded), ...about };
  const { sequence, ids } = await ledger.append(Array.from({ length: count }, () => ({ type: 'recording.chunk.v1', session: 's', exchange: 'x', data, seal })));
  const batch = decodeBatch((await ledger.read(sequence))!.bytes);
  if (!batch.ok) throw new Error(batch.refusal.detail);
  await log.append(batch.value.records.map(({ entry }) => entry), () => Promise.resolve());
  return ids;
}

async function tile(path: string) {
  if (unanswered.tiles-- > 0) return refused('unavailable', 'recorder.tile did not answer.', { retryable: true });
  const bytes = hidesTiles === 'now' ? undefined : await log.read(path);
  return bytes ? accepted({ bytes: bytes.toString('base64') }) : refused('not_found', 'no such file');
}

async function verify() {
  const rpc = { call: (name: string, { path }: { path: string }) => (name === 'recorder.tile' ? tile(path) : Promise.resolve(accepted({ checkpoint: log.checkpoint }))) } as unknown as RpcClient;
  const generations = {
    seenCheckpoint: (origin: string) => {
      if (hidesTiles === 'after the walk') hidesTiles = 'now';
      return Promise.resolve(seen.get(origin) ?? null);
    },
    rememberCheckpoint: (row: SeenCheckpointRow) => Promise.resolve(void seen.set(row.origin, row)),
  };
  const recordings = new RecordingCheck({ read: (sequence) => Promise.resolve(messages.get(sequence)) }, {
    of: () => (unanswered.keys-- > 0 ? Promise.reject(new KeysUnavailable('the recorder did not reveal event keys')) : Promise.resolve(keys)),
  });
  const outcome = await new Verification({ ledger, rpc, trust, verify: () => true, generations, recordings }).run(new AbortController().signal);
  if (!outcome.ok) throw new Error(outcome.refusal.detail);
  return outcome.value;
}

describe('a verification', () => {
  it('finds nothing wrong with what is whole, and remembers its checkpoint', async () => {
    await append(3);
    expect(await verify()).toMatchObject({ ok: true, events: 3, batches: 1, uncomparedChunks: 0 });
    expect(seen.get('example.com/ledger')).toMatchObject({ size: 3 });
    await append(300);
    expect(await verify()).toMatchObject({ ok: true, events: 303 });
  });

  it('names a chunk that is missing, and one that was changed', async () => {
    const [first] = await append(1);
    messages.set(1, Buffer.from('what the agent SAW'));
    expect(await verify()).toMatchObject({ ok: false, finding: { sequence: 1, event: first, detail: expect.stringContaining('not the one that was recorded') as string } });
    messages.clear();
    expect(await verify()).toMatchObject({ ok: false, finding: { detail: expect.stringContaining('missing') as string } });
  });

  it('counts the chunks whose key is withheld, names the first, and remembers nothing', async () => {
    await append(2);
    const [other] = await append(3);
    keys.clear();
    const report = await verify();
    expect(report).toMatchObject({ ok: false, events: 5, batches: 2, uncomparedChunks: 5, finding: { sequence: 1, detail: expect.stringContaining('no erasure of it is recorded') as string } });
    expect(seen.size).toBe(0);
    expect(other).not.toBe(report.finding?.event);
  });

  it('counts a chunk that is nowhere, and what is wrong comes before what cannot be compared', async () => {
    const [nowhere] = await append(1, {});
    expect(await verify()).toMatchObject({ ok: false, uncomparedChunks: 1, finding: { event: nowhere } });
    const [changed] = await append(1, { hash: 'f'.repeat(64), sequence: 1 });
    expect(await verify()).toMatchObject({ ok: false, uncomparedChunks: 1, finding: { sequence: 2, event: changed } });
  });

  it('comes to its end although the recorder leaves questions unanswered on the way', async () => {
    await append(300);
    unanswered = { tiles: 2, keys: 2 };
    expect(await verify()).toMatchObject({ ok: true, events: 300, uncomparedChunks: 0 });
    expect(Math.max(unanswered.tiles, unanswered.keys)).toBeLessThan(0);
  });

  it('does not remember a log that gives no proof of having grown from the one before', async () => {
    await append(300);
    await verify();
    await append(1);
    hidesTiles = 'after the walk';
    expect(await verify()).toMatchObject({ ok: false, finding: { detail: expect.stringContaining('no proof that it extends the 300 leaves') as string } });
    expect(seen.get('example.com/ledger')).toMatchObject({ size: 300 });
  });
});
