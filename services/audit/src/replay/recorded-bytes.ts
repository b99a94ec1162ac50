import { sha256Hex } from '@interlock/kernel';
import { openEvent, type RevealedKeys } from '@interlock/adapter-sealing';
import { chunksOver } from '../views/recordings/query.js';
import type { RecordingRow } from '../views/recordings/row.js';
import type { Views } from '../views/views.js';

/** Reads messages of stream RECORDING. */
export interface RecordingMessages {
  /** The message at this sequence, undefined when there is none. */
  read(sequence: number): Promise<Uint8Array | undefined>;
}

/** Why recorded bytes cannot be shown. */
export type Unreadable = 'not_recorded' | 'missing' | 'changed' | 'erased';

/** The same in words. */
export const WORDS: Readonly<Record<Unreadable, string>> = {
  not_recorded: 'no recording of it is in the ledger', missing: 'its recording is missing', changed: 'its recording is not the one the ledger holds the hash of', erased: 'the recorder gives no key for it',
};

export type RecordedBytes = { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly why: Unreadable };

/** A chunk's ciphertext as the ledger's event describes it. */
export interface ChunkFacts {
  readonly streamSequence: number | null;
  readonly messageOffset: number;
  readonly bytes: number;
  readonly hash: string;
}

/** The ciphertext of a chunk, if stream RECORDING holds what the ledger says it does. */
export async function chunkOf(messages: RecordingMessages, chunk: ChunkFacts): Promise<RecordedBytes> {
  if (chunk.streamSequence === null) return { ok: false, why: 'not_recorded' };
  const message = await messages.read(chunk.streamSequence);
  if (!message) return { ok: false, why: 'missing' };
  const bytes = Buffer.from(message.buffer, message.byteOffset + chunk.messageOffset, Math.max(0, Math.min(chunk.bytes, message.length - chunk.messageOffset)));
  return sha256Hex(bytes) === chunk.hash ? { ok: true, bytes } : { ok: false, why: 'changed' };
}

/** What agents saw, by exchange and place, decrypted. */
export class Recordings {
  constructor(private readonly views: Views, private readonly messages: RecordingMessages, private readonly keys: RevealedKeys) {}

  /** Bytes `first` up to `end` of an exchange's recording, or as many of them as there are. */
  async read(exchange: string, first: number, end: number): Promise<RecordedBytes> {
    const chunks = await chunksOver(this.views.repository('recordings'), exchange, first, end);
    const parts: Buffer[] = [];
    let at = first;
    for (const chunk of chunks) {
      if (chunk.firstByte > at) return { ok: false, why: 'missing' };
      const plain = await this.#plain(chunk);
      if (!plain.ok) return plain;
      parts.push(plain.bytes.subarray(at - chunk.firstByte, end - chunk.firstByte));
      at = chunk.firstByte + chunk.bytes;
    }
    return parts.length > 0 || first === end ? { ok: true, bytes: Buffer.concat(parts) } : { ok: false, why: 'not_recorded' };
  }

  async #plain(chunk: RecordingRow): Promise<RecordedBytes> {
    const ciphertext = await chunkOf(this.messages, chunk);
    if (!ciphertext.ok) return ciphertext;
    const key = (await this.keys.of([chunk.keyId])).get(chunk.keyId);
    if (!key || chunk.keyOffset === null) return { ok: false, why: 'erased' };
    return { ok: true, bytes: openEvent(key, chunk.keyOffset, ciphertext.bytes) };
  }
}
