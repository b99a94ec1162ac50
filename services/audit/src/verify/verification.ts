import { accepted, leafHash, LedgerChain, type Batch, type Outcome, type StoredBatch, type VerifyProducer } from '@interlock/kernel';
import type { RpcClient, RpcResponse, Trust } from '@interlock/contracts';
import { StreamDamaged } from '@interlock/adapter-jetstream';
import { CHECKPOINT_PATH, checkLog, eventIdOf, LogDamaged, openCheckpoint, readBundle, readTile, TILE_WIDTH, TileTree, verifyConsistency, type Checkpoint, type LogFinding, type NoteVerifier, type TileSource } from '@interlock/adapter-tile-log';
import type { WholeLedger } from '../ledger/feed.js';
import type { Generations } from '../views/generations.js';
import { LogUnavailable, patiently } from './patience.js';
import type { RecordingCheck } from './recording-check.js';

export type VerificationReport = RpcResponse<'audit.verify'>;
type Finding = NonNullable<VerificationReport['finding']>;

export interface VerificationParts {
  readonly ledger: WholeLedger;
  readonly rpc: RpcClient;
  readonly trust: Trust;
  readonly verify: VerifyProducer;
  readonly generations: Pick<Generations, 'seenCheckpoint' | 'rememberCheckpoint'>;
  readonly recordings: Pick<RecordingCheck, 'check'>;
}

/**
 * Walks everything that can be checked without believing anybody: the sealed log against its signed checkpoint and
 * against the checkpoint seen last, the whole ledger (form, signatures, chains, sequence) against the sealed log leaf by
 * leaf, and every recorded chunk against the hash in the ledger. It stops at the first thing that is wrong and names it;
 * chunks that cannot be compared are counted, and the first is named when nothing else is wrong.
 */
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
    const { checkpoint: note } = answer.value;
    const key = this.#logKey(note);
    const checkpoint = openCheckpoint(note, key);
    if (!checkpoint.ok) return accepted({ ok: false, events: 0, batches: 0, uncomparedChunks: 0, checkpoint: note, finding: { sequence: 0, detail: checkpoint.refusal.detail } });
    const tiles = new ServedTiles(this.parts.rpc, note);
    const walk = new Walk(this.parts, tiles, checkpoint.value, (await checkLog(tiles, key)).finding);
    const finding = (await walk.run(signal)) ?? (await this.#checkHistory(checkpoint.value, tiles));
    if (!finding) await this.parts.generations.rememberCheckpoint({ origin: key.name, size: checkpoint.value.size, root: checkpoint.value.root.toString('base64') });
    return accepted({ ok: finding === undefined, events: walk.events, batches: walk.batches, uncomparedChunks: walk.uncomparedChunks, checkpoint: note, ...(finding && { finding }) });
  }

  /** The recorder's key from trust.json, under the name that the checkpoint gives its log. */
  #logKey(note: string): NoteVerifier {
    return { name: note.split('\n', 1)[0] ?? '', publicKey: Buffer.from(this.parts.trust.services['recorder']?.signingKey ?? '', 'base64') };
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

/** One walk over the ledger. */
class Walk {
  events = 0;
  batches = 0;
  uncomparedChunks = 0;
  #firstUncompared: Finding | undefined;
  readonly #chain: LedgerChain;
  #tile: { readonly index: number; readonly hashes: readonly Buffer[] } | undefined;

  constructor(private readonly parts: VerificationParts, private readonly tiles: TileSource, private readonly checkpoint: Checkpoint, private readonly damage: LogFinding | undefined) {
    this.#chain = new LedgerChain(parts.verify);
  }

  async run(signal: AbortSignal): Promise<Finding | undefined> {
    const last = await this.parts.ledger.lastSequence();
    const end = new AbortController();
    let finding: Finding | undefined;
    try {
      if (last > 0) {
        await this.parts.ledger.follow(1, async (stored) => {
          finding = await this.#check(stored);
          if (finding || stored.sequence >= last) end.abort();
        }, AbortSignal.any([signal, end.signal]));
      }
    } catch (fault) {
      if (!(fault instanceof StreamDamaged)) throw fault;
      finding = await this.#at(this.#chain.position.sequence + 1, fault.message);
    }
    return finding ?? this.#atEnd(last, signal);
  }

  async #atEnd(last: number, signal: AbortSignal): Promise<Finding | undefined> {
    signal.throwIfAborted();
    if (this.events < this.checkpoint.size) {
      return this.#at(last + 1, `The ledger ends after ${this.events} events, and ${this.checkpoint.size} are sealed: it lost the rest, or was set back.`);
    }
    return this.damage ? damageAt(this.damage, last) : this.#firstUncompared;
  }

  async #check(stored: StoredBatch): Promise<Finding | undefined> {
    const batch = this.#chain.advance(stored);
    if (!batch.ok) return this.#at(stored.sequence, batch.refusal.detail);
    const finding = (await this.#compare(stored, batch.value)) ?? (await this.#checkRecordings(stored, batch.value));
    this.batches += 1;
    this.events += batch.value.records.length;
    return finding;
  }

  /** What could not be compared proves nothing wrong by itself: the walk goes on, and names the first at its end. */
  async #checkRecordings(stored: StoredBatch, batch: Batch): Promise<Finding | undefined> {
    const { wrong, uncompared } = await patiently(() => this.parts.recordings.check(stored.sequence, batch));
    this.uncomparedChunks += uncompared.length;
    this.#firstUncompared ??= uncompared[0];
    return wrong;
  }

  /** Every sealed leaf must be the leaf that this event makes. Leaves that only together miss the root are told apart by the ledger. */
  async #compare(stored: StoredBatch, batch: Batch): Promise<Finding | undefined> {
    for (const [position, record] of batch.records.entries()) {
      const leaf = this.events + position;
      const { id } = record.metadata;
      if (leaf >= this.checkpoint.size) return undefined;
      if (this.damage?.index === leaf && this.damage.path !== CHECKPOINT_PATH) return { ...damageAt(this.damage, stored.sequence), event: id };
      const sealed = await this.#sealedHash(leaf);
      if (!sealed.equals(leafHash(record.entry))) {
        return this.#other(stored.sequence, leaf, id);
      }
    }
    return undefined;
  }

  /** Another event stands where one was sealed: the sealed one is named, since it is the one that is missing. */
  async #other(sequence: number, leaf: number, found: string): Promise<Finding> {
    const sealed = (await this.#sealedEvent(leaf)) ?? found;
    const detail = sealed === found ? `The event is not as it was sealed as leaf ${leaf}.` : `The ledger holds the event ${found} where ${sealed} was sealed as leaf ${leaf}.`;
    return { sequence, event: sealed, detail };
  }

  async #sealedHash(leaf: number): Promise<Buffer> {
    const index = Math.floor(leaf / TILE_WIDTH);
    if (this.#tile?.index !== index) this.#tile = { index, hashes: await readTile(this.tiles, 0, index, this.checkpoint.size) };
    return this.#tile.hashes[leaf % TILE_WIDTH]!;
  }

  /** A finding about what the ledger should hold next; the sealed log still knows its name. */
  async #at(sequence: number, detail: string): Promise<Finding> {
    const event = this.events < this.checkpoint.size ? await this.#sealedEvent(this.events) : undefined;
    return { sequence, ...(event !== undefined && { event }), detail: event === undefined ? detail : `${detail} The log sealed the event ${event} there.` };
  }

  async #sealedEvent(leaf: number): Promise<string | undefined> {
    try {
      const entry = (await readBundle(this.tiles, Math.floor(leaf / TILE_WIDTH), this.checkpoint.size))[leaf % TILE_WIDTH];
      return entry && eventIdOf(entry);
    } catch (fault) {
      if (fault instanceof LogDamaged) return undefined;
      throw fault;
    }
  }
}

function damageAt({ event, path, detail }: LogFinding, sequence: number): Finding {
  return { sequence, ...(event !== undefined && { event }), detail: `${path}: ${detail}` };
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
