import { dirname } from 'node:path/posix';
import { decodeBundle, encodeBundle } from './bundle.js';
import { openCheckpoint, signCheckpoint, type Checkpoint } from './checkpoint.js';
import { Edge } from './edge.js';
import type { LogFiles } from './files.js';
import { CHECKPOINT_PATH, hashesAtLevel, parseTilePath, partialTiles, TILE_WIDTH, tilePath, widthOf, type TileRef } from './layout.js';
import type { NoteSigner } from './note.js';
import { HASH_BYTES, LogDamaged, TileTree, type TileSource } from './tree.js';

/**
 * An append-only Merkle log as static files (C2SP tlog-tiles, RFC 6962 hashes), with one writer.
 *
 * Order of an append: entries and tiles, made durable; then whatever the caller must have durable first; then the
 * checkpoint, in one rename. So the checkpoint is the truth: after a crash everything it covers is there, and files
 * beyond it are written again.
 */
export class TileLog implements TileSource {
  private constructor(
    private readonly files: LogFiles,
    private readonly signer: NoteSigner,
    private edge: Edge,
    private note: string,
  ) {}

  /**
   * Opens a log and recovers it; creates an empty one in an empty folder.
   *
   * @throws LogDamaged when the checkpoint is not this signer's or the files do not lead to it.
   */
  static async open(files: LogFiles, signer: NoteSigner): Promise<TileLog> {
    const note = (await files.read(CHECKPOINT_PATH))?.toString('utf8');
    if (note === undefined) return TileLog.create(files, signer);
    const checkpoint = openCheckpoint(note, signer);
    if (!checkpoint.ok) throw new LogDamaged(`the checkpoint cannot be taken up: ${checkpoint.refusal.detail}`);
    const edge = await Edge.read(files, checkpoint.value.size);
    if (!edge.root().equals(checkpoint.value.root)) throw new LogDamaged('the tiles do not lead to the root of the checkpoint');
    return new TileLog(files, signer, edge, note);
  }

  private static async create(files: LogFiles, signer: NoteSigner): Promise<TileLog> {
    const leftover = [tilePath({ level: 'entries', index: 0, width: TILE_WIDTH }), tilePath({ level: 0, index: 0, width: TILE_WIDTH })];
    for (const path of leftover) {
      if (await files.read(path)) throw new LogDamaged('there are tiles and no checkpoint: the checkpoint was removed');
    }
    const note = signCheckpoint({ origin: signer.name, size: 0, root: Edge.empty.root() }, signer);
    await files.write(CHECKPOINT_PATH, Buffer.from(note));
    await files.sync();
    return new TileLog(files, signer, Edge.empty, note);
  }

  /** Leaves under the newest checkpoint. */
  get size(): number {
    return this.edge.size;
  }

  /** The newest signed checkpoint. */
  get checkpoint(): string {
    return this.note;
  }

  /**
   * Appends entries and signs a checkpoint over them. A failed append leaves the log as it was; it may be tried again.
   * Appends must not overlap.
   *
   * @param beforeCheckpoint made durable between tiles and checkpoint: what must never be older than the checkpoint.
   */
  async append(entries: readonly Uint8Array[], beforeCheckpoint: (next: Checkpoint) => Promise<void> = async () => {}): Promise<Checkpoint> {
    const { edge, files } = this.edge.extend(entries);
    const next = { origin: this.signer.name, size: edge.size, root: edge.root() };
    const note = signCheckpoint(next, this.signer);
    await Promise.all(files.map((file) => this.files.write(file.path, file.bytes)));
    await beforeCheckpoint(next);
    await this.files.sync();
    await this.files.write(CHECKPOINT_PATH, Buffer.from(note));
    await this.files.sync();
    const before = this.size;
    [this.edge, this.note] = [edge, note];
    await this.dropPartials(before);
    return next;
  }

  /**
   * The newest partial tile holds every narrower one, which {@link read} cuts from it. The append is done by now: a file
   * that cannot be removed is superfluous, not wrong.
   */
  private async dropPartials(sizeBefore: number): Promise<void> {
    const kept = new Set(partialTiles(this.size).map(tilePath));
    for (const ref of partialTiles(sizeBefore)) {
      const path = tilePath(ref);
      const isFull = widthOf(ref.index, this.countAt(ref.level)) === TILE_WIDTH;
      if (!kept.has(path)) await this.files.remove(isFull ? dirname(path) : path).catch(() => undefined);
    }
  }

  private countAt(level: TileRef['level']): number {
    return level === 'entries' ? this.size : hashesAtLevel(level, this.size);
  }

  /** One file of the log, as it is served, partial tiles of older checkpoints too. Undefined for what is not a file of a log. */
  async read(path: string): Promise<Buffer | undefined> {
    if (path === CHECKPOINT_PATH) return Buffer.from(this.note);
    const ref = parseTilePath(path);
    const width = ref ? widthOf(ref.index, this.countAt(ref.level)) : 0;
    if (!ref || ref.width > width) return undefined;
    const bytes = await this.files.read(tilePath({ ...ref, width }));
    const hasGrown = widthOf(ref.index, this.countAt(ref.level)) !== width;
    if (!bytes && hasGrown) return this.read(path);
    return bytes && ref.width < width ? firstOf(bytes, ref) : bytes;
  }

  /** The path that proves leaf `index` under the newest checkpoint. */
  proveInclusion(index: number): Promise<Buffer[]> {
    return new TileTree(this, this.size).inclusion(index);
  }

  /** The path that proves that the first `to` leaves extend the first `from`. */
  proveConsistency(from: number, to: number = this.size): Promise<Buffer[]> {
    return new TileTree(this, to, this.size).consistency(from);
  }
}

/** The narrower tile inside a wider one. */
function firstOf(bytes: Buffer, { level, width }: TileRef): Buffer | undefined {
  if (level !== 'entries') return bytes.subarray(0, width * HASH_BYTES);
  const entries = decodeBundle(bytes);
  return entries && encodeBundle(entries.slice(0, width));
}
