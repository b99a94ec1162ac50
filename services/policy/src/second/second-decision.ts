import { setTimeout as sleep } from 'node:timers/promises';
import { LEDGER_START, sha256Hex, type LedgerPosition, type LedgerReader, type StoredBatch } from '@interlock/kernel';
import type { RpcResponse } from '@interlock/contracts';
import type { Logger } from '@interlock/nest';
import type { DecisionReader } from './decision-reader.js';
import type { Differing, Incidents } from './incidents.js';
import type { PlaceFile } from './place-file.js';
import type { RecordedDecision, Undecidable } from './recorded.js';
import type { SecondJudge } from './second-judge.js';
import type { Mismatch, Tally } from './tally.js';

export interface SecondParts {
  readonly ledger: LedgerReader;
  readonly decisions: DecisionReader;
  readonly judge: SecondJudge;
  readonly incidents: Incidents;
  readonly place: PlaceFile;
  readonly tally: Tally;
  readonly log: Logger;
}

const RETRY_MS = 1_000;
const SAVE_EVERY_MS = 1_000;

/**
 * Follows the ledger and decides every recorded command a second time. Whoever decided otherwise is locked and told of; the place is
 * kept, so that a restart goes on. A crash between an incident and the keeping of the place raises it again, which locks nobody anew.
 */
export class SecondDecision {
  readonly #stop = new AbortController();
  #position: LedgerPosition;
  #last: StoredBatch | undefined;
  #isConfirmed: boolean;
  #problem: string | undefined;
  #work: Promise<void> = Promise.resolve();
  #saving: Promise<void> = Promise.resolve();
  #savedAtMs = 0;

  constructor(private readonly parts: SecondParts, position: LedgerPosition = LEDGER_START) {
    this.#position = position;
    this.#isConfirmed = position.sequence === 0;
  }

  start(): void {
    this.#work = this.#follow();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#work;
    await this.#save();
  }

  /** What keeps it from going on at the moment. */
  get problem(): string | undefined {
    return this.#problem;
  }

  async report(): Promise<RpcResponse<'policy.secondDecisions'>> {
    const { sequence } = this.#position;
    const lag = Math.max(0, (await this.parts.ledger.lastSequence()) - sequence);
    return { sequence, lag, ...this.parts.tally.now, ...(this.#problem !== undefined && { problem: this.#problem }) };
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.parts.ledger.follow(this.#position.sequence + (this.#isConfirmed ? 1 : 0), (stored) => this.#take(stored), signal);
      } catch (fault) {
        if (signal.aborted) return;
        this.#problem = fault instanceof Error ? fault.message : 'a fault';
        this.parts.log.warn('recorded commands cannot be decided again at the moment', { error: fault });
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #take(stored: StoredBatch): Promise<void> {
    if (!this.#isConfirmed) return this.#confirm(stored);
    const found = await this.parts.decisions.read(stored);
    const undecidable: Undecidable[] = [];
    const differing: Differing[] = [];
    for (const one of found) {
      if (one.kind === 'undecidable') undecidable.push(one);
      else await this.#review(one, undecidable, differing);
    }
    const mismatches = await this.#raise(differing);
    this.parts.tally.add(found.length - undecidable.length, mismatches, undecidable);
    this.#last = stored;
    this.#position = { epoch: stored.epoch, sequence: stored.sequence, hash: '' };
    this.#problem = undefined;
    if (mismatches.length > 0 || performance.now() - this.#savedAtMs >= SAVE_EVERY_MS) await this.#save();
  }

  async #review(decision: RecordedDecision, undecidable: Undecidable[], differing: Differing[]): Promise<void> {
    const review = await this.parts.judge.review(decision);
    if (review.kind === 'differs') differing.push({ decision, review });
    if (review.kind !== 'undecidable') return;
    const { event, sequence, connector } = decision;
    undecidable.push({ ...review, event, sequence, connector });
  }

  async #raise([first, ...rest]: readonly Differing[]): Promise<readonly Mismatch[]> {
    if (!first) return [];
    const mismatches = await this.parts.incidents.raise([first, ...rest]);
    for (const { event, connector, differences } of mismatches) this.parts.log.error('a connector decided otherwise than its rules', { event, connector, differences });
    return mismatches;
  }

  /** The batch at the place reached must still be the one that was read there: else the ledger was set back, and all of it is new. */
  #confirm(stored: StoredBatch): void {
    const { epoch, hash } = this.#position;
    if (stored.epoch !== epoch || sha256Hex(stored.bytes) !== hash) {
      throw new Error(`the ledger holds another batch at sequence ${stored.sequence} than was read there: it was set back, or its store was changed`);
    }
    this.#isConfirmed = true;
  }

  /** One at a time; a place that cannot be kept is a place to go on from that lies further back, no reason to stop. */
  #save(): Promise<void> {
    const last = this.#last;
    if (!last) return this.#saving;
    this.#last = undefined;
    this.#savedAtMs = performance.now();
    const position = { epoch: last.epoch, sequence: last.sequence, hash: sha256Hex(last.bytes) };
    const state = { position, sessions: this.parts.decisions.sessions.all(), tally: this.parts.tally.now };
    this.#saving = this.#saving.then(() => this.parts.place.save(state)).catch((error: unknown) => {
      this.#last ??= last;
      this.parts.log.error('the place of the second decision cannot be kept', { error });
    });
    return this.#saving;
  }
}
