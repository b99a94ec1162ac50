import { createReadStream } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { create, extract, type ReadEntry } from 'tar';
import { z } from 'zod';
import type { StoredBatch } from '@interlock/kernel';
import { Trust } from '@interlock/contracts';
import { CHECKPOINT_PATH, parseTilePath, type TileSource } from '@interlock/adapter-tile-log';
import { LedgerDamaged, type BatchSource } from './evidence.js';

/**
 * A bundle is a tar archive of plain files, so that it can be looked into without us: `evidence.json` (what it is), `trust.json` (public keys of the services), `checkpoint` and
 * `tile/…` (the log, laid out as C2SP tlog-tiles has it) and `ledger/<n>.jsonl` (the batches as they were stored, one a line, `bytes` in base64).
 */
export interface BundleContents {
  /** The signed checkpoint. */
  readonly checkpoint: string;
  readonly trust: Trust;
  /** The last batch that it holds. */
  readonly lastSequence: number;
  /** When it was made, ISO 8601. */
  readonly exportedAt: string;
}

const FORMAT = 'interlock-evidence/v1';
const About = z.object({ format: z.literal(FORMAT), lastSequence: z.number().int().min(0), exportedAt: z.string() });
const Line = z.object({ epoch: z.string(), sequence: z.number().int().positive(), subject: z.string(), bytes: z.base64() });

/** It is not a bundle, or not a whole one. */
export class BundleUnreadable extends Error {
  override readonly name = 'BundleUnreadable';
}

const LEDGER_FILE = /^ledger\/\d{9}\.jsonl$/;
const BATCHES_PER_FILE = 1_000;
/** A thousand of the largest batches, in base64. */
const FILE_BYTES_MAX = 1_500 * 1024 * 1024;

/** Writes a bundle as one file. What it is made of is gathered in a folder of its own, which is gone afterwards. */
export async function writeBundle(file: string, { checkpoint, trust, lastSequence, exportedAt }: BundleContents, tiles: AsyncIterable<readonly [path: string, bytes: Buffer]>, batches: AsyncIterable<StoredBatch>): Promise<void> {
  await inFolder(async (folder) => {
    await writeFile(join(folder, 'evidence.json'), `${JSON.stringify({ format: FORMAT, lastSequence, exportedAt }, null, 2)}\n`);
    await writeFile(join(folder, 'trust.json'), `${JSON.stringify(trust, null, 2)}\n`);
    await writeFile(join(folder, CHECKPOINT_PATH), checkpoint);
    for await (const [path, bytes] of tiles) await writeBelow(folder, path, bytes);
    await mkdir(join(folder, 'ledger'));
    for await (const { epoch, sequence, subject, bytes } of batches) await appendFile(join(folder, ledgerFile(sequence)), `${JSON.stringify({ epoch, sequence, subject, bytes: Buffer.from(bytes).toString('base64') })}\n`);
    await create({ file, cwd: folder, portable: true }, (await readdir(folder)).sort());
  });
}

/** A bundle that was opened; `close` removes what it was unpacked into. */
export interface OpenedBundle extends BundleContents {
  readonly tiles: TileSource;
  readonly ledger: BatchSource;
  close(): Promise<void>;
}

/** Unpacks a bundle: only files of the names that one has, and no links. @throws BundleUnreadable */
export async function openBundle(file: string): Promise<OpenedBundle> {
  const folder = await mkdtemp(join(tmpdir(), 'interlock-evidence-'));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await unpack(file, folder);
    const about = await parsed(folder, 'evidence.json', About);
    const trust = await parsed(folder, 'trust.json', Trust);
    const checkpoint = (await readOrNothing(folder, CHECKPOINT_PATH))?.toString('utf8');
    if (checkpoint === undefined) throw new BundleUnreadable('it holds no checkpoint');
    return { ...about, trust, checkpoint, tiles: { read: (path) => readOrNothing(folder, path) }, ledger: new BundledLedger(folder, about.lastSequence), close };
  } catch (fault) {
    await close();
    throw fault;
  }
}

/** What is unpacked is never more than the file itself: an archive that grows is compressed, and no bundle is. */
async function unpack(file: string, folder: string): Promise<void> {
  let foreign: string | undefined;
  let left = (await stat(file)).size;
  try {
    await extract({ file, cwd: folder, strict: true, preservePaths: false, filter: (path, entry) => {
      const belongs = isOfBundle(path, entry as ReadEntry);
      if (!belongs) foreign ??= path;
      left -= (entry as ReadEntry).size;
      return belongs && left >= 0;
    } });
  } catch (fault) {
    throw new BundleUnreadable(`it is no archive that can be unpacked: ${(fault as Error).message}`);
  }
  if (left < 0) throw new BundleUnreadable('unpacked it is larger than itself');
  if (foreign !== undefined) throw new BundleUnreadable(`it holds ${JSON.stringify(foreign)}, which is no part of one`);
}

function isOfBundle(path: string, { type, size }: Pick<ReadEntry, 'type' | 'size'>): boolean {
  if (type === 'Directory') return /^(tile|ledger)(\/|$)/.test(path) && !path.includes('..');
  const isNamed = ['evidence.json', 'trust.json', CHECKPOINT_PATH].includes(path) || parseTilePath(path) !== undefined || LEDGER_FILE.test(path);
  return isNamed && (type === 'File' || type === 'OldFile') && size <= FILE_BYTES_MAX;
}

/** Batches as a bundle holds them. */
class BundledLedger implements BatchSource {
  constructor(private readonly folder: string, private readonly last: number) {}

  lastSequence(): Promise<number> {
    return Promise.resolve(this.last);
  }

  async follow(from: number, onBatch: (batch: StoredBatch) => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let expected = from; expected <= this.last && !signal.aborted;) {
      const name = ledgerFile(expected);
      let isEmpty = true;
      for await (const line of linesOf(join(this.folder, name), name)) {
        const batch = batchOf(line, name);
        if (batch.sequence < from) continue;
        if (batch.sequence !== expected) throw new LedgerDamaged(`${name}: sequence ${batch.sequence} stands where ${expected} belongs`);
        await onBatch(batch);
        isEmpty = false;
        expected += 1;
        if (signal.aborted || expected > this.last) return;
      }
      if (isEmpty || ledgerFile(expected) === name) throw new LedgerDamaged(`${name} ends before sequence ${expected}`);
    }
  }
}

async function* linesOf(path: string, name: string): AsyncIterable<string> {
  try {
    yield* createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  } catch (fault) {
    throw new LedgerDamaged(`${name} cannot be read (${(fault as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}

function batchOf(line: string, name: string): StoredBatch {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  const read = Line.safeParse(value);
  if (!read.success) throw new LedgerDamaged(`${name} holds a line that is no batch`);
  const { epoch, sequence, subject, bytes } = read.data;
  return { epoch, sequence, subject, bytes: Buffer.from(bytes, 'base64') };
}

function ledgerFile(sequence: number): string {
  return `ledger/${String(Math.floor((sequence - 1) / BATCHES_PER_FILE)).padStart(9, '0')}.jsonl`;
}

async function parsed<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T> {
  const bytes = await readOrNothing(folder, name);
  let value: unknown;
  try {
    value = bytes && JSON.parse(bytes.toString('utf8'));
  } catch {
    value = undefined;
  }
  const read = schema.safeParse(value);
  if (!read.success) throw new BundleUnreadable(bytes ? `its ${name} is not what one is` : `it holds no ${name}`);
  return read.data;
}

async function readOrNothing(folder: string, path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(join(folder, path));
  } catch (fault) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((fault as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw fault;
  }
}

async function writeBelow(folder: string, path: string, bytes: Buffer): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'interlock-evidence-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
