import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Opens a file to read and to write in place; makes it and its folder when they are missing, so that they survive a loss of power. */
export async function openDurable(path: string): Promise<FileHandle> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await (await open(path, 'a', 0o600)).close();
  await syncFolder(folder);
  await syncFolder(dirname(folder));
  return open(path, 'r+');
}

/** Writes all of `bytes`: a single write may take only a part, on a disk that is almost full or at a signal. */
export async function writeWhole(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    if (bytesWritten === 0) throw new Error('the disk takes no more bytes');
    at += bytesWritten;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
