import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leafEntry, leafHash } from '@interlock/kernel';
import { DiskFiles, readBundle, TileLog, type NoteSigner } from '@interlock/adapter-tile-log';
import { eventually, EvidenceWorld, rowsOf, type ScriptedConnector } from './evidence-world.js';

let world: EvidenceWorld;
let connector: ScriptedConnector;
/** What was set aside when everything was sound. */
let kept: string;
let size: number;
/** Events by leaf, as they were sealed. */
let sealed: Buffer[];

/** Some history, everything stopped, and the stores of bus and recorder set aside. */
beforeAll(async () => {
  world = await EvidenceWorld.start();
  connector = await world.connector();
  const session = await connector.session();
  for (let at = 0; at < 90; at += 1) await session.run(`select ${at}`, rowsOf('n', `row ${at}`));
  await session.close();
  await world.settled();
  expect((await world.mustAsk('audit.verify', {})).ok).toBe(true);
  await stopAll();
  const files = new DiskFiles(world.logFolder);
  size = Number((await files.read('checkpoint'))!.toString('utf8').split('\n')[1]);
  sealed = await readBundle(files, 0, size);
  kept = join(world.stateDir, 'kept');
  cpSync(world.busStore, join(kept, 'bus'), { recursive: true });
  cpSync(join(world.stateDir, 'recorder'), join(kept, 'recorder'), { recursive: true });
}, 120_000);
afterAll(async () => {
  await world.bus.start().catch(() => undefined);
  await world.close().catch(() => undefined);
}, 60_000);

async function stopAll(): Promise<void> {
  await world.audit.close();
  await world.recorder.close();
  await world.bus.kill();
}

async function startAll(): Promise<void> {
  await world.bus.start();
  await world.startRecorder();
  await world.startAudit();
}

/** Changes a store while everything is down, starts again, looks, and puts everything back. */
async function after(change: () => void | Promise<void>, look: () => Promise<void>): Promise<void> {
  await change();
  await startAll();
  try {
    await look();
  } finally {
    await stopAll();
    for (const [name, place] of [['bus', world.busStore], ['recorder', join(world.stateDir, 'recorder')]] as const) {
      rmSync(place, { recursive: true });
      cpSync(join(kept, name), place, { recursive: true });
    }
    await world.database.query(`do $$ declare s text; begin for s in select nspname from pg_namespace where nspname like 'view\\_%' or nspname = 'interlock_audit' loop execute format('drop schema %I cascade', s); end loop; end $$`);
  }
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(path, bytes);
}

function blocksOf(stream: string): string[] {
  return (readdirSync(world.busStore, { recursive: true }) as string[]).filter((name) => name.includes(`/${stream}/`) && name.endsWith('.blk')).map((name) => join(world.busStore, name));
}

/** The file of a stream that holds these bytes, and where. */
function findIn(stream: string, needle: string | Buffer): { file: string; at: number } {
  for (const file of blocksOf(stream)) {
    const at = readFileSync(file).indexOf(needle);
    if (at >= 0) return { file, at };
  }
  throw new Error(`no file of ${stream} holds it`);
}

const nameOf = (entry: Buffer): string => (JSON.parse(entry.subarray(4, 4 + entry.readUInt32BE(0)).toString('utf8')) as { id: string }).id;
const finding = async () => (await world.mustAsk('audit.verify', {})).finding;

describe('a verification names the event behind', () => {
  it('nothing, when nothing was changed', async () => {
    await after(() => undefined, async () => {
      await world.settled();
      expect(await finding()).toBeUndefined();
    });
  }, 90_000);

  it('one changed bit of a sealed entry, and the recorder seals nothing over it', async () => {
    await after(() => flip(join(world.logFolder, 'tile/entries/000'), 2 + 4 + 40), async () => {
      expect(await finding()).toMatchObject({ event: nameOf(sealed[0]!), detail: expect.stringContaining('tile/entries/000: The entry was changed') });
    });
    const partial = `tile/entries/001.p/${size - 256}`;
    await after(() => flip(join(world.logFolder, partial), 2 + 4 + 40), async () => {
      expect(await finding()).toMatchObject({ detail: expect.stringContaining(`${partial}: The entry was changed`) });
      expect(await world.rpc('recorder.status', {})).toMatchObject({ size, halted: { reason: 'log_damaged' } });
      expect((await world.rpc('recorder.health', {})).checks).toContainEqual({ name: 'evidence', ok: false, detail: expect.stringContaining('entry 256') });
    });
  }, 90_000);

  it('one changed bit of a tile', async () => {
    await after(() => flip(join(world.logFolder, 'tile/0/000'), 32 * 17 + 3), async () => {
      expect(await finding()).toMatchObject({ event: nameOf(sealed[17]!), detail: expect.stringContaining('tile/0/000: The tile was changed') });
    });
  }, 90_000);

  it('one changed bit of the checkpoint', async () => {
    await after(() => flip(join(world.logFolder, 'checkpoint'), 30), async () => expect((await world.mustAsk('audit.verify', {})).ok).toBe(false));
  }, 90_000);

  it.each(['its metadata', 'its payload'])('one changed bit of an event in the store of the bus: %s', async (where) => {
    const id = nameOf(sealed[40]!);
    await after(() => {
      const { file, at } = findIn('LEDGER', id);
      flip(file, where === 'its metadata' ? at + 2 : at + 450);
    }, async () => {
      const found = await finding();
      const leaf = sealed.findIndex((entry) => nameOf(entry) === found!.event);
      expect([39, 40], JSON.stringify(found)).toContain(leaf);
      expect(found!.sequence).toBeGreaterThan(1);
    });
  }, 120_000);

  it('one changed bit of a recording', async () => {
    await after(() => {
      const [file] = blocksOf('RECORDING');
      flip(file!, Math.floor(readFileSync(file!).length / 2));
    }, async () => expect(await finding()).toMatchObject({ event: expect.any(String), detail: expect.stringMatching(/^Chunk \d+ of the recording, at sequence \d+ of stream RECORDING, is (missing|not the one)/) }));
  }, 90_000);

  it('a history rewritten with the right key', async () => {
    await after(async () => {
      const keys = await world.bus.keys('recorder');
      const { name } = { name: readFileSync(join(world.logFolder, 'checkpoint'), 'utf8').split('\n')[0]! };
      const signer: NoteSigner = { name, publicKey: Buffer.from(keys.publicSigningKey, 'base64'), sign: (text) => keys.sign(text) };
      const all = [...sealed, ...(await readBundle(new DiskFiles(world.logFolder), 1, size))];
      const forged = all.map((entry, at) => (at === 23 ? leafEntry(entry.subarray(4, 4 + entry.readUInt32BE(0)), Buffer.alloc(16), Buffer.from('another')) : entry));
      expect(leafHash(forged[23]!)).not.toEqual(leafHash(all[23]!));
      rmSync(world.logFolder, { recursive: true });
      await (await TileLog.open(new DiskFiles(world.logFolder), signer)).append(forged);
    }, async () => expect(await finding()).toMatchObject({ event: nameOf(sealed[23]!), detail: 'The event is not as it was sealed as leaf 23.' }));
  }, 90_000);
});

describe('a bus that lost its end and gives out its sequence numbers anew', () => {
  it('stops recorder and views, which say so, and verification names the place', async () => {
    await after(async () => {
      await startAll();
      await world.settled();
      await stopAll();
      const { file, at } = findIn('LEDGER', nameOf(sealed[60]!));
      flip(file, at + 2);
      for (const name of readdirSync(world.busStore, { recursive: true }) as string[]) if (name.includes('/LEDGER/') && name.endsWith('index.db')) rmSync(join(world.busStore, name));
    }, async () => {
      await eventually('the recorder has stopped', async () => (await world.rpc('recorder.status', {})).halted !== undefined);
      await eventually('views have stopped', async () => (await world.rpc('audit.status', {})).views.some(({ stopped }) => stopped !== undefined), 20_000);
      expect((await world.rpc('recorder.status', {})).size).toBeGreaterThanOrEqual(size);
      const found = await finding();
      expect([59, 60], JSON.stringify(found)).toContain(sealed.findIndex((entry) => nameOf(entry) === found!.event));
      for (const { stopped } of (await world.rpc('audit.status', {})).views) expect(stopped, JSON.stringify(stopped)).toMatchObject({ reason: expect.stringMatching(/ledger_reissued|stream_damaged/) });
    });
  }, 120_000);
});
