import { setTimeout as sleep } from 'node:timers/promises';
import { LEDGER_START, LedgerChain, type LedgerPosition, type LedgerReader, type Outcome, type Refusal, type StoredBatch, type VerifyProducer } from '@interlock/kernel';
import { noTracing, type Tracing } from '@interlock/adapter-telemetry';
import { StreamDamaged } from '@interlock/adapter-jetstream';
import type { Logger } from '@interlock/nest';
import type { SealedState } from './sealing/position-store.js';
import { SealTrail } from './sealing/seal-trail.js';
import type { Sealer } from './sealing/sealer.js';
import type { OpenCommands } from './settlement/open-commands.js';
import type { Settlement } from './settlement/settlement.js';

/** Why sealing stopped. */
export interface Incident {
  /** Sequence of the batch that cannot be sealed. */
  readonly sequence: number;
  readonly reason: string;
  readonly detail: string;
}

/** What keeps the ledger sealed, or says why it is not. */
export interface Keeper {
  /** Why sealing stopped for good. */
  readonly incident: Incident | undefined;
  /** What keeps sealing from going on at the moment. */
  readonly problem: string | undefined;
  /** The newest batch under a checkpoint. */
  readonly sealed: LedgerPosition;
  start(): void;
  close(): Promise<void>;
}

export interface RecorderLimits {
  /** A checkpoint is signed at most this long after a batch arrived. */
  readonly sealEveryMs: number;
  /** Leaves that wait for a checkpoint before more are read. */
  readonly sealLeaves: number;
}

export interface RecorderParts {
  readonly reader: LedgerReader;
  readonly verify: VerifyProducer;
  readonly sealer: Sealer;
  readonly open: OpenCommands;
  readonly settlement: Settlement;
  readonly log: Logger;
  readonly limits: RecorderLimits;
  /** Off when absent. */
  readonly tracing?: Tracing;
}

const RETRY_MS = 1_000;
const SETTLE_EVERY_MS = 1_000;

/**
 * Follows the ledger from where the last checkpoint left it and seals what holds. A batch that does not hold is an
 * incident: what lies before it is sealed, it and everything after it is not, until an operator has looked.
 */
export class Recorder implements Keeper {
  readonly #chain: LedgerChain;
  readonly #trail: SealTrail;
  readonly #stop = new AbortController();
  #incident: Incident | undefined;
  #problem: string | undefined;
  #resumed: boolean;
  #sealed: LedgerPosition;
  #sealing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: RecorderParts, sealed: SealedState) {
    this.#chain = new LedgerChain(parts.verify, sealed.position, sealed.runs);
    this.#trail = new SealTrail(parts.tracing ?? noTracing);
    this.#resumed = sealed.position.sequence === 0;
    this.#sealed = sealed.position;
  }

  get incident(): Incident | undefined {
    return this.#incident;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get sealed(): LedgerPosition {
    return this.#sealed;
  }

  start(): void {
    this.#work = Promise.all([this.#follow(), this.#settle()]);
  }

  /** Seals what was read and ends. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#work;
    clearTimeout(this.#timer);
    await this.#seal();
  }

  async #follow(): Promise<void> {
    while (!this.#stop.signal.aborted && !this.#incident) {
      try {
        const { sequence } = this.#chain.position;
        await this.#checkEnd();
        if (this.#incident) break;
        this.#problem = undefined;
        await this.parts.reader.follow(this.#resumed ? sequence + 1 : sequence, (stored) => this.#take(stored), this.#stop.signal);
      } catch (fault) {
        if (fault instanceof Halted) break;
        if (fault instanceof StreamDamaged) this.#halt(this.#chain.position.sequence + 1, { reason: 'stream_damaged', detail: fault.message });
        if (this.#incident) break;
        this.#problem = 'the ledger cannot be read';
        this.parts.log.error('the ledger cannot be read', { error: fault });
        await this.#pause(RETRY_MS);
      }
    }
    if (this.#incident) await this.#seal();
  }

  /** A stream that is shorter than what was sealed was set back; what it is given next would be taken for new. */
  async #checkEnd(): Promise<void> {
    const { sequence } = this.#chain.position;
    const last = await this.parts.reader.lastSequence();
    if (last < sequence) {
      this.#halt(last, { reason: 'ledger_reissued', detail: `The ledger ends at sequence ${last}, and it is sealed up to ${sequence}: the bus was set back to an older state.` });
    }
  }

  async #take(stored: StoredBatch): Promise<void> {
    this.#problem = undefined;
    if (!this.#resumed) return this.#confirm(stored);
    const batch = this.#chain.advance(stored);
    if (!batch.ok) return this.#refuse(stored.sequence, batch);
    this.parts.open.observe(stored.subject ?? '', batch.value);
    this.parts.sealer.add(batch.value);
    this.#trail.add(stored.sequence, batch.value);
    if (this.parts.sealer.waiting >= this.parts.limits.sealLeaves) await this.#seal();
    else this.#timer ??= setTimeout(() => void this.#seal(), this.parts.limits.sealEveryMs);
  }

  /** The first batch read after a start is the last one sealed: it must still be that one. */
  #confirm(stored: StoredBatch): void {
    const confirmed = this.#chain.confirm(stored);
    if (!confirmed.ok) return this.#refuse(stored.sequence, confirmed);
    this.#resumed = true;
  }

  #refuse(sequence: number, outcome: Outcome<unknown>): never {
    if (!outcome.ok) this.#halt(sequence, outcome.refusal);
    throw new Halted();
  }

  #halt(sequence: number, refusal: Pick<Refusal, 'reason' | 'detail'>): void {
    this.#incident = { sequence, reason: refusal.reason, detail: refusal.detail };
    this.parts.log.error('sealing stopped', { ...this.#incident });
  }

  /** One seal at a time; it tries again until the disk takes it, so that nothing read is lost or overtaken. */
  #seal(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sealing = this.#sealing.then(() => this.#sealUntilDone());
    return this.#sealing;
  }

  async #sealUntilDone(): Promise<void> {
    for (;;) {
      try {
        const state = this.#stateNow();
        const { waiting } = this.#trail;
        await this.parts.sealer.seal(state);
        this.#trail.sealed(waiting);
        this.#sealed = state.position;
        this.#problem = undefined;
        return;
      } catch (fault) {
        this.#problem = `the log cannot be written: ${fault instanceof Error ? fault.message : 'fault'}`;
        this.parts.log.error('the log cannot be written', { error: fault });
        if (this.#stop.signal.aborted) return;
        await this.#pause(RETRY_MS);
      }
    }
  }

  #stateNow(): SealedState {
    return { position: this.#chain.position, runs: [...this.#chain.runs], open: this.parts.open.settled() };
  }

  async #settle(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#pause(SETTLE_EVERY_MS);
      if (this.#stop.signal.aborted || this.#incident || !this.parts.open.hasEnded) continue;
      try {
        await this.parts.settlement.settle((await this.parts.reader.lastSequence()) === this.#chain.position.sequence);
      } catch (fault) {
        this.parts.log.warn('open commands could not be settled yet', { error: fault });
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }
}

/** Ends the reading of the ledger; the incident says why. */
class Halted extends Error {
  override readonly name = 'Halted';
}

/** In place of a recorder where the log is damaged: nothing is sealed until an operator has looked. */
export class StoppedRecorder implements Keeper {
  readonly sealed = LEDGER_START;
  readonly incident: Incident;

  constructor(detail: string, private readonly log: Logger) {
    this.incident = { sequence: 0, reason: 'log_damaged', detail: `The sealed log is damaged: ${detail}.` };
  }

  get problem(): undefined {
    return undefined;
  }

  start(): void {
    this.log.error('sealing stopped', { ...this.incident });
  }

  async close(): Promise<void> {}
}

/** An incident in one sentence, for health. */
export function incidentText({ sequence, reason, detail }: Incident): string {
  return `sealing stopped at sequence ${sequence}: ${reason}. ${detail}`;
}
