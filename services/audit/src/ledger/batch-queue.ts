import type { StoredBatch } from '@interlock/kernel';

/** Batches between their reader and their user; the reader waits when they are many. */
export class BatchQueue {
  #batches: StoredBatch[] = [];
  #bytes = 0;
  #ended = false;
  #fault: unknown;
  #wake: (() => void)[] = [];

  constructor(private readonly mostBytes: number) {}

  async push(batch: StoredBatch): Promise<void> {
    this.#batches.push(batch);
    this.#bytes += batch.bytes.length;
    this.#wakeAll();
    while (this.#bytes >= this.mostBytes && !this.#ended) await this.#change();
  }

  end(fault?: unknown): void {
    this.#ended = true;
    this.#fault ??= fault;
    this.#wakeAll();
  }

  /** Of what waits about so many bytes, one batch at least; nothing once it has ended. @throws the reader's fault, after everything it had read. */
  async take(bytes: number): Promise<StoredBatch[]> {
    while (this.#batches.length === 0 && !this.#ended) await this.#change();
    if (this.#batches.length === 0 && this.#fault !== undefined) throw this.#fault;
    let taken = 0;
    const last = this.#batches.findIndex((batch) => (taken += batch.bytes.length) >= bytes);
    this.#bytes -= taken;
    const batches = this.#batches.splice(0, last < 0 ? this.#batches.length : last + 1);
    this.#wakeAll();
    return batches;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
