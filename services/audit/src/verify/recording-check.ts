import type { Batch, SealedRecord } from '@interlock/kernel';
import { EVENTS } from '@interlock/contracts';
import { openEvent, type RevealedKeys } from '@interlock/adapter-sealing';
import type { ChunksChecked, Finding } from '@interlock/evidence';
import { chunkOf, type RecordingMessages } from '../replay/recorded-bytes.js';

const TYPE = 'recording.chunk.v1';

type Verdict = 'sound' | { readonly wrong: string } | { readonly uncompared: string };

/** Compares stored recordings with the hashes that the ledger holds of them. */
export class RecordingCheck {
  constructor(private readonly messages: RecordingMessages, private readonly keys: Pick<RevealedKeys, 'of'>) {}

  /** Compares the chunks told of in this batch, up to the first that is wrong. */
  async check(sequence: number, batch: Batch): Promise<ChunksChecked> {
    const chunks = batch.records.filter(({ metadata }) => metadata.type === TYPE);
    const uncompared: Finding[] = [];
    if (chunks.length === 0) return { uncompared };
    const keys = await this.keys.of(chunks.map(({ metadata }) => metadata.keyid));
    for (const chunk of chunks) {
      const verdict = await this.#compare(chunk, keys.get(chunk.metadata.keyid));
      if (verdict === 'sound') continue;
      if ('wrong' in verdict) return { wrong: { sequence, event: chunk.metadata.id, detail: verdict.wrong }, uncompared };
      uncompared.push({ sequence, event: chunk.metadata.id, detail: verdict.uncompared });
    }
    return { uncompared };
  }

  async #compare({ metadata, ciphertext }: SealedRecord, key: Buffer | undefined): Promise<Verdict> {
    if (!key) return { uncompared: `The recorder gives no key for ${metadata.keyid}, and no erasure of it is recorded: what the event tells of a recorded chunk cannot be read.` };
    const told = EVENTS[TYPE].safeParse(jsonOf(openEvent(key, metadata.keyoffset, ciphertext)));
    if (!told.success) return { wrong: `The payload of the event does not keep the contract ${TYPE}.` };
    const { sequence: streamSequence, offset: messageOffset = 0, bytes, hash, index } = told.data;
    if (streamSequence === undefined) return { uncompared: `The event does not say where in stream RECORDING chunk ${index} of the recording lies.` };
    const found = await chunkOf(this.messages, { streamSequence, messageOffset, bytes, hash });
    if (found.ok) return 'sound';
    return { wrong: `Chunk ${index} of the recording, at sequence ${streamSequence} of stream RECORDING, is ${found.why === 'missing' ? 'missing' : 'not the one that was recorded'}.` };
  }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
