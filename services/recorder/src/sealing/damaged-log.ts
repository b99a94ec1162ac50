import { join } from 'node:path';
import { refused, type Outcome } from '@interlock/kernel';
import { CHECKPOINT_PATH, DiskFiles, openCheckpoint, parseTilePath, verifierKeyText, type NoteSigner } from '@interlock/adapter-tile-log';
import type { EventProof, ServedLog } from './sealed-log.js';

/**
 * A log whose files do not belong together. Nothing is written to it, so that nothing of what happened to it is lost; it
 * is served as it lies there, so that a verification can name what is wrong.
 */
export class DamagedLog implements ServedLog {
  private constructor(private readonly files: DiskFiles, private readonly signer: NoteSigner, readonly checkpoint: string, readonly detail: string) {}

  static async open(directory: string, signer: NoteSigner, detail: string): Promise<DamagedLog> {
    const files = new DiskFiles(join(directory, 'log'));
    return new DamagedLog(files, signer, (await files.read(CHECKPOINT_PATH))?.toString('utf8') ?? '', detail);
  }

  /** As far as the checkpoint itself can be believed. */
  get size(): number {
    const checkpoint = openCheckpoint(this.checkpoint, this.signer);
    return checkpoint.ok ? checkpoint.value.size : 0;
  }

  get verifierKey(): string {
    return verifierKeyText(this.signer);
  }

  async read(path: string): Promise<Buffer | undefined> {
    return path === CHECKPOINT_PATH || parseTilePath(path) ? this.files.read(path) : undefined;
  }

  prove(): Promise<Outcome<EventProof>> {
    return Promise.resolve(refused('log_damaged', `The sealed log is damaged: ${this.detail}.`, { hint: 'Run interlock audit verify: it names the first event that is wrong.' }));
  }

  async close(): Promise<void> {}
}
