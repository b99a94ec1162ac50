import type { FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Hands over every whole line of a file, without its newline, and where it begins. Of the file only a piece is in memory.
 *
 * @returns where the last whole line ends.
 * @throws RangeError when a line is longer than `mostBytes`.
 */
export async function forEachLine(file: FileHandle, mostBytes: number, onLine: (text: string, offset: number) => void): Promise<number> {
  const chunk = Buffer.alloc(CHUNK_BYTES + mostBytes);
  let start = 0;
  let held = 0;
  for (;;) {
    const { bytesRead } = await file.read(chunk, held, CHUNK_BYTES, start + held);
    if (bytesRead === 0) return start;
    const bytes = chunk.subarray(0, held + bytesRead);
    let at = 0;
    for (let newline = bytes.indexOf(NEWLINE); newline >= 0; newline = bytes.indexOf(NEWLINE, at)) {
      requireLength(newline - at, mostBytes);
      onLine(bytes.toString('utf8', at, newline), start + at);
      at = newline + 1;
    }
    held = bytes.length - at;
    requireLength(held, mostBytes);
    bytes.copyWithin(0, at);
    start += at;
  }
}

function requireLength(length: number, mostBytes: number): void {
  if (length > mostBytes) throw new RangeError(`a line has more than ${mostBytes} bytes`);
}
