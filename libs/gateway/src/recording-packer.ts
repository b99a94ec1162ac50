import { LIMITS } from '@interlock/kernel';
import type { RecordingWriter } from './ports.js';

/** Where a chunk was stored. */
export interface Packed {
  readonly sequence: number;
  /** Of its first byte within the stored message. */
  readonly offset: number;
}

interface Waiting {
  readonly chunk: Uint8Array;
  readonly resolve: (packed: Packed) => void;
  readonly reject: (fault: unknown) => void;
}

/** Messages under way at once. More would only wait in line on the bus. */
const UNDER_WAY_MAX = 2;

/**
 * Stores the chunks of all exchanges of one connector, as many in one message as have come together: a synced
 * acknowledgement costs the same whatever it carries.
 */
export class RecordingPacker {
  readonly #writer: RecordingWriter;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #scheduled = false;

  constructor(writer: RecordingWriter) {
    this.#writer = writer;
  }

  /** Rejects as the writer does: the chunk may or may not be stored. */
  add(chunk: Uint8Array): Promise<Packed> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ chunk, resolve, reject });
      this.#schedule();
    });
  }

  /** What several exchanges hand over in one turn goes together. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#underWay < UNDER_WAY_MAX && this.#waiting.length > 0) {
      this.#underWay += 1;
      void this.#store(this.#take()).finally(() => {
        this.#underWay -= 1;
        this.#pump();
      });
    }
  }

  #take(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { chunk } of this.#waiting) {
      if (count > 0 && bytes + chunk.length > LIMITS.recordingChunkBytes) break;
      bytes += chunk.length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #store(group: readonly Waiting[]): Promise<void> {
    try {
      const message = group.length === 1 ? group[0]!.chunk : Buffer.concat(group.map(({ chunk }) => chunk));
      const { sequence } = await this.#writer.append(message);
      let offset = 0;
      for (const { chunk, resolve } of group) {
        resolve({ sequence, offset });
        offset += chunk.length;
      }
    } catch (fault) {
      for (const { reject } of group) reject(fault);
    }
  }
}
