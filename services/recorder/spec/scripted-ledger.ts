import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import { encodeBatch, type EventDraft, type Ledger, type LedgerReader, type Receipt, type StoredBatch, type VerifyProducer } from '@interlock/kernel';
import { createEventSeal } from '@interlock/adapter-sealing';

/** A ledger that specs write batch by batch, as several producers and runs would, and may then spoil. */
export class ScriptedLedger implements LedgerReader {
  readonly batches: StoredBatch[] = [];
  readonly keys = new Map<string, KeyObject>();
  epoch = 'epoch-1';
  #wake: (() => void)[] = [];

  readonly verify: VerifyProducer = (producer, text, signature) => {
    const key = this.keys.get(producer);
    return key !== undefined && verify(null, Buffer.from(text), createPublicKey(key), Buffer.from(signature, 'base64'));
  };

  producer(service: string, instance = '1'): ScriptedProducer {
    if (!this.keys.has(service)) this.keys.set(service, generateKeyPairSync('ed25519').privateKey);
    return new ScriptedProducer(this, service, instance, this.keys.get(service)!);
  }

  push(bytes: Uint8Array, subject: string): number {
    this.batches.push({ epoch: this.epoch, sequence: this.batches.length + 1, bytes, subject });
    for (const wake of this.#wake.splice(0)) wake();
    return this.batches.length;
  }

  lastSequence(): Promise<number> {
    return Promise.resolve(this.batches.length);
  }

  async follow(fromSequence: number, onBatch: (batch: StoredBatch) => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let at = Math.max(fromSequence, 1); !signal.aborted; at += 1) {
      while (!this.batches[at - 1] && !signal.aborted) await this.#change(signal);
      const batch = this.batches[at - 1];
      if (batch && !signal.aborted) await onBatch(batch);
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** One run of one instance of a service. */
export class ScriptedProducer implements Ledger {
  readonly run = randomBytes(4).toString('hex');
  readonly keyId = `${this.run}-key`;
  readonly key = randomBytes(32);
  readonly #seal = createEventSeal(this.keyId, this.key);
  #counter = 0;
  #previousRoot = '0'.repeat(64);

  constructor(private readonly ledger: ScriptedLedger, readonly service: string, readonly instance: string, private readonly signingKey: KeyObject) {}

  append(drafts: readonly EventDraft[]): Promise<Receipt> {
    const records = drafts.map((draft, at) => {
      const { ciphertext, offset } = this.#seal.encrypt(Buffer.from(JSON.stringify(draft.data)));
      const { type, session, exchange, command } = draft;
      const metadata = {
        specversion: '1.0', id: `${this.run}-${this.#counter + 1}-${at}`, source: `interlock/${this.service}/${this.instance}`, type,
        time: '2026-01-01T00:00:00.000Z', tenant: 'default', session, exchange, command, keyid: this.keyId, keyoffset: offset,
      };
      return { id: metadata.id, metadataBytes: Buffer.from(JSON.stringify(metadata)), salt: randomBytes(16), ciphertext };
    });
    const header = { producer: this.service, instance: `${this.instance}-${this.run}`, counter: this.#counter += 1, previousRoot: this.#previousRoot };
    const { bytes, root } = encodeBatch(header, records, (text) => sign(null, Buffer.from(text), this.signingKey));
    this.#previousRoot = root;
    return Promise.resolve({ ids: records.map((record) => record.id), sequence: this.ledger.push(bytes, `ledger.${this.service}.${this.instance}`) });
  }
}
