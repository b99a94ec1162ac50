import { leafHash, merkleRoot } from '@interlock/kernel';
import { encodeBundle, decodeBundle } from './bundle.js';
import { hashesAtLevel, TILE_WIDTH, tilePath, widthOf } from './layout.js';
import { LogDamaged, readTile, type TileSource } from './tree.js';

/** One file that an append brings about. */
export interface TileFile {
  readonly path: string;
  readonly bytes: Buffer;
}

/**
 * The right edge of a log: what is not yet a full tile at each level, and the entries not yet a full bundle. It is all
 * that appending needs to know, at most 256 hashes a level.
 */
export class Edge {
  private constructor(
    readonly size: number,
    private readonly levels: readonly (readonly Buffer[])[],
    private readonly entries: readonly Uint8Array[],
  ) {}

  static readonly empty = new Edge(0, [], []);

  /** Reads the edge of the first `size` leaves back from the log's files. */
  static async read(source: TileSource, size: number): Promise<Edge> {
    const levels: Buffer[][] = [];
    for (let level = 0; hashesAtLevel(level, size) > 0; level += 1) {
      const count = hashesAtLevel(level, size);
      levels.push(count % TILE_WIDTH === 0 ? [] : await readTile(source, level, Math.floor(count / TILE_WIDTH), size));
    }
    const entries = await readBundle(source, Math.floor(size / TILE_WIDTH), size);
    entries.forEach((entry, at) => {
      if (!levels[0]![at]!.equals(leafHash(entry))) throw new LogDamaged(`entry ${size - entries.length + at} is not the one its tile was made of`);
    });
    return new Edge(size, levels, entries);
  }

  /** The edge after these entries, and every file that must be on disk before a checkpoint may say so. */
  extend(added: readonly Uint8Array[]): { readonly edge: Edge; readonly files: readonly TileFile[] } {
    const growth = new Growth(this.size, this.levels, this.entries);
    for (const entry of added) growth.add(entry);
    const grown = growth.finish();
    return { edge: new Edge(grown.size, grown.levels, grown.entries), files: grown.files };
  }

  root(): Buffer {
    let remainder: Buffer | undefined;
    for (const level of this.levels) {
      const hashes = remainder ? [...level, remainder] : level;
      if (hashes.length > 0) remainder = merkleRoot(hashes);
    }
    return remainder ?? merkleRoot([]);
  }
}

/** Entries of bundle `index` as a log of `size` leaves holds them. */
export async function readBundle(source: TileSource, index: number, size: number): Promise<Buffer[]> {
  const width = widthOf(index, size);
  if (width === 0) return [];
  const ref = { level: 'entries', index, width } as const;
  const bytes = (await source.read(tilePath(ref))) ?? (await source.read(tilePath({ ...ref, width: TILE_WIDTH })));
  if (!bytes) throw new LogDamaged(`${tilePath(ref)} is missing`);
  const entries = decodeBundle(bytes);
  if (!entries || entries.length < width) throw new LogDamaged(`${tilePath(ref)} does not hold ${width} entries`);
  return entries.slice(0, width);
}

/** One append under way. */
class Growth {
  private readonly levels: Buffer[][];
  private readonly touched = new Set<number>();
  private readonly files: TileFile[] = [];
  private entries: Uint8Array[];

  constructor(private size: number, levels: readonly (readonly Buffer[])[], entries: readonly Uint8Array[]) {
    this.levels = levels.map((level) => [...level]);
    this.entries = [...entries];
  }

  add(entry: Uint8Array): void {
    this.entries.push(entry);
    this.size += 1;
    if (this.entries.length === TILE_WIDTH) {
      this.emit('entries', this.size / TILE_WIDTH - 1, encodeBundle(this.entries), TILE_WIDTH);
      this.entries = [];
    }
    this.addHash(0, leafHash(entry));
  }

  finish(): { size: number; levels: Buffer[][]; entries: Uint8Array[]; files: TileFile[] } {
    if (this.touched.has(0) && this.entries.length > 0) {
      this.emit('entries', Math.floor(this.size / TILE_WIDTH), encodeBundle(this.entries), this.entries.length);
    }
    for (const level of this.touched) this.emitPartial(level);
    return { size: this.size, levels: this.levels, entries: this.entries, files: this.files };
  }

  private addHash(level: number, hash: Buffer): void {
    const hashes = (this.levels[level] ??= []);
    hashes.push(hash);
    this.touched.add(level);
    if (hashes.length < TILE_WIDTH) return;
    this.emit(level, hashesAtLevel(level + 1, this.size) - 1, Buffer.concat(hashes), TILE_WIDTH);
    this.levels[level] = [];
    this.addHash(level + 1, merkleRoot(hashes));
  }

  private emitPartial(level: number): void {
    const hashes = this.levels[level]!;
    if (hashes.length > 0) this.emit(level, hashesAtLevel(level + 1, this.size), Buffer.concat(hashes), hashes.length);
  }

  private emit(level: number | 'entries', index: number, bytes: Buffer, width: number): void {
    this.files.push({ path: tilePath({ level, index, width }), bytes });
  }
}
