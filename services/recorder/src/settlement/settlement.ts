import { LedgerUnavailable, type Ledger } from '@interlock/kernel';
import { draft } from '@interlock/contracts';
import type { Clock, Logger } from '@interlock/nest';
import type { OpenCommand } from './open-command.js';
import type { OpenCommands } from './open-commands.js';

/** After its end a producer's last batch may still be on its way. */
const GRACE_MS = 3_000;
/** How long an outcome that was appended may take to come back along the ledger before it is appended again. */
const AGAIN_MS = 15_000;
/** Outcomes in one append. */
const GROUP = 100;

/**
 * Records "outcome unknown" for commands that were forwarded by a producer that ended before it told their outcome.
 *
 * The ledger is its memory: an outcome is recorded only after everything in the ledger was seen and none was there, so a
 * restart does not record it twice.
 */
export class Settlement {
  /** When each ended command was first seen to be one, and not before when its outcome may be recorded. */
  readonly #dueMs = new Map<string, number>();

  constructor(
    private readonly open: OpenCommands,
    private readonly ledger: Ledger,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** Records what is due. Call it now and then, with whether the whole ledger has been seen. */
  async settle(seenAll: boolean): Promise<number> {
    if (!this.open.hasEnded) return 0;
    const now = this.clock.nowMs();
    const ended = this.open.ended();
    this.#forgetOthers(ended);
    for (const { command } of ended) if (!this.#dueMs.has(command)) this.#dueMs.set(command, now + GRACE_MS);
    const due = ended.filter(({ command }) => seenAll && this.#dueMs.get(command)! <= now).slice(0, GROUP);
    if (due.length === 0) return 0;
    for (const { command } of due) this.#dueMs.set(command, now + AGAIN_MS);
    return this.#record(due);
  }

  async #record(due: readonly OpenCommand[]): Promise<number> {
    try {
      await this.ledger.append(due.map(unknownOutcome));
      this.log.warn('commands ended with an unknown outcome', { count: due.length, commands: due.slice(0, 20).map(({ command }) => command) });
      return due.length;
    } catch (fault) {
      if (!(fault instanceof LedgerUnavailable)) throw fault;
      this.log.warn('an unknown outcome could not be recorded yet', { count: due.length, reason: fault.message });
      return 0;
    }
  }

  #forgetOthers(ended: readonly OpenCommand[]): void {
    const names = new Set(ended.map(({ command }) => command));
    for (const command of this.#dueMs.keys()) if (!names.has(command)) this.#dueMs.delete(command);
  }
}

function unknownOutcome({ session, exchange, command }: OpenCommand) {
  const data = { status: 'unknown', rows: 0, bytes: 0, masked: 0, durationMs: 0 } as const;
  return draft('command.outcome.v1', data, { session, command, ...(exchange ? { exchange } : {}) });
}
