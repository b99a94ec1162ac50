import { open, readFile, rename } from 'node:fs/promises';
import type { LedgerPosition } from '@interlock/kernel';
import type { OpenSession } from './open-sessions.js';
import type { Tallied } from './tally.js';

/** Everything that is needed to go on behind a place in the ledger. */
export interface PlaceState {
  readonly position: LedgerPosition;
  readonly sessions: readonly (readonly [connector: string, session: string, OpenSession])[];
  readonly tally: Tallied;
}

/** The place of the second decision, in one file, replaced whole and synced before it counts. */
export class PlaceFile {
  constructor(private readonly path: string) {}

  /** Undefined before the first, and where the file is none of ours: everything is then decided again from the beginning, which does no harm. */
  async load(): Promise<PlaceState | undefined> {
    const text = await readFile(this.path, 'utf8').catch((fault: NodeJS.ErrnoException) => {
      if (fault.code === 'ENOENT') return undefined;
      throw fault;
    });
    return text === undefined ? undefined : stateIn(text);
  }

  async save(state: PlaceState): Promise<void> {
    const file = await open(`${this.path}.new`, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(state));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${this.path}.new`, this.path);
  }
}

function stateIn(text: string): PlaceState | undefined {
  try {
    const { position, sessions, tally } = JSON.parse(text) as PlaceState;
    const isWhole = Number.isSafeInteger(position.sequence) && typeof position.hash === 'string' && Array.isArray(sessions) && Array.isArray(tally.mismatches);
    return isWhole ? { position, sessions, tally } : undefined;
  } catch {
    return undefined;
  }
}
