import { accepted, type Outcome, type StoredBatch, type VerifyProducer } from '@interlock/kernel';
import type { RpcClient, RpcResponse, Trust } from '@interlock/contracts';
import { StreamDamaged } from '@interlock/adapter-jetstream';
import { LogDamaged, TileTree, verifyConsistency, type Checkpoint, type TileSource } from '@interlock/adapter-tile-log';
import { checkEvidence, LedgerDamaged, logKeyOf, type BatchSource, type Finding } from '@interlock/evidence';
import type { WholeLedger } from '../ledger/feed.js';
import type { Generations } from '../views/generations.js';
import { LogUnavailable, patiently } from './patience.js';
import type { RecordingCheck } from './recording-check.js';

export type VerificationReport = RpcResponse<'audit.verify'>;

export interface VerificationParts {
  readonly ledger: WholeLedger;
  readonly rpc: RpcClient;
  readonly trust: Trust;
  readonly verify: VerifyProducer;
  readonly generations: Pick<Generations, 'seenCheckpoint' | 'rememberCheckpoint'>;
  readonly recordings: Pick<RecordingCheck, 'check'>;
}

/** Checks the evidence where it lies: the log that the recorder serves, the ledger on the bus, every recorded chunk, and that the log has only grown since it was checked last. */
export class Verification {
  #underWay: Promise<Outcome<VerificationReport>> | undefined;

  constructor(private readonly parts: VerificationParts) {}

  /** One walk at a time: who asks meanwhile gets its result. */
  run(signal: AbortSignal): Promise<Outcome<VerificationReport>> {
    this.#underWay ??= this.#run(signal).finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  async #run(signal: AbortSignal): Promise<Outcome<VerificationReport>> {
    const answer = await this.parts.rpc.call('recorder.checkpoint', {});
    if (!answer.ok) return answer;
    const { rpc, trust, verify, recordings, ledger } = this.parts;
    const { checkpoint: note } = answer.value;
    const tiles = new ServedTiles(rpc, note);
    const logKey = Buffer.from(trust.services['recorder']?.signingKey ?? '', 'base64');
    const { checkpoint, finding: found, ...counted } = await checkEvidence({
      tiles, verify, logKey, checkpoint: note, ledger: new StreamedLedger(ledger), recordings: (sequence, batch) => patiently(() => recordings.check(sequence, batch)),
    }, signal);
    const finding = found ?? (checkpoint && (await this.#checkHistory(checkpoint, tiles)));
    if (!finding && checkpoint) await this.parts.generations.rememberCheckpoint({ origin: logKeyOf({ checkpoint: note, logKey }).name, size: checkpoint.size, root: checkpoint.root.toString('base64') });
    return accepted({ ok: finding === undefined, ...counted, checkpoint: note, ...(finding && { finding }) });
  }

  /** The log may only have grown since it was last verified. */
  async #checkHistory(checkpoint: Checkpoint, tiles: TileSource): Promise<Finding | undefined> {
    const seen = await this.parts.generations.seenCheckpoint(checkpoint.origin);
    if (!seen) return undefined;
    const shrunk = { sequence: 0, detail: `The log has ${checkpoint.size} leaves and had ${seen.size} when it was last verified: it was set back.` };
    if (checkpoint.size < seen.size) return shrunk;
    try {
      const path = await new TileTree(tiles, checkpoint.size).consistency(seen.size);
      if (verifyConsistency(seen.size, Buffer.from(seen.root, 'base64'), checkpoint.size, checkpoint.root, path)) return undefined;
    } catch (fault) {
      if (!(fault instanceof LogDamaged)) throw fault;
      return { sequence: 0, detail: `The log gives no proof that it extends the ${seen.size} leaves that were last verified: ${fault.message}.` };
    }
    return { sequence: 0, detail: `The log does not extend the ${seen.size} leaves that were last verified: its history was rewritten.` };
  }
}

/** The ledger as the bus holds it. */
class StreamedLedger implements BatchSource {
  constructor(private readonly ledger: WholeLedger) {}

  lastSequence(): Promise<number> {
    return this.ledger.lastSequence();
  }

  async follow(from: number, onBatch: (batch: StoredBatch) => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await this.ledger.follow(from, onBatch, signal);
    } catch (fault) {
      throw fault instanceof StreamDamaged ? new LedgerDamaged(fault.message) : fault;
    }
  }
}

/** The log as the recorder serves it, with the checkpoint of one moment. */
class ServedTiles implements TileSource {
  constructor(private readonly rpc: RpcClient, private readonly note: string) {}

  async read(path: string): Promise<Buffer | undefined> {
    return path === 'checkpoint' ? Buffer.from(this.note) : patiently(() => this.#ask(path));
  }

  async #ask(path: string): Promise<Buffer | undefined> {
    const answer = await this.rpc.call('recorder.tile', { path });
    if (answer.ok) return Buffer.from(answer.value.bytes, 'base64');
    if (answer.refusal.reason === 'not_found') return undefined;
    throw new LogUnavailable(`the recorder did not give ${path}: ${answer.refusal.detail}`);
  }
}
