import { decodeBatch, signedText, type Batch, type BatchHeader } from './batch.js';
import { sha256Hex } from './digest.js';
import type { StoredBatch } from './event.js';
import { accepted, refused, type Outcome } from './outcome.js';

/** Whether `signature` (base64, Ed25519) over `text` is the producer's. False for a producer nobody knows. */
export type VerifyProducer = (producer: string, text: string, signature: string) => boolean;

/** The last batch of one run of one instance. */
export interface RunHead {
  readonly counter: number;
  readonly root: string;
}

/** A place in the ledger that survives its reader: sequence numbers alone can be reissued after a crash of the bus. */
export interface LedgerPosition {
  readonly epoch: string;
  /** 0 before the first batch. */
  readonly sequence: number;
  /** SHA-256 of that batch as stored, hexadecimal; empty before the first. */
  readonly hash: string;
}

export const LEDGER_START: LedgerPosition = { epoch: '', sequence: 0, hash: '' };

const FIRST_PREVIOUS_ROOT = '0'.repeat(64);

/**
 * Walks the ledger in order and accepts a batch only if nothing is missing, repeated, moved, forged or malformed: the
 * stream's sequence without a gap, the form, the subject, the producer's signature, its counter and previous root.
 *
 * After a refusal the chain stays where it was; the reader must stop there.
 */
export class LedgerChain {
  readonly #runs: Map<string, RunHead>;
  #position: LedgerPosition;

  constructor(private readonly verify: VerifyProducer, position: LedgerPosition = LEDGER_START, runs: Iterable<readonly [string, RunHead]> = []) {
    this.#position = position;
    this.#runs = new Map(runs);
  }

  get position(): LedgerPosition {
    return this.#position;
  }

  /** Head of every run so far, by `<producer>/<instance>-<run>`. */
  get runs(): ReadonlyMap<string, RunHead> {
    return this.#runs;
  }

  advance(stored: StoredBatch): Outcome<Batch> {
    const placed = this.#checkPlace(stored);
    if (!placed.ok) return placed;
    const decoded = decodeBatch(stored.bytes);
    if (!decoded.ok) return decoded;
    const refusal = this.#checkProducer(stored, decoded.value) ?? this.#checkRun(decoded.value.header);
    if (refusal) return refusal;
    const { header } = decoded.value;
    this.#runs.set(runOf(header), { counter: header.counter, root: header.root });
    this.#position = { epoch: stored.epoch, sequence: stored.sequence, hash: sha256Hex(stored.bytes) };
    return decoded;
  }

  /** Whether the stream still holds, at the position reached, the batch that was read there. */
  confirm(stored: StoredBatch): Outcome<LedgerPosition> {
    const { epoch, sequence, hash } = this.#position;
    if (stored.epoch === epoch && stored.sequence === sequence && sha256Hex(stored.bytes) === hash) return accepted(this.#position);
    return refused('ledger_reissued', `At sequence ${sequence} of epoch ${epoch} the ledger holds another batch than the one that was read there: its sequence numbers were reissued or its store was changed.`, {
      hint: 'Do not go on writing. Compare the bus with its backups and with the sealed log.',
    });
  }

  #checkPlace(stored: StoredBatch): Outcome<unknown> {
    const { epoch, sequence } = this.#position;
    if (sequence > 0 && stored.epoch !== epoch) return refused('epoch_changed', `The ledger is of epoch ${stored.epoch}, not of ${epoch}.`);
    if (stored.sequence === sequence + 1) return accepted(undefined);
    return refused('sequence_gap', `After sequence ${sequence} the ledger goes on with ${stored.sequence}: batches are missing or repeated.`);
  }

  #checkProducer(stored: StoredBatch, { header, records }: Batch): Outcome<never> | undefined {
    if (records.length === 0) return refused('batch_empty', 'The ledger batch holds no event.');
    if (!isSubjectOf(header, stored.subject)) {
      return refused('subject_foreign', `The batch of ${header.producer}/${header.instance} lies on subject ${stored.subject ?? '(none)'}.`);
    }
    if (!isCanonicalBase64(header.signature) || !this.verify(header.producer, signedText(header), header.signature)) {
      return refused('signature_wrong', `The batch is not signed by ${header.producer}.`);
    }
    const foreign = records.find((record) => !record.metadata.source.startsWith(`interlock/${header.producer}/`));
    return foreign && refused('source_foreign', `Event ${foreign.metadata.id} names the source ${foreign.metadata.source} in a batch of ${header.producer}.`);
  }

  #checkRun(header: BatchHeader): Outcome<never> | undefined {
    const head = this.#runs.get(runOf(header)) ?? { counter: 0, root: FIRST_PREVIOUS_ROOT };
    if (header.counter === head.counter + 1 && header.previousRoot === head.root) return undefined;
    return refused('chain_broken', `Batch ${header.counter} of ${runOf(header)} does not follow its batch ${head.counter}: one of them was lost, repeated or changed.`);
  }
}

/** Names one run of one instance of a producer. */
export function runOf(header: Pick<BatchHeader, 'producer' | 'instance'>): string {
  return `${header.producer}/${header.instance}`;
}

/** The subject ends in the instance, the header's instance in `<instance>-<run>`. */
function isSubjectOf(header: BatchHeader, subject: string | undefined): boolean {
  const prefix = `ledger.${header.producer}.`;
  return subject !== undefined && subject.startsWith(prefix) && header.instance.startsWith(`${subject.slice(prefix.length)}-`);
}

/** The last character of base64 has bits that mean nothing; a changed one must show all the same. */
function isCanonicalBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}
