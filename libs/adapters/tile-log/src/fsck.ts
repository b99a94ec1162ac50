import { leafHash, merkleRoot, sha256 } from '@interlock/kernel';
import { openCheckpoint, type Checkpoint } from './checkpoint.js';
import { readBundle } from './edge.js';
import { CHECKPOINT_PATH, hashesAtLevel, TILE_WIDTH, tilePath, widthOf } from './layout.js';
import type { NoteVerifier } from './note.js';
import { LogDamaged, readTile, rootFromTiles, type TileSource } from './tree.js';

/** The first thing that is wrong with a log. */
export interface LogFinding {
  /** Index of the first leaf it concerns. */
  readonly index: number;
  /** Id of that leaf's event, where its entry can still be read. */
  readonly event?: string;
  readonly path: string;
  readonly detail: string;
}

export interface LogReport {
  /** Leaves under the checkpoint; 0 when it cannot be read. */
  readonly size: number;
  readonly finding?: LogFinding;
}

/**
 * Walks a whole log: the checkpoint's signature, every entry against its hash, every tile against the tiles below it,
 * and the root. Reports the first leaf that is wrong, by index and event.
 */
export async function checkLog(source: TileSource, key: NoteVerifier): Promise<LogReport> {
  const note = await source.read(CHECKPOINT_PATH);
  if (!note) return { size: 0, finding: { index: 0, path: CHECKPOINT_PATH, detail: 'The checkpoint is missing.' } };
  const checkpoint = openCheckpoint(note.toString('utf8'), key);
  if (!checkpoint.ok) return { size: 0, finding: { index: 0, path: CHECKPOINT_PATH, detail: checkpoint.refusal.detail } };
  const { size, root } = checkpoint.value;
  const finding = (await checkLeaves(source, checkpoint.value)) ?? (await checkUpperLevels(source, size)) ?? (await checkRoot(source, size, root));
  return finding ? { size, finding } : { size };
}

async function checkLeaves(source: TileSource, checkpoint: Checkpoint): Promise<LogFinding | undefined> {
  const { size } = checkpoint;
  for (let index = 0; index * TILE_WIDTH < size; index += 1) {
    const finding = await guarded(index * TILE_WIDTH, tilePath({ level: 0, index, width: widthOf(index, size) }), () => checkBundle(source, index, checkpoint));
    if (finding) return finding;
  }
  return undefined;
}

async function checkBundle(source: TileSource, index: number, checkpoint: Checkpoint): Promise<LogFinding | undefined> {
  const { size } = checkpoint;
  const hashes = await readTile(source, 0, index, size);
  const path = tilePath({ level: 'entries', index, width: widthOf(index, size) });
  const entries = await guardedBundle(source, index, size);
  if (!entries) return { index: index * TILE_WIDTH, path, detail: 'The entry bundle is missing or cut short.' };
  const wrong = entries.findIndex((entry, at) => !leafHash(entry).equals(hashes[at]!));
  if (wrong < 0) return undefined;
  const tileIsSound = await isTileSound(source, hashes, index, checkpoint);
  const detail = tileIsSound ? 'The entry was changed: it does not have the hash that its tile holds.' : 'The tile was changed: its hash is not that of the entry.';
  return named(index * TILE_WIDTH + wrong, tileIsSound ? path : tilePath({ level: 0, index, width: hashes.length }), detail, entries[wrong]);
}

/** Whether what stands above a tile of leaf hashes agrees with it: the tile above, or for a partial tile the root. */
async function isTileSound(source: TileSource, hashes: Buffer[], index: number, checkpoint: Checkpoint): Promise<boolean> {
  if (hashes.length < TILE_WIDTH) return (await rootFromTiles(source, checkpoint.size)).equals(checkpoint.root);
  const above = await readTile(source, 1, Math.floor(index / TILE_WIDTH), checkpoint.size);
  return above[index % TILE_WIDTH]!.equals(merkleRoot(hashes));
}

async function checkUpperLevels(source: TileSource, size: number): Promise<LogFinding | undefined> {
  for (let level = 1; hashesAtLevel(level, size) > 0; level += 1) {
    for (let at = 0; at < hashesAtLevel(level, size); at += 1) {
      const path = tilePath({ level, index: Math.floor(at / TILE_WIDTH), width: widthOf(Math.floor(at / TILE_WIDTH), hashesAtLevel(level, size)) });
      const first = at * TILE_WIDTH ** level;
      const finding = await guarded(first, path, () => checkNode(source, { level, at, size, path }));
      if (finding) return finding;
    }
  }
  return undefined;
}

async function checkNode(source: TileSource, node: { level: number; at: number; size: number; path: string }): Promise<LogFinding | undefined> {
  const above = await readTile(source, node.level, Math.floor(node.at / TILE_WIDTH), node.size);
  const below = await readTile(source, node.level - 1, node.at, node.size);
  if (above[node.at % TILE_WIDTH]!.equals(merkleRoot(below))) return undefined;
  const first = node.at * TILE_WIDTH ** node.level;
  return { index: first, path: node.path, detail: `The tile was changed: its hash over leaves ${first} to ${first + TILE_WIDTH ** node.level - 1} is not that of the tile below.` };
}

async function checkRoot(source: TileSource, size: number, root: Buffer): Promise<LogFinding | undefined> {
  const computed = size === 0 ? sha256('') : await rootFromTiles(source, size);
  return computed.equals(root) ? undefined : { index: 0, path: CHECKPOINT_PATH, detail: `The ${size} leaves do not lead to the root of the checkpoint: history was rewritten.` };
}

async function guarded(index: number, path: string, check: () => Promise<LogFinding | undefined>): Promise<LogFinding | undefined> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof LogDamaged) return { index, path, detail: `The log is damaged: ${error.message}.` };
    throw error;
  }
}

async function guardedBundle(source: TileSource, index: number, size: number): Promise<Buffer[] | undefined> {
  try {
    return await readBundle(source, index, size);
  } catch (error) {
    if (error instanceof LogDamaged) return undefined;
    throw error;
  }
}

function named(index: number, path: string, detail: string, entry: Buffer | undefined): LogFinding {
  const event = entry && eventIdOf(entry);
  return event ? { index, event, path, detail } : { index, path, detail };
}

/** The event's id inside a leaf entry (u32 length | metadata | ...); undefined when the metadata cannot be read. */
export function eventIdOf(entry: Buffer): string | undefined {
  try {
    const metadata = JSON.parse(entry.subarray(4, 4 + entry.readUInt32BE(0)).toString('utf8')) as { id?: unknown };
    return typeof metadata.id === 'string' ? metadata.id : undefined;
  } catch {
    return undefined;
  }
}
