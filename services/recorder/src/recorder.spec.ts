import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, open as openFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkLog, DiskFiles, openCheckpoint, parseProof, verifyInclusion } from '@interlock/adapter-tile-log';
import { closed, decided, outcome, started } from '../spec/events.js';
import { KeptLog } from '../spec/kept-log.js';
import { ScriptedLedger, type ScriptedProducer } from '../spec/scripted-ledger.js';
import { incidentText, Recorder } from './recorder.js';
import { SealedLog } from './sealing/sealed-log.js';
import { decisionReader } from './settlement/read-decision.js';
import { OpenCommands } from './settlement/open-commands.js';
import { Settlement } from './settlement/settlement.js';

const { privateKey } = generateKeyPairSync('ed25519');
const signer = {
  name: 'example.com/ledger',
  publicKey: createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32),
  sign: (text: string) => sign(null, Buffer.from(text), privateKey),
};

let folder: string;
let ledger: ScriptedLedger;
let producers: ScriptedProducer[];
let clock: { ms: number; nowMs(): number };
const running: { recorder: Recorder; sealed: SealedLog }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recorder-'));
  ledger = new ScriptedLedger();
  producers = [];
  clock = { ms: 0, nowMs() { return this.ms; } };
});
afterEach(async () => {
  for (const one of running.splice(0)) await stop(one);
  await rm(folder, { recursive: true });
});

function producer(service: string): ScriptedProducer {
  const made = ledger.producer(service);
  producers.push(made);
  return made;
}

async function start() {
  const sealed = await SealedLog.open(folder, signer);
  const own = producer('recorder');
  const keyOf = decisionReader({ get: (keyId) => producers.find((one) => one.keyId === keyId)?.key });
  const open = new OpenCommands(keyOf, sealed.state.open);
  const log = new KeptLog();
  const settlement = new Settlement(open, own, clock, log);
  const recorder = new Recorder({ reader: ledger, verify: ledger.verify, sealer: sealed.sealer, open, settlement, log, limits: { sealEveryMs: 5, sealLeaves: 50 } }, sealed.state);
  recorder.start();
  const made = { recorder, sealed, log };
  running.push(made);
  return made;
}

async function stop(one: { recorder: Recorder; sealed: SealedLog }): Promise<void> {
  const at = running.findIndex(({ recorder }) => recorder === one.recorder);
  if (at >= 0) running.splice(at, 1);
  await one.recorder.close();
  await one.sealed.close();
}

const sealedUpTo = (sealed: SealedLog, size: number) => vi.waitFor(() => expect(sealed.size).toBe(size), { timeout: 5_000, interval: 5 });

describe('the recorder', () => {
  it('seals every event of the ledger and proves each of them', async () => {
    const connector = producer('connector-postgres');
    const { sealed } = await start();
    const first = await connector.append([decided('c1'), decided('c2')]);
    await connector.append([outcome('c1'), outcome('c2')]);
    await sealedUpTo(sealed, 4);
    const proof = await sealed.prove(first.ids[1]!);
    if (!proof.ok) throw new Error(proof.refusal.detail);
    expect(proof.value).toMatchObject({ index: 1, size: 4, sequence: 1, position: 1 });
    const checkpoint = openCheckpoint(proof.value.checkpoint, signer);
    const entry = Buffer.from(proof.value.entry, 'base64');
    expect(checkpoint.ok && verifyInclusion(entry, 1, 4, proof.value.path.map((hash) => Buffer.from(hash, 'base64')), checkpoint.value.root)).toBe(true);
    expect(parseProof(proof.value.proof)).toMatchObject({ ok: true, value: { index: 1 } });
    expect(await sealed.prove('nobody')).toMatchObject({ refusal: { reason: 'not_found' } });
    expect(await checkLog(new DiskFiles(join(folder, 'log')), signer)).toEqual({ size: 4 });
  });

  it('goes on where it stopped, without sealing twice', async () => {
    const connector = producer('connector-postgres');
    const first = await start();
    await connector.append([decided('c1')]);
    await sealedUpTo(first.sealed, 1);
    await stop(first);
    const missed = await connector.append([outcome('c1'), decided('c2')]);
    const second = await start();
    await sealedUpTo(second.sealed, 3);
    expect(await second.sealed.prove(missed.ids[0]!)).toMatchObject({ ok: true, value: { index: 1, sequence: 2, position: 0 } });
    expect(second.recorder.problem).toBeUndefined();
  });

  it('follows hundreds of batches, more than wait for one checkpoint, and finds them all again', async () => {
    const connector = producer('connector-postgres');
    const { sealed } = await start();
    const ids: string[] = [];
    for (let at = 0; at < 300; at += 1) ids.push(...(await connector.append([decided(`c${at}`), outcome(`c${at}`)])).ids);
    await sealedUpTo(sealed, 600);
    for (const at of [0, 1, 255, 256, 511, 512, 599]) {
      expect(await sealed.prove(ids[at]!)).toMatchObject({ ok: true, value: { index: at, sequence: Math.floor(at / 2) + 1, position: at % 2 } });
    }
  });

  it.each<[string, string, (connector: ScriptedProducer) => Promise<unknown>]>([
    ['a batch with a changed byte', 'batch_malformed', async (connector) => {
      await connector.append([outcome('c1')]);
      const bytes = Buffer.from(ledger.batches[1]!.bytes);
      bytes[bytes.length - 5] = bytes[bytes.length - 5]! ^ 1;
      ledger.batches[1] = { ...ledger.batches[1]!, bytes };
    }],
    ['a batch on another\'s subject', 'subject_foreign', async (connector) => {
      await connector.append([outcome('c1')]);
      ledger.batches[1] = { ...ledger.batches[1]!, subject: 'ledger.vault.1' };
    }],
    ['a lost batch of a producer', 'chain_broken', async (connector) => {
      await connector.append([outcome('c1')]);
      await connector.append([decided('c2')]);
      ledger.batches.splice(1, 1);
      ledger.batches[1] = { ...ledger.batches[1]!, sequence: 2 };
    }],
    ['a gap in the stream', 'sequence_gap', async (connector) => {
      await connector.append([outcome('c1')]);
      ledger.batches[1] = { ...ledger.batches[1]!, sequence: 3 };
    }],
  ])('stops sealing at %s and says so', async (_what, reason, spoil) => {
    const connector = producer('connector-postgres');
    await connector.append([decided('c1')]);
    await spoil(connector);
    const { recorder, sealed, log } = await start();
    await vi.waitFor(() => expect(recorder.incident).toMatchObject({ reason }));
    await sealedUpTo(sealed, 1);
    expect(incidentText(recorder.incident!)).toContain(`sealing stopped at sequence ${recorder.incident!.sequence}: ${reason}`);
    expect(log.lines).toContainEqual({ level: 'error', message: 'sealing stopped', fields: expect.objectContaining({ reason, sequence: recorder.incident!.sequence }) });
    await connector.append([decided('c9')]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(sealed.size).toBe(1);
  });

  it('stops when sequence numbers were given out anew, and when the bus was set back', async () => {
    const connector = producer('connector-postgres');
    await connector.append([decided('c1')]);
    await connector.append([outcome('c1')]);
    const first = await start();
    await sealedUpTo(first.sealed, 2);
    await stop(first);
    const kept = ledger.batches.pop()!;
    const shorter = await start();
    await vi.waitFor(() => expect(shorter.recorder.incident).toMatchObject({ reason: 'ledger_reissued' }));
    await stop(shorter);
    await producer('policy').append([started('policy')]);
    const reissued = await start();
    await vi.waitFor(() => expect(reissued.recorder.incident).toMatchObject({ reason: 'ledger_reissued', sequence: 2 }));
    await stop(reissued);
    ledger.batches[1] = kept;
    const sound = await start();
    await connector.append([decided('c2')]);
    await sealedUpTo(sound.sealed, 3);
  });

  it('does not start on a log whose files do not lead to its checkpoint', async () => {
    const connector = producer('connector-postgres');
    const first = await start();
    await connector.append([decided('c1')]);
    await sealedUpTo(first.sealed, 1);
    await stop(first);
    const file = await openFile(join(folder, 'log/tile/0/000.p/1'), 'r+');
    await file.write(Buffer.from('x'), 0, 1, 3);
    await file.close();
    await expect(SealedLog.open(folder, signer)).rejects.toThrow('entry 0 is not the one');
  });
});

describe('commands whose producer ended before it told their outcome', () => {
  const unknowns = () => ledger.batches.filter(({ subject }) => subject === 'ledger.recorder.1').length;

  it('are given an unknown outcome after the producer started anew, each once, over restarts of the recorder', async () => {
    const connector = producer('connector-postgres');
    const first = await start();
    await connector.append([decided('answered'), decided('denied', 'deny'), decided('open')]);
    await connector.append([outcome('answered')]);
    await sealedUpTo(first.sealed, 4);
    clock.ms += 60_000;
    await stop(first);
    expect(unknowns()).toBe(0);
    await producer('connector-postgres').append([started('connector-postgres')]);
    const second = await start();
    await sealedUpTo(second.sealed, 5);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    clock.ms += 4_000;
    await vi.waitFor(() => expect(unknowns()).toBe(1), { timeout: 5_000 });
    await sealedUpTo(second.sealed, 6);
    await stop(second);
    clock.ms += 60_000;
    const third = await start();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    clock.ms += 60_000;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(unknowns()).toBe(1);
    expect(third.sealed.size).toBe(6);
  });

  it('are settled when their session was closed, and not while the session lives', async () => {
    const connector = producer('connector-postgres');
    const { sealed } = await start();
    await connector.append([decided('alive', 'allow', 's2'), decided('dead')]);
    await connector.append([closed('s1')]);
    await sealedUpTo(sealed, 3);
    await vi.waitFor(() => { clock.ms += 1_000; expect(unknowns()).toBe(1); }, { timeout: 8_000, interval: 300 });
    await sealedUpTo(sealed, 4);
    const entry = await sealed.prove(producers.find(({ service }) => service === 'recorder')!.run + '-1-0');
    expect(entry.ok && Buffer.from(entry.value.entry, 'base64').toString('latin1')).toContain('"command":"dead"');
  });
});
