import { leafHash, LedgerChain, type Batch, type StoredBatch } from '@interlock/kernel';
import { CHECKPOINT_PATH, checkLog, eventIdOf, LogDamaged, openCheckpoint, readBundle, readTile, TILE_WIDTH, type Checkpoint, type LogFinding, type NoteVerifier } from '@interlock/adapter-tile-log';
import { LedgerDamaged, type Evidence, type Finding } from './evidence.js';

/** What a check came to. */
export interface EvidenceReport {
  readonly events: number;
  readonly batches: number;
  /** Recorded chunks that could not be compared with their hashes. */
  readonly uncomparedChunks: number;
  /** Undefined where the checkpoint itself is not to be believed. */
  readonly checkpoint: Checkpoint | undefined;
  readonly finding: Finding | undefined;
}

/**
 * Checks everything that can be checked without believing anybody: the sealed log against its signed checkpoint, the whole ledger (form, signatures, chains, sequence) against the
 * sealed log leaf by leaf, and the recorded chunks it tells of. It stops at the first thing that is wrong and names it; chunks that cannot be compared are counted, and the
 * first is named when nothing else is wrong.
 */
export async function checkEvidence(evidence: Evidence, signal: AbortSignal): Promise<EvidenceReport> {
  const key = logKeyOf(evidence);
  const checkpoint = openCheckpoint(evidence.checkpoint, key);
  if (!checkpoint.ok) return { events: 0, batches: 0, uncomparedChunks: 0, checkpoint: undefined, finding: { sequence: 0, detail: checkpoint.refusal.detail } };
  const walk = new Walk(evidence, checkpoint.value, (await checkLog(evidence.tiles, key)).finding);
  const finding = await walk.run(signal);
  return { events: walk.events, batches: walk.batches, uncomparedChunks: walk.uncomparedChunks, checkpoint: checkpoint.value, finding };
}

/** The key that must have signed a checkpoint, under the name that the checkpoint gives its log. */
export function logKeyOf({ checkpoint, logKey }: Pick<Evidence, 'checkpoint' | 'logKey'>): NoteVerifier {
  return { name: checkpoint.split('\n', 1)[0] ?? '', publicKey: logKey };
}

/** One walk over the ledger. */
class Walk {
  events = 0;
  batches = 0;
  uncomparedChunks = 0;
  #firstUncompared: Finding | undefined;
  readonly #chain: LedgerChain;
  #tile: { readonly index: number; readonly hashes: readonly Buffer[] } | undefined;

  constructor(private readonly evidence: Evidence, private readonly checkpoint: Checkpoint, private readonly damage: LogFinding | undefined) {
    this.#chain = new LedgerChain(evidence.verify);
  }

  async run(signal: AbortSignal): Promise<Finding | undefined> {
    const last = await this.evidence.ledger.lastSequence();
    const end = new AbortController();
    let finding: Finding | undefined;
    try {
      if (last > 0) {
        await this.evidence.ledger.follow(1, async (stored) => {
          finding = await this.#check(stored);
          if (finding || stored.sequence >= last) end.abort();
        }, AbortSignal.any([signal, end.signal]));
      }
    } catch (fault) {
      if (!(fault instanceof LedgerDamaged)) throw fault;
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
    const { wrong, uncompared } = (await this.evidence.recordings?.(stored.sequence, batch)) ?? { wrong: undefined, uncompared: [] };
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
    if (this.#tile?.index !== index) this.#tile = { index, hashes: await readTile(this.evidence.tiles, 0, index, this.checkpoint.size) };
    return this.#tile.hashes[leaf % TILE_WIDTH]!;
  }

  /** A finding about what the ledger should hold next; the sealed log still knows its name. */
  async #at(sequence: number, detail: string): Promise<Finding> {
    const event = this.events < this.checkpoint.size ? await this.#sealedEvent(this.events) : undefined;
    return { sequence, ...(event !== undefined && { event }), detail: event === undefined ? detail : `${detail} The log sealed the event ${event} there.` };
  }

  async #sealedEvent(leaf: number): Promise<string | undefined> {
    try {
      const entry = (await readBundle(this.evidence.tiles, Math.floor(leaf / TILE_WIDTH), this.checkpoint.size))[leaf % TILE_WIDTH];
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
