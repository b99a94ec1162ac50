import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeBatch, type UnsignedRecord } from '@interlock/kernel';
import type { Bus } from './bus.js';
import { ExactAppend, type Attempt } from './exact-append.js';
import { readOnce } from './stored-message.js';

export interface ChainedBatch {
  readonly records: readonly UnsignedRecord[];
  /** False once nobody waits for it any more. */
  readonly wanted: () => boolean;
}

export interface BatchChainOptions {
  readonly service: string;
  readonly instance: string;
  readonly sign: (text: string) => Uint8Array;
  readonly onProblem?: (problem: string) => void;
}

const STREAM = 'LEDGER';
const ATTEMPT_MS = 1_000;
const RETRY_MS = 50;
const NO_ROOT = '0'.repeat(64);
/** An instance is one token of a subject. */
const INSTANCE = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * The chain of one producer's batches on its own subject, `ledger.<service>.<instance>`.
 *
 * A run is one unbroken chain: its first batch has counter 1 and a previous root of zeros, and every header names
 * `<instance>-<run>`. A start begins a new run, since a process cannot know whether its predecessor's last batch arrived;
 * so a run's end is open by one batch and nothing else. The subject stays bounded: it does not name the run.
 */
export class BatchChain {
  readonly #bus: Bus;
  readonly #options: BatchChainOptions;
  readonly #subject: string;
  #run = newRun();
  #counter = 0;
  #previousRoot = NO_ROOT;
  /** Last sequence of the subject; undefined until it was read. */
  #last: number | undefined;
  #reported = '';
  #stopped = false;

  constructor(bus: Bus, options: BatchChainOptions) {
    if (!INSTANCE.test(options.instance)) throw new RangeError(`the instance ${JSON.stringify(options.instance)} is not a name of letters, digits, dash and underscore`);
    this.#bus = bus;
    this.#options = options;
    this.#subject = `ledger.${options.service}.${options.instance}`;
  }

  /**
   * Stores one batch; the promise may take as long as the bus does. Undefined: it is certain that
   * the batch is not part of this run, because nobody waits for it any more or the run had to end.
   */
  async store(batch: ChainedBatch): Promise<{ readonly sequence: number } | undefined> {
    const { bytes, root } = this.#encode(batch.records);
    const append = new ExactAppend(this.#bus, {
      stream: STREAM, subject: this.#subject, payload: bytes, messageId: randomBytes(16).toString('hex'), readBack: () => ({ lastOn: this.#subject }),
    });
    while (!this.#stopped && (batch.wanted() || append.doubtful)) {
      const result = await this.#attempt(append);
      if (result.kind === 'stored') return this.#advance(result.sequence, root);
      if (result.kind === 'conflict' && !this.#adopt(result)) return undefined;
      if (result.kind === 'refused') this.#report(`The bus refuses batches on ${this.#subject}: ${result.detail}.`);
      if (result.kind !== 'conflict') await pause(RETRY_MS);
    }
    return undefined;
  }

  /** Ends the run where it is; the next batch is the first of another. */
  beginRun(): void {
    this.#run = newRun();
    this.#counter = 0;
    this.#previousRoot = NO_ROOT;
    this.#last = undefined;
  }

  /** Gives up a batch that is still not settled; only for the end of the process. */
  stop(): void {
    this.#stopped = true;
  }

  #encode(records: readonly UnsignedRecord[]): { readonly bytes: Buffer; readonly root: string } {
    const { service, instance, sign } = this.#options;
    const place = { producer: service, instance: `${instance}-${this.#run}`, counter: this.#counter + 1, previousRoot: this.#previousRoot };
    return encodeBatch(place, records, sign);
  }

  async #attempt(append: ExactAppend): Promise<Attempt> {
    if (!(await this.#bus.whenConnected(ATTEMPT_MS))) return { kind: 'unknown' };
    if (this.#last === undefined) {
      const found = await readOnce(this.#bus, STREAM, { lastOn: this.#subject }, ATTEMPT_MS);
      if (found === 'unanswered') return { kind: 'unknown' };
      this.#last = found?.sequence ?? 0;
    }
    return append.attempt(this.#last, ATTEMPT_MS);
  }

  #advance(sequence: number, root: string): { readonly sequence: number } {
    this.#counter += 1;
    this.#previousRoot = root;
    this.#last = sequence;
    this.#reported = '';
    return { sequence };
  }

  /**
   * Someone else wrote on this subject: a late message of a killed predecessor, or a second process with this instance's name.
   * A batch that certainly was not stored goes on behind it. One that may have been cannot be settled any more: it stays the
   * open end of this run, and the next batch begins a new one.
   */
  #adopt(conflict: Extract<Attempt, { kind: 'conflict' }>): boolean {
    this.#report(`Something else wrote on ${this.#subject}. Give every instance of ${this.#options.service} a name of its own.`);
    if (!conflict.settled) this.beginRun();
    this.#last = conflict.found?.sequence ?? 0;
    return conflict.settled;
  }

  #report(problem: string): void {
    if (problem === this.#reported) return;
    this.#reported = problem;
    this.#options.onProblem?.(problem);
  }
}

function newRun(): string {
  return randomBytes(8).toString('hex');
}
