import { join } from 'node:path';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import { DiskFiles, formatProof, openCheckpoint, TileLog, TileTree, verifierKeyText, type NoteSigner } from '@interlock/adapter-tile-log';
import { BatchIndex } from './batch-index.js';
import { EventIndex } from './event-index.js';
import { PositionStore, type SealedState } from './position-store.js';
import { Sealer } from './sealer.js';

/** One event's proof, as `recorder.prove` answers it. */
export interface EventProof {
  readonly index: number;
  readonly size: number;
  readonly sequence: number;
  readonly position: number;
  readonly entry: string;
  readonly path: string[];
  readonly checkpoint: string;
  readonly proof: string;
}

/** The log as others may read it. */
export interface ServedLog {
  /** Leaves under the checkpoint. */
  readonly size: number;
  readonly checkpoint: string;
  /** The log's key in the form other tools take. */
  readonly verifierKey: string;
  /** One file of the log. */
  read(path: string): Promise<Buffer | undefined>;
  /** Proves an event under the newest checkpoint. Refuses with `not_found` one that is not sealed. */
  prove(event: string): Promise<Outcome<EventProof>>;
  close(): Promise<void>;
}

/** The recorder's folder: the log as it is served, and the indexes and positions beside it. */
export class SealedLog implements ServedLog {
  private constructor(
    private readonly kept: { readonly log: TileLog; readonly batches: BatchIndex; readonly events: EventIndex },
    private readonly signer: NoteSigner,
    readonly sealer: Sealer,
    /** What the newest checkpoint left. */
    readonly state: SealedState,
  ) {}

  /** @throws LogDamaged when files and checkpoint do not belong together. */
  static async open(directory: string, signer: NoteSigner): Promise<SealedLog> {
    const log = await TileLog.open(new DiskFiles(join(directory, 'log')), signer);
    const indexes = join(directory, 'index');
    const files = new DiskFiles(indexes);
    const positions = new PositionStore(files);
    const state = await positions.load(log.size);
    const events = await EventIndex.open(log, files, indexes, log.size);
    const batches = await BatchIndex.open(join(indexes, 'batches'), state.position.sequence);
    return new SealedLog({ log, batches, events }, signer, new Sealer(log, batches, events, positions), state);
  }

  get size(): number {
    return this.kept.log.size;
  }

  get checkpoint(): string {
    return this.kept.log.checkpoint;
  }

  get verifierKey(): string {
    return verifierKeyText(this.signer);
  }

  read(path: string): Promise<Buffer | undefined> {
    return this.kept.log.read(path);
  }

  async prove(event: string): Promise<Outcome<EventProof>> {
    const { checkpoint } = this.kept.log;
    const opened = openCheckpoint(checkpoint, this.signer);
    if (!opened.ok) return opened;
    const { size } = opened.value;
    const found = await this.kept.events.find(event, size);
    if (!found) return refused('not_found', `Event ${event} is not in the sealed log.`, { retryable: true, hint: 'An event is sealed shortly after it was recorded; ask again.' });
    const path = await new TileTree(this.kept.log, size).inclusion(found.leaf);
    return accepted({
      index: found.leaf, size, checkpoint, ...(await this.kept.batches.find(found.leaf)),
      entry: found.entry.toString('base64'), path: path.map((hash) => hash.toString('base64')), proof: formatProof({ index: found.leaf, path, checkpoint }),
    });
  }

  async close(): Promise<void> {
    await this.kept.batches.close();
  }
}
