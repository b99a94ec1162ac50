import type { Bus } from './bus.js';

/** A chunk was not acknowledged in time; it may or may not be stored. */
export class RecordingUnavailable extends Error {
  override readonly name = 'RecordingUnavailable';
}

export class RecordingWriter {
  /** @param connector service name, e.g. `connector-postgres`: chunks lie on `recording.<connector>`. */
  constructor(readonly bus: Bus, readonly connector: string) {}
  /** Stores one chunk (ciphertext, at most LIMITS.recordingChunkBytes). @throws RecordingUnavailable after LIMITS.ledgerAckMs */
  append(_chunk: Uint8Array): Promise<{ readonly sequence: number }> {
    return Promise.reject(new RecordingUnavailable('not connected'));
  }
}

export class RecordingReader {
  constructor(readonly bus: Bus) {}
  /** The chunk at this sequence of RECORDING, undefined when there is none. */
  read(_sequence: number): Promise<Uint8Array | undefined> {
    return Promise.reject(new Error('not connected'));
  }
}
