import { runOf, type Batch, type SealedRecord } from '@interlock/kernel';
import type { OpenCommand } from './open-command.js';

/** Whether the decision inside this record allowed its command; undefined when its payload cannot be read. */
export type ReadDecision = (record: SealedRecord) => boolean | undefined;

interface Tracked extends OpenCommand {
  /** The record of the decision, until it is known to have allowed the command. */
  readonly undecided?: SealedRecord;
}

/**
 * Which commands were forwarded and have no outcome: what a crash leaves behind. Fed with every batch in order.
 *
 * Whether a decision allowed its command is in its encrypted payload. It is read only for those that still have no
 * outcome when the state is sealed, which spares almost all of them.
 */
export class OpenCommands {
  readonly #sessions = new Map<string, Map<string, Tracked>>();

  constructor(private readonly readDecision: ReadDecision, open: readonly OpenCommand[] = []) {
    for (const command of open) this.#sessionOf(command.session).set(command.command, command);
  }

  observe(instance: string, batch: Batch): void {
    const run = runOf(batch.header);
    for (const record of batch.records) this.#observe(record, instance, run);
  }

  #observe(record: SealedRecord, instance: string, run: string): void {
    const { type, session, command, exchange } = record.metadata;
    if (type === 'command.decided.v1' && session && command) {
      const tracked = { command, session, instance, run, ended: false, undecided: record, ...(exchange ? { exchange } : {}) };
      this.#sessionOf(session).set(command, tracked);
    } else if (type === 'command.outcome.v1' && session && command) {
      this.#forget(session, command);
    } else if (type === 'session.closed.v1' && session) {
      this.#end(this.#sessions.get(session), () => true);
    } else if (type === 'service.started.v1') {
      for (const commands of this.#sessions.values()) this.#end(commands, (open) => open.instance === instance && open.run !== run);
    }
  }

  /** Lets go of the commands that were not allowed, and gives the rest. */
  settled(): OpenCommand[] {
    return this.#all().flatMap((tracked) => {
      const { undecided, ...command } = tracked;
      if (undecided && this.readDecision(undecided) === false) {
        this.#forget(command.session, command.command);
        return [];
      }
      this.#sessionOf(command.session).set(command.command, command);
      return [command];
    });
  }

  /** Those whose producer has ended: no outcome will come. */
  ended(): OpenCommand[] {
    return this.settled().filter((command) => command.ended);
  }

  get hasEnded(): boolean {
    return this.#all().some((command) => command.ended);
  }

  #all(): Tracked[] {
    return [...this.#sessions.values()].flatMap((commands) => [...commands.values()]);
  }

  #sessionOf(session: string): Map<string, Tracked> {
    const known = this.#sessions.get(session) ?? new Map<string, Tracked>();
    this.#sessions.set(session, known);
    return known;
  }

  #forget(session: string, command: string): void {
    const commands = this.#sessions.get(session);
    commands?.delete(command);
    if (commands?.size === 0) this.#sessions.delete(session);
  }

  #end(commands: Map<string, Tracked> | undefined, isOver: (open: Tracked) => boolean): void {
    for (const [name, open] of commands ?? []) if (isOver(open)) commands!.set(name, { ...open, ended: true });
  }
}
