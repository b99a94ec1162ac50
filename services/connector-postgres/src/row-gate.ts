import type { Outcome } from '@interlock/kernel';
import type { RowMeter, RowSubject } from '@interlock/gateway';
import type { FrameReader, FrameStep } from '@interlock/protocol-postgres';
import type { RunningCommand } from './running-command.js';

export interface GatePorts {
  readonly reader: FrameReader;
  /** Counts rows against budgets; undefined when none covers the session. */
  readonly meter: () => RowMeter | undefined;
  /** The row at hand has been paid for, or is the first that is not to be seen any more. */
  readonly goOn: (step: FrameStep, paid: Outcome<unknown>) => void;
  readonly take: (chunk: Buffer) => void;
  /** What was held back has been taken: more may come. */
  readonly onRoom: () => void;
  readonly onFault: (fault: unknown) => void;
}

/** Lets rows pass as they are paid for. While one waits for its budget, everything behind it does. */
export class RowGate {
  readonly #ports: GatePorts;
  #behind: Buffer[] | undefined;

  constructor(ports: GatePorts) {
    this.#ports = ports;
  }

  /** Rows are counted, so they have to come one by one. */
  get counts(): boolean {
    return this.#ports.meter() !== undefined;
  }

  get isShut(): boolean {
    return this.#behind !== undefined;
  }

  /** Keeps a chunk while a row waits; false when none does. */
  keeps(chunk: Buffer): boolean {
    this.#behind?.push(chunk);
    return this.isShut;
  }

  /** Whether the row at hand of these subjects, whole or the header of a long one, has to wait until it is paid for; `later` are the subjects of rows that came with it. */
  shutsFor(step: FrameStep, command: RunningCommand, subjects: readonly RowSubject[], later: () => readonly RowSubject[]): boolean {
    const { meter: meterNow, reader: { start, end, bodyLeft } } = this.#ports;
    const meter = meterNow();
    const bytes = end - start + (step === 'head' ? bodyLeft : 0);
    if (!meter || meter.pass(bytes, subjects)) return false;
    this.#behind = [];
    meter.more(bytes, command.verdict.command, subjects, subjects.length > 0 ? later() : []).then((paid) => this.#open(step, paid)).catch(this.#ports.onFault);
    return true;
  }

  #open(step: FrameStep, paid: Outcome<unknown>): void {
    const behind = this.#behind ?? [];
    this.#behind = undefined;
    this.#ports.goOn(step, paid);
    for (const chunk of behind) this.#ports.take(chunk);
    if (!this.isShut) this.#ports.onRoom();
  }
}
