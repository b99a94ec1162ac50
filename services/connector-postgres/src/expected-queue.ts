import { NO_COMMANDS, type Expected } from './expected.js';
import type { RunningCommand } from './running-command.js';

/** The answers that the target owes, in order. */
export class ExpectedQueue {
  #queue: Expected[] = [];
  #at = 0;
  /** Which statement of a simple query is being answered. */
  #part = 0;

  get isEmpty(): boolean {
    return this.#at === this.#queue.length;
  }

  /** What is being answered. */
  get head(): Expected | undefined {
    return this.#queue[this.#at];
  }

  get command(): RunningCommand | undefined {
    return this.head?.commands[this.#part];
  }

  /** Every command that is owed an answer. */
  get commands(): readonly RunningCommand[] {
    return this.#queue.slice(this.#at).flatMap((expected) => expected.commands);
  }

  push(expected: Expected): void {
    this.#queue.push(expected);
  }

  /** The head has been answered. */
  step(): void {
    this.#at += 1;
    this.#part = 0;
    if (!this.isEmpty) return;
    this.#queue = [];
    this.#at = 0;
  }

  /** One statement of a simple query has been answered. */
  stepPart(): void {
    this.#part += 1;
  }

  /** The commands of the head that will not be answered any more. */
  takeRestOfHead(): readonly RunningCommand[] {
    const { head } = this;
    const rest = head?.commands.slice(this.#part) ?? NO_COMMANDS;
    this.#part = head?.commands.length ?? 0;
    return rest;
  }

  /** Drops everything up to the next Sync, as the target does after an error; the commands among it. */
  skipToSync(): readonly RunningCommand[] {
    const skipped: RunningCommand[] = [];
    this.step();
    while (this.head && this.head.kind !== 'sync') {
      skipped.push(...this.head.commands);
      this.step();
    }
    return skipped;
  }

  /** While it reads copied data the target ignores Sync, those already sent included. */
  dropSyncs(): void {
    this.#queue = [...this.#queue.slice(0, this.#at + 1), ...this.#queue.slice(this.#at + 1).filter((later) => later.kind !== 'sync')];
  }
}
