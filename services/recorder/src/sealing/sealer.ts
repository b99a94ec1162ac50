import type { Batch } from '@interlock/kernel';
import type { TileLog } from '@interlock/adapter-tile-log';
import type { BatchIndex } from './batch-index.js';
import type { EventIndex } from './event-index.js';
import type { PositionStore, SealedState } from './position-store.js';

/** Batches that were checked and are not yet under a checkpoint. */
interface Waiting {
  readonly entries: Buffer[];
  readonly ids: string[];
  /** Leaves of each batch. */
  readonly counts: number[];
}

/**
 * Puts checked batches into the log. One call seals everything that waits; what arrives meanwhile waits for the next. A
 * failed call changes nothing and may be made again.
 */
export class Sealer {
  #waiting: Waiting = { entries: [], ids: [], counts: [] };

  constructor(
    readonly log: TileLog,
    private readonly batches: BatchIndex,
    private readonly events: EventIndex,
    private readonly positions: PositionStore,
  ) {}

  /** Leaves not yet under a checkpoint. */
  get waiting(): number {
    return this.#waiting.entries.length;
  }

  add(batch: Batch): void {
    for (const record of batch.records) {
      this.#waiting.entries.push(record.entry);
      this.#waiting.ids.push(record.metadata.id);
    }
    this.#waiting.counts.push(batch.records.length);
  }

  /**
   * Seals what waits. Calls must not overlap.
   *
   * @param state what belongs behind the newest batch added.
   */
  async seal(state: SealedState): Promise<void> {
    if (this.waiting === 0) return;
    const group = this.#waiting;
    this.events.add(this.log.size, group.ids);
    this.#waiting = { entries: [], ids: [], counts: [] };
    try {
      await this.#append(group, state);
    } catch (fault) {
      this.#waiting = joined(group, this.#waiting);
      throw fault;
    }
    this.batches.advance(group.counts.length);
    await this.events.write();
    await this.positions.keepOnly(this.log.size);
  }

  async #append(group: Waiting, state: SealedState): Promise<void> {
    const first = this.log.size;
    await this.log.append(group.entries, async (next) => {
      await this.batches.write(firstLeaves(first, group.counts));
      await this.positions.save(next.size, state);
    });
  }
}

function joined(first: Waiting, second: Waiting): Waiting {
  return { entries: [...first.entries, ...second.entries], ids: [...first.ids, ...second.ids], counts: [...first.counts, ...second.counts] };
}

function firstLeaves(first: number, counts: readonly number[]): number[] {
  let leaf = first;
  return counts.map((count) => (leaf += count) - count);
}
