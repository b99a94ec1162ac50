import { openCheckpoint, signCheckpoint, type Checkpoint } from './checkpoint.js';
import { Edge } from './edge.js';
import type { LogFiles } from './files.js';
import { CHECKPOINT_PATH, parseTilePath, TILE_WIDTH, tilePath } from './layout.js';
import type { NoteSigner } from './note.js';
import { LogDamaged, TileTree, type TileSource } from './tree.js';

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
    [this.edge, this.note] = [edge, note];
    for (const file of files) await this.dropPartials(file.path);
    return next;
  }

  /**
   * A full tile takes the place of its partial ones (C2SP tlog-tiles, "Partial Tiles"). The append is done by now: a
   * file that cannot be removed is superfluous, not wrong.
   */
  private async dropPartials(path: string): Promise<void> {
    if (parseTilePath(path)?.width === TILE_WIDTH) await this.files.remove(`${path}.p`).catch(() => undefined);
  }

  /** One file of the log, as it is served. Undefined for what is not a file of a log. */
  async read(path: string): Promise<Buffer | undefined> {
    return path === CHECKPOINT_PATH || parseTilePath(path) ? this.files.read(path) : undefined;
  }

  /** The path that proves leaf `index` under the newest checkpoint. */
  proveInclusion(index: number): Promise<Buffer[]> {
    return new TileTree(this.files, this.size).inclusion(index);
  }

  /** The path that proves that the first `to` leaves extend the first `from`. */
  proveConsistency(from: number, to: number = this.size): Promise<Buffer[]> {
    return new TileTree(this.files, to, this.size).consistency(from);
  }
}
