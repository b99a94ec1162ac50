import { sha256 } from './digest.js';
import { leafHash, merkleRoot } from './merkle.js';
import type { EventMetadata } from './event.js';
import { accepted, refused, type Outcome } from './outcome.js';
import { LIMITS } from './limits.js';

/**
 * The wire form of a ledger batch: everything a producer had waiting while its last acknowledgement was under way.
 *
 *     "ILB1" | u32 length | header (JSON) | record*
 *     record := u32 length | metadata (JSON) | salt (16) | u32 length | ciphertext
 *
 * Integers are big-endian. The header is signed: producer, instance, counter, previous root, root and count, so that a
 * gap, a reorder or a forged acknowledgement shows. The root is the RFC 6962 root over the records' leaves, so one
 * event can be proved without its neighbours.
 */
export interface BatchHeader {
  readonly producer: string;
  readonly instance: string;
  /** Starts at 1 for every instance's run and grows by one. */
  readonly counter: number;
  /** Root of this instance's previous batch, hexadecimal; zeros for the first. */
  readonly previousRoot: string;
  readonly root: string;
  readonly count: number;
  /** Ed25519 over {@link signedText}, base64. */
  readonly signature: string;
}

export interface SealedRecord {
  readonly metadata: EventMetadata;
  /** The metadata exactly as hashed. */
  readonly metadataBytes: Buffer;
  readonly salt: Buffer;
  readonly ciphertext: Buffer;
  /** What the log holds of it, as {@link leafEntry} makes it. */
  readonly entry: Buffer;
}

export interface Batch {
  readonly header: BatchHeader;
  readonly records: readonly SealedRecord[];
}

export const SALT_BYTES = 16;
const MAGIC = Buffer.from('ILB1', 'latin1');
const HEADER_BYTES_MAX = 1_024;

/** What the producer signs. */
export function signedText(header: Omit<BatchHeader, 'signature'>): string {
  return `interlock-batch/v1\n${header.producer}\n${header.instance}\n${header.counter}\n${header.previousRoot}\n${header.root}\n${header.count}\n`;
}

/** The log entry of one event: u32 length | metadata | salt | SHA-256(ciphertext). Destroying the key leaves it valid. */
export function leafEntry(metadata: Uint8Array, salt: Uint8Array, ciphertext: Uint8Array): Buffer {
  const entry = Buffer.allocUnsafe(4 + metadata.length + SALT_BYTES + 32);
  entry.writeUInt32BE(metadata.length, 0);
  entry.set(metadata, 4);
  entry.set(salt, 4 + metadata.length);
  entry.set(sha256(ciphertext), 4 + metadata.length + SALT_BYTES);
  return entry;
}

export interface UnsignedRecord {
  readonly metadataBytes: Uint8Array;
  readonly salt: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Builds, roots and signs one batch. `sign` returns the Ed25519 signature of the text. */
export function encodeBatch(
  producer: { readonly producer: string; readonly instance: string; readonly counter: number; readonly previousRoot: string },
  records: readonly UnsignedRecord[],
  sign: (text: string) => Uint8Array,
): { readonly bytes: Buffer; readonly root: string } {
  const root = merkleRoot(records.map((r) => leafHash(leafEntry(r.metadataBytes, r.salt, r.ciphertext)))).toString('hex');
  const unsigned = { ...producer, root, count: records.length };
  const header: BatchHeader = { ...unsigned, signature: Buffer.from(sign(signedText(unsigned))).toString('base64') };
  const parts: Uint8Array[] = [MAGIC, ...lengthPrefixed(Buffer.from(JSON.stringify(header)))];
  for (const record of records) {
    parts.push(...lengthPrefixed(record.metadataBytes), record.salt, ...lengthPrefixed(record.ciphertext));
  }
  return { bytes: Buffer.concat(parts), root };
}

function lengthPrefixed(bytes: Uint8Array): [Buffer, Uint8Array] {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(bytes.length, 0);
  return [length, bytes];
}

/**
 * Reads a batch and checks its form, its limits, its count and its root. It does not check the signature or the place
 * of the batch in its producer's chain: those need the producer's key and its previous batch.
 */
export function decodeBatch(bytes: Uint8Array): Outcome<Batch> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, 4).equals(MAGIC)) return malformed('it does not begin with the batch magic');
  const cursor = { at: 4 };
  const headerBytes = take(buffer, cursor, HEADER_BYTES_MAX);
  if (!headerBytes) return malformed('its header is cut short or too long');
  const header = parseJson(headerBytes);
  if (!isHeader(header)) return malformed('its header is not a batch header');
  const records: SealedRecord[] = [];
  while (cursor.at < buffer.length) {
    const record = takeRecord(buffer, cursor);
    if (!record) return malformed(`record ${records.length} is cut short, too long or not an event`);
    records.push(record);
    if (records.length > LIMITS.batchEvents) return malformed(`it holds more than ${LIMITS.batchEvents} events`);
  }
  if (records.length !== header.count) return malformed('it does not hold as many events as its header says');
  const root = merkleRoot(records.map(({ entry }) => leafHash(entry))).toString('hex');
  if (root !== header.root) return malformed('its events do not lead to its root');
  return accepted({ header, records });
}

function takeRecord(buffer: Buffer, cursor: { at: number }): SealedRecord | undefined {
  const metadataBytes = take(buffer, cursor, LIMITS.metadataBytes);
  if (!metadataBytes) return undefined;
  const salt = buffer.subarray(cursor.at, cursor.at + SALT_BYTES);
  cursor.at += SALT_BYTES;
  const ciphertext = take(buffer, cursor, LIMITS.payloadBytes);
  const metadata = parseJson(metadataBytes);
  if (!ciphertext || salt.length !== SALT_BYTES || !isMetadata(metadata)) return undefined;
  return { metadata, metadataBytes, salt, ciphertext, entry: leafEntry(metadataBytes, salt, ciphertext) };
}

function take(buffer: Buffer, cursor: { at: number }, ceiling: number): Buffer | undefined {
  if (cursor.at + 4 > buffer.length) return undefined;
  const length = buffer.readUInt32BE(cursor.at);
  const start = cursor.at + 4;
  if (length > ceiling || start + length > buffer.length) return undefined;
  cursor.at = start + length;
  return buffer.subarray(start, cursor.at);
}

function malformed(detail: string): Outcome<Batch> {
  return refused('batch_malformed', `The ledger batch is malformed: ${detail}.`);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isHeader(value: unknown): value is BatchHeader {
  const header = value as Partial<BatchHeader> | undefined | null;
  return (
    typeof header === 'object' && header !== null &&
    [header.producer, header.instance, header.previousRoot, header.root, header.signature].every((member) => typeof member === 'string') &&
    Number.isSafeInteger(header.counter) && Number.isSafeInteger(header.count)
  );
}

function isMetadata(value: unknown): value is EventMetadata {
  const metadata = value as Partial<EventMetadata> | undefined | null;
  return (
    typeof metadata === 'object' && metadata !== null &&
    [metadata.id, metadata.source, metadata.type, metadata.time, metadata.tenant, metadata.keyid].every((member) => typeof member === 'string') &&
    Number.isSafeInteger(metadata.keyoffset)
  );
}
