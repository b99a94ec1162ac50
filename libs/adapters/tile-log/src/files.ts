import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { TileSource } from './tree.js';

/**
 * The folder a log lives in.
 *
 * Contract: `write` puts a whole file in place of any older one, never half a file; `sync` returns only when everything
 * written before survives a loss of power; `remove` may be undone by one.
 */
export interface LogFiles extends TileSource {
  write(path: string, bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  remove(path: string): Promise<void>;
}

/** {@link LogFiles} on a disk: written beside, synced, renamed; `sync` syncs the folders that changed. */
export class DiskFiles implements LogFiles {
  private readonly changed = new Set<string>();

  private readonly directory: string;

  constructor(directory: string) {
    this.directory = resolve(directory);
  }

  async read(path: string): Promise<Buffer | undefined> {
    try {
      return await readFile(join(this.directory, path));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const place = join(this.directory, path);
    const beside = `${place}.new`;
    await this.makeFolder(dirname(place));
    await writeFile(beside, bytes, { mode: 0o600, flush: true });
    await rename(beside, place);
    this.changed.add(dirname(place));
  }

  async sync(): Promise<void> {
    const folders = [...this.changed];
    this.changed.clear();
    await Promise.all(folders.map(syncFolder));
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.directory, path), { recursive: true, force: true });
  }

  /** A new folder survives only when the one above it is synced too. */
  private async makeFolder(folder: string): Promise<void> {
    const created = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (created === undefined) return;
    const highest = dirname(created);
    for (let above = folder; above.length > highest.length; above = dirname(above)) this.changed.add(above);
    this.changed.add(highest);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
