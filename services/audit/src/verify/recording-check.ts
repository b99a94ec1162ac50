import type { Batch } from '@interlock/kernel';
import { EVENTS } from '@interlock/contracts';
import { openEvent } from '@interlock/adapter-sealing';
import type { EventKeys } from '../ledger/event-keys.js';
import { chunkOf, type RecordingMessages } from '../replay/recorded-bytes.js';

const TYPE = 'recording.chunk.v1';

/** Compares stored recordings with the hashes that the ledger holds of them. */
export class RecordingCheck {
  constructor(private readonly messages: RecordingMessages, private readonly keys: EventKeys) {}

  /** The first chunk told of in this batch that stream RECORDING does not hold as told. One whose key was destroyed cannot be compared. */
  async check(sequence: number, batch: Batch): Promise<{ sequence: number; event: string; detail: string } | undefined> {
    const chunks = batch.records.filter(({ metadata }) => metadata.type === TYPE);
    if (chunks.length === 0) return undefined;
    const keys = await this.keys.of(chunks.map(({ metadata }) => metadata.keyid));
    for (const { metadata, ciphertext } of chunks) {
      const key = keys.get(metadata.keyid);
      const told = key && EVENTS[TYPE].safeParse(jsonOf(openEvent(key, metadata.keyoffset, ciphertext)));
      if (!told) continue;
      if (!told.success) return { sequence, event: metadata.id, detail: `The payload of the event does not keep the contract ${TYPE}.` };
      const { sequence: streamSequence = null, offset: messageOffset = 0, bytes, hash, index } = told.data;
      if (streamSequence === null) continue;
      const found = await chunkOf(this.messages, { streamSequence, messageOffset, bytes, hash });
      if (!found.ok) return { sequence, event: metadata.id, detail: `Chunk ${index} of the recording, at sequence ${streamSequence} of stream RECORDING, is ${found.why === 'missing' ? 'missing' : 'not the one that was recorded'}.` };
    }
    return undefined;
  }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
