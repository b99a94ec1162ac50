import { LEDGER_START, type LedgerPosition, type RunHead } from '@interlock/kernel';
import { LogDamaged, type LogFiles } from '@interlock/adapter-tile-log';
import type { OpenCommand } from '../settlement/open-command.js';

/** Everything the recorder must know to go on behind a checkpoint. */
export interface SealedState {
  readonly position: LedgerPosition;
  /** Heads of the runs, as the kernel's LedgerChain keeps them. */
  readonly runs: readonly (readonly [string, RunHead])[];
  /** Commands that were forwarded and have no outcome yet. */
  readonly open: readonly OpenCommand[];
}

const NOTHING_SEALED: SealedState = { position: LEDGER_START, runs: [], open: [] };

/**
 * The place in the ledger that belongs to each checkpoint. It is written before its checkpoint and named by its size, so
 * after a crash the one that belongs to the checkpoint is found, whichever of the two came last.
 */
export class PositionStore {
  #written: number[] = [];

  constructor(private readonly files: LogFiles) {}

  /** Durable when it returns. */
  async save(size: number, state: SealedState): Promise<void> {
    await this.files.write(nameOf(size), Buffer.from(JSON.stringify(state)));
    await this.files.sync();
    if (!this.#written.includes(size)) this.#written.push(size);
  }

  /**
   * The state behind the checkpoint of this size.
   *
   * @throws LogDamaged when it is missing or not one.
   */
  async load(size: number): Promise<SealedState> {
    const bytes = await this.files.read(nameOf(size));
    if (!bytes && size === 0) return NOTHING_SEALED;
    const state = bytes && stateIn(bytes);
    if (!state) throw new LogDamaged(`${nameOf(size)}, the place in the ledger that belongs to the checkpoint, is missing or damaged`);
    this.#written = [size];
    return state;
  }

  /** Takes away the states of older checkpoints. */
  async keepOnly(size: number): Promise<void> {
    const old = this.#written.filter((written) => written !== size);
    this.#written = [size];
    for (const one of old) await this.files.remove(nameOf(one));
  }
}

function nameOf(size: number): string {
  return `sealed-${size}.json`;
}

/** Our own writing, whole or not there: what is checked is that it is one, against a file put in its place by hand. */
function stateIn(bytes: Buffer): SealedState | undefined {
  try {
    const { position, runs, open } = JSON.parse(bytes.toString('utf8')) as SealedState;
    const sound = typeof position.epoch === 'string' && Number.isSafeInteger(position.sequence) && typeof position.hash === 'string';
    return sound && Array.isArray(runs) && Array.isArray(open) ? { position, runs, open } : undefined;
  } catch {
    return undefined;
  }
}
