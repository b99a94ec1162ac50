import type { Random } from '../random.js';

/** Cuts a stream at random places: any arrival must give the same result as the whole. */
export function cut(bytes: Buffer, random: Random): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = random.below(4) === 0 ? 1 : 1 + random.below(1 + bytes.length - at);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
