import type { LogFiles } from '../src/files.js';

/** The power went out. */
export class PowerLoss extends Error {
  override readonly name = 'PowerLoss';
}

/**
 * A folder whose power fails at a chosen step, for specs. What was written and not synced is then lost, torn or kept, as
 * `chance` says: a disk promises nothing about it.
 */
export class FailingFiles implements LogFiles {
  private readonly durable = new Map<string, Buffer>();
  private readonly fresh = new Map<string, Buffer>();
  private steps = 0;

  constructor(private readonly chance: () => number, public failAtStep: number = Infinity) {}

  async read(path: string): Promise<Buffer | undefined> {
    return this.fresh.get(path) ?? this.durable.get(path);
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    this.step();
    this.fresh.set(path, Buffer.from(bytes));
  }

  async sync(): Promise<void> {
    this.step();
    for (const [path, bytes] of this.fresh) this.durable.set(path, bytes);
    this.fresh.clear();
  }

  async remove(path: string): Promise<void> {
    this.step();
    for (const name of this.durable.keys()) if (name === path || name.startsWith(`${path}/`)) this.durable.delete(name);
  }

  /** What the next start finds. A rename is whole or not at all, so a file is never torn, only lost or kept. */
  restart(): FailingFiles {
    const next = new FailingFiles(this.chance);
    for (const [path, bytes] of this.durable) next.durable.set(path, bytes);
    for (const [path, bytes] of this.fresh) if (this.chance() < 0.5) next.durable.set(path, bytes);
    return next;
  }

  /** Changes one byte of a file. */
  flip(path: string, at: number): void {
    const bytes = Buffer.from(this.durable.get(path)!);
    bytes[at] = bytes[at]! ^ 1;
    this.durable.set(path, bytes);
  }

  paths(): string[] {
    return [...this.durable.keys()];
  }

  get stepsTaken(): number {
    return this.steps;
  }

  private step(): void {
    this.steps += 1;
    if (this.steps >= this.failAtStep) throw new PowerLoss(`at step ${this.steps}`);
  }
}
