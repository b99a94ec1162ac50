import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@interlock/kernel';
import { eventIdOf, readBundle, TILE_WIDTH, type LogFiles, type TileSource } from '@interlock/adapter-tile-log';

/** Leaves whose ids are held in memory before they become a file. */
export const SEGMENT_LEAVES = 65_536;
const HASH_BYTES = 8;
const RECORD_BYTES = HASH_BYTES + 4;

/**
 * Finds the leaf of an event by its id. Everything in it is derived from the log: files of sorted id hashes, one per
 * {@link SEGMENT_LEAVES} leaves, and the newest leaves in memory.
 */
export class EventIndex {
  private readonly recent = new Map<string, number>();
  private segments = 0;
  private leaves = 0;

  private constructor(private readonly log: TileSource, private readonly files: LogFiles, private readonly directory: string) {}

  /** Takes up the index of a log of `size` leaves; what is missing is made from the log's entries. */
  static async open(log: TileSource, files: LogFiles, directory: string, size: number): Promise<EventIndex> {
    const index = new EventIndex(log, files, directory);
    while ((index.segments + 1) * SEGMENT_LEAVES <= size && (await files.read(segmentName(index.segments)))) index.segments += 1;
    for (let bundle = (index.segments * SEGMENT_LEAVES) / TILE_WIDTH; bundle * TILE_WIDTH < size; bundle += 1) {
      const entries = await readBundle(log, bundle, size);
      index.add(bundle * TILE_WIDTH, entries.map((entry) => eventIdOf(entry) ?? ''));
      await index.write();
    }
    return index;
  }

  /** Takes in the events of leaves from `firstLeaf` on, before they are sealed: {@link find} does not look beyond a size. */
  add(firstLeaf: number, ids: readonly string[]): void {
    ids.forEach((id, at) => this.recent.set(id, firstLeaf + at));
    this.leaves = firstLeaf + ids.length;
  }

  /** Makes files of what is sealed. What a full disk refused to take is written with the next. */
  async write(): Promise<void> {
    while (this.leaves >= (this.segments + 1) * SEGMENT_LEAVES) await this.writeSegment();
  }

  /** The leaf of this event in the first `size` leaves. */
  async find(id: string, size: number): Promise<{ readonly leaf: number; readonly entry: Buffer } | undefined> {
    const recent = this.recent.get(id);
    const candidates = recent === undefined ? await this.candidates(id) : [recent];
    for (const leaf of candidates) {
      if (leaf >= size) continue;
      const entry = (await readBundle(this.log, Math.floor(leaf / TILE_WIDTH), size))[leaf % TILE_WIDTH];
      if (entry && eventIdOf(entry) === id) return { leaf, entry };
    }
    return undefined;
  }

  private async writeSegment(): Promise<void> {
    const first = this.segments * SEGMENT_LEAVES;
    const members = [...this.recent].filter(([, leaf]) => leaf < first + SEGMENT_LEAVES);
    await this.files.write(segmentName(this.segments), Buffer.concat(members.map(([id, leaf]) => recordOf(id, leaf - first)).sort(Buffer.compare)));
    await this.files.sync();
    this.segments += 1;
    for (const [id] of members) this.recent.delete(id);
  }

  private async candidates(id: string): Promise<number[]> {
    const hash = hashOf(id);
    const found: number[] = [];
    for (let segment = this.segments - 1; segment >= 0; segment -= 1) {
      const offsets = await searchSegment(join(this.directory, segmentName(segment)), hash);
      found.push(...offsets.map((offset) => segment * SEGMENT_LEAVES + offset));
    }
    return found;
  }
}

async function searchSegment(path: string, hash: Buffer): Promise<number[]> {
  const file = await open(path, 'r');
  try {
    const count = Math.floor((await file.stat()).size / RECORD_BYTES);
    const record = async (at: number): Promise<Buffer> => (await file.read(Buffer.alloc(RECORD_BYTES), 0, RECORD_BYTES, at * RECORD_BYTES)).buffer;
    let [low, high] = [0, count];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (Buffer.compare((await record(middle)).subarray(0, HASH_BYTES), hash) < 0) low = middle + 1;
      else high = middle;
    }
    const offsets: number[] = [];
    for (let at = low; at < count; at += 1) {
      const found = await record(at);
      if (!found.subarray(0, HASH_BYTES).equals(hash)) break;
      offsets.push(found.readUInt32BE(HASH_BYTES));
    }
    return offsets;
  } finally {
    await file.close();
  }
}

function recordOf(id: string, offset: number): Buffer {
  const record = Buffer.alloc(RECORD_BYTES);
  hashOf(id).copy(record);
  record.writeUInt32BE(offset, HASH_BYTES);
  return record;
}

function hashOf(id: string): Buffer {
  return sha256(id).subarray(0, HASH_BYTES);
}

function segmentName(segment: number): string {
  return `events-${segment}`;
}
