import type { View } from '../view.js';
import type { RecordingRow } from './row.js';

const HANDLED = ['recording.chunk.v1'] as const;

/** Where the recordings lie. A chunk told twice after an outage is the same row; one whose key is gone cannot be read and has none. */
export const recordings: View<RecordingRow, (typeof HANDLED)[number]> = {
  name: 'recordings',
  handled: HANDLED,

  keyOf: ({ metadata, data }) => (metadata.exchange && data ? `${metadata.exchange}/${data.index}` : undefined),

  evolve(row, { metadata, place, data }) {
    const { session, exchange, keyid } = metadata;
    if (row || !data || !session || !exchange) return row;
    return {
      chunk: `${exchange}/${data.index}`, session, exchange, index: data.index, firstByte: data.firstByte, bytes: data.bytes, hash: data.hash,
      streamSequence: data.sequence ?? null, messageOffset: data.offset ?? 0, keyId: keyid, keyOffset: data.keyOffset ?? null,
      recordedAt: metadata.time, sequence: place.sequence, position: place.position,
    };
  },
};
