import { merkleRoot } from '@interlock/kernel';
import { hashesAtLevel, TILE_WIDTH, tilePath, widthOf } from './layout.js';

/** Where the files of a log are read: a folder, an address, an exported bundle. Undefined for a file that is not there. */
export interface TileSource {
  read(path: string): Promise<Buffer | undefined>;
}

/** The files of a log do not fit together, or one is missing. */
export class LogDamaged extends Error {
  override readonly name = 'LogDamaged';
}

/** Bytes of a SHA-256 hash. */
export const HASH_BYTES = 32;
const LEVELS_PER_TILE = 8;

/**
 * Reads a tile as a tree of `size` leaves needs it: the file of just that width, or the full one cut.
 *
 * @throws LogDamaged when neither is there or its length is wrong.
 */
export async function readTile(source: TileSource, level: number, index: number, size: number): Promise<Buffer[]> {
  const width = widthOf(index, hashesAtLevel(level, size));
  const ref = { level, index, width };
  const bytes = (await source.read(tilePath(ref))) ?? (await source.read(tilePath({ ...ref, width: TILE_WIDTH })));
  if (!bytes) throw new LogDamaged(`${tilePath(ref)} is missing`);
  if (bytes.length !== width * HASH_BYTES && bytes.length !== TILE_WIDTH * HASH_BYTES) {
    throw new LogDamaged(`${tilePath(ref)} holds ${bytes.length} bytes where ${width * HASH_BYTES} belong`);
  }
  return Array.from({ length: width }, (_, at) => bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}

/**
 * A tree over the tiles of a log, at one size. Tiles are read once and kept for the life of this object.
 *
 * @param held leaves that the log has files for, when it has grown beyond `size`.
 */
export class TileTree {
  private readonly tiles = new Map<string, Promise<Buffer[]>>();

  constructor(private readonly source: TileSource, readonly size: number, private readonly held: number = size) {}

  /** The tree's root. */
  root(): Promise<Buffer> {
    return this.rangeHash(0, this.size);
  }

  /** The path that proves leaf `index` (RFC 6962, section 2.1.1). */
  async inclusion(index: number): Promise<Buffer[]> {
    if (index < 0 || index >= this.size) throw new RangeError(`leaf ${index} is not in a tree of ${this.size}`);
    const path: Buffer[] = [];
    for (let [start, end] = [0, this.size]; end - start > 1; ) {
      const split = start + splitOf(end - start);
      path.push(index < split ? await this.rangeHash(split, end) : await this.rangeHash(start, split));
      [start, end] = index < split ? [start, split] : [split, end];
    }
    return path.reverse();
  }

  /** The path that proves that this tree extends its own first `from` leaves (RFC 6962, section 2.1.2). */
  async consistency(from: number): Promise<Buffer[]> {
    if (from < 0 || from > this.size) throw new RangeError(`a tree of ${this.size} does not extend one of ${from}`);
    if (from === 0 || from === this.size) return [];
    const path: Buffer[] = [];
    let [start, end] = [0, this.size];
    while (end !== from) {
      const split = start + splitOf(end - start);
      path.push(from <= split ? await this.rangeHash(split, end) : await this.rangeHash(start, split));
      [start, end] = from <= split ? [start, split] : [split, end];
    }
    if (start !== 0) path.push(await this.rangeHash(start, end));
    return path.reverse();
  }

  /** RFC 6962 root of leaves `start` up to `end`, a range as that definition splits it. */
  private async rangeHash(start: number, end: number): Promise<Buffer> {
    const count = end - start;
    if (count === 0) return merkleRoot([]);
    const height = Math.log2(count);
    if (Number.isInteger(height) && start % count === 0) return this.nodeAt(height, start / count);
    const split = start + splitOf(count);
    return merkleRoot([await this.rangeHash(start, split), await this.rangeHash(split, end)]);
  }

  /** Hash of the complete subtree `index` of 2^`height` leaves. */
  private async nodeAt(height: number, index: number): Promise<Buffer> {
    const level = Math.floor(height / LEVELS_PER_TILE);
    const span = 2 ** (height % LEVELS_PER_TILE);
    const first = index * span;
    const hashes = await this.tile(level, Math.floor(first / TILE_WIDTH));
    const at = first % TILE_WIDTH;
    return merkleRoot(hashes.slice(at, at + span));
  }

  private tile(level: number, index: number): Promise<Buffer[]> {
    const key = `${level}/${index}`;
    const known = this.tiles.get(key);
    if (known) return known;
    const read = readTile(this.source, level, index, this.held);
    this.tiles.set(key, read);
    return read;
  }
}

/** Root of the first `size` leaves, from the log's tiles. */
export function rootFromTiles(source: TileSource, size: number): Promise<Buffer> {
  return new TileTree(source, size).root();
}

function splitOf(count: number): number {
  return 2 ** (Math.ceil(Math.log2(count)) - 1);
}
