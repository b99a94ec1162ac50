import { accepted, decodeBatch, refused, runOf, sha256Hex, signedText, type Batch, type Outcome, type SealedRecord, type StoredBatch, type VerifyProducer } from '@interlock/kernel';
import { EVENTS, type EventType } from '@interlock/contracts';
import { createEventOpener, type EventOpener as PayloadOpener, type RevealedKeys } from '@interlock/adapter-sealing';
import { baseOf, type EventPlace, type LedgerEvent, type Slice } from './ledger-event.js';

/** A batch that can be read, and is its producer's. */
export interface ReadBatch {
  readonly stored: StoredBatch;
  readonly batch: Batch;
}

const KNOWN_BASES = new Set(Object.keys(EVENTS).map(baseOf));

/** Reads the form of a stored batch and checks its producer's signature. Its place in the producer's chain is the recorder's business. */
export function readBatch(stored: StoredBatch, verify: VerifyProducer): Outcome<ReadBatch> {
  const batch = decodeBatch(stored.bytes);
  if (!batch.ok) return batch;
  const { header } = batch.value;
  if (!verify(header.producer, signedText(header), header.signature)) return refused('signature_wrong', `The batch is not signed by ${header.producer}.`);
  return accepted({ stored, batch: batch.value });
}

/** Turns batches into events: decrypts payloads and checks them against their contracts. */
export class EventOpener {
  constructor(private readonly keys: RevealedKeys) {}

  /**
   * Opens the events whose type is wanted; the others are left out.
   *
   * @throws KeysUnavailable
   */
  async open(batches: readonly ReadBatch[], wants: (type: string) => boolean): Promise<Slice> {
    const wanted = batches.map(({ stored, batch }) => ({ stored, batch, records: [...batch.records.entries()].filter(([, record]) => wants(record.metadata.type)) }));
    const keys = await this.keys.of(wanted.flatMap(({ records }) => records.map(([, { metadata }]) => metadata.keyid)));
    const openers = new Map([...keys].map(([id, key]) => [id, createEventOpener(key)]));
    return wanted.map(({ stored, batch, records }) => ({
      position: { epoch: stored.epoch, sequence: stored.sequence, hash: sha256Hex(stored.bytes) },
      events: records.map(([position, record]) =>
        eventOf(record, { sequence: stored.sequence, position, instance: stored.subject ?? '', run: runOf(batch.header) }, openers.get(record.metadata.keyid))),
    }));
  }
}

function eventOf(record: SealedRecord, place: EventPlace, opener: PayloadOpener | undefined): LedgerEvent {
  const { metadata } = record;
  const { type } = metadata;
  if (!isKnown(type)) {
    const reason = KNOWN_BASES.has(baseOf(type)) ? 'event_version_unknown' : 'event_type_unknown';
    return { type: 'foreign', metadata, place, reason, detail: `Event ${metadata.id} is a ${type}, which this version does not know.` };
  }
  if (!opener) return { type, metadata, place, data: undefined } as LedgerEvent;
  const parsed = EVENTS[type].safeParse(plainOf(record, opener));
  if (parsed.success) return { type, metadata, place, data: parsed.data } as LedgerEvent;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  return { type: 'foreign', metadata, place, reason: 'event_malformed', detail: `The payload of event ${metadata.id} does not keep the contract ${type}${where ? ` at ${where}` : ''}.` };
}

function plainOf({ metadata, ciphertext }: SealedRecord, opener: PayloadOpener): unknown {
  try {
    return JSON.parse(opener(metadata.keyoffset, ciphertext).toString('utf8'));
  } catch {
    return undefined;
  }
}

function isKnown(type: string): type is EventType {
  return Object.hasOwn(EVENTS, type);
}
