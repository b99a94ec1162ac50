import { randomFillSync } from 'node:crypto';
import { LIMITS, SALT_BYTES, type EventDraft, type EventSeal, type UnsignedRecord } from '@interlock/kernel';

/** One append's events, sealed and ready for a batch. */
export interface SealedDrafts {
  readonly ids: readonly string[];
  readonly records: readonly UnsignedRecord[];
  /** What they take in a batch. */
  readonly bytes: number;
}

export interface RecordMakerOptions {
  readonly service: string;
  readonly instance: string;
  /** Unguessable and new for every run: the beginning of every event id. */
  readonly run: string;
  readonly seal: EventSeal;
  readonly nowMs: () => number;
}

const SALT_POOL_BYTES = 16_384;
/** Two lengths and the salt around metadata and ciphertext. */
const FRAMING_BYTES = 8 + SALT_BYTES;

/** Turns drafts into records. This is the hot path: strings are joined by hand, salts come from a pool. */
export class RecordMaker {
  readonly #options: RecordMakerOptions;
  readonly #source: string;
  #counter = 0;
  #salts = Buffer.alloc(0);
  #saltAt = 0;
  #timeMs = -1;
  #timeText = '';

  constructor(options: RecordMakerOptions) {
    this.#options = options;
    this.#source = JSON.stringify(`interlock/${options.service}/${options.instance}`);
  }

  /** @throws RangeError on a payload or metadata over its limit. */
  seal(drafts: readonly EventDraft[]): SealedDrafts {
    const ids: string[] = [];
    const records: UnsignedRecord[] = [];
    let bytes = 0;
    for (const draft of drafts) {
      this.#counter += 1;
      const id = `${this.#options.run}-${this.#counter.toString(36)}`;
      const record = this.#record(draft, id);
      ids.push(id);
      records.push(record);
      bytes += FRAMING_BYTES + record.metadataBytes.length + record.ciphertext.length;
    }
    return { ids, records, bytes };
  }

  #record(draft: EventDraft, id: string): UnsignedRecord {
    const seal = draft.seal ?? this.#options.seal;
    const plain = Buffer.from(JSON.stringify(draft.data), 'utf8');
    if (plain.length > LIMITS.payloadBytes) throw new RangeError(`the payload of ${draft.type} has ${plain.length} bytes, more than ${LIMITS.payloadBytes}`);
    const { ciphertext, offset } = seal.encrypt(plain);
    const metadataBytes = Buffer.from(this.#metadata(draft, id, seal.keyId, offset), 'utf8');
    if (metadataBytes.length > LIMITS.metadataBytes) throw new RangeError(`the metadata of ${draft.type} has ${metadataBytes.length} bytes, more than ${LIMITS.metadataBytes}`);
    return { metadataBytes, salt: this.#salt(), ciphertext };
  }

  #metadata(draft: EventDraft, id: string, keyId: string, offset: number): string {
    return `{"specversion":"1.0","id":"${id}","source":${this.#source},"type":${JSON.stringify(draft.type)},"time":"${this.#time()}","tenant":${
      JSON.stringify(draft.tenant ?? 'default')}${member('session', draft.session)}${member('exchange', draft.exchange)}${
      member('command', draft.command)},"keyid":${JSON.stringify(keyId)},"keyoffset":${offset}}`;
  }

  #time(): string {
    const now = this.#options.nowMs();
    if (now !== this.#timeMs) {
      this.#timeMs = now;
      this.#timeText = new Date(now).toISOString();
    }
    return this.#timeText;
  }

  #salt(): Buffer {
    if (this.#saltAt + SALT_BYTES > this.#salts.length) {
      this.#salts = randomFillSync(Buffer.allocUnsafeSlow(SALT_POOL_BYTES));
      this.#saltAt = 0;
    }
    this.#saltAt += SALT_BYTES;
    return this.#salts.subarray(this.#saltAt - SALT_BYTES, this.#saltAt);
  }
}

function member(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}
