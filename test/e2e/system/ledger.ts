import { join } from 'node:path';
import { connectBus, JetStreamLedgerReader, NatsRpcClient } from '@interlock/adapter-jetstream';
import { loadTrust, openEvent, ServiceKeys, verifySignature } from '@interlock/adapter-sealing';
import { decodeBatch, signedText, type EventMetadata, type SealedRecord } from '@interlock/kernel';
import type { Place } from './installation.js';
import { eventually } from './eventually.js';

/** One event as an auditor with all keys reads it. */
export interface ReadEvent {
  readonly metadata: EventMetadata;
  readonly data: Record<string, unknown>;
  /** Sequence of its batch in the ledger. */
  readonly sequence: number;
}

const KEYS_AT_ONCE = 500;

/**
 * Reads the ledger itself, beside the views: every batch from `from` on that is there now, its signature checked, its
 * payloads opened with the audit service's own keys. What the tests believe about the ledger comes from here.
 */
export async function readLedger(place: Place, from = 1): Promise<ReadEvent[]> {
  const keysDir = join(place.state, 'keys');
  const [keys, trust] = await Promise.all([ServiceKeys.load(keysDir, 'audit'), loadTrust(keysDir)]);
  const bus = await connectBus({ url: `nats://127.0.0.1:${place.ports.nats}`, nkeySeed: keys.nkeySeed, name: 'test/ledger' });
  try {
    const reader = new JetStreamLedgerReader(bus);
    const records: (SealedRecord & { readonly sequence: number })[] = [];
    const last = await reader.lastSequence();
    for (let sequence = from; sequence <= last; sequence += 1) {
      const stored = await reader.read(sequence);
      if (stored === undefined) throw new Error(`the ledger has no batch ${sequence} of ${last}`);
      const batch = decodeBatch(stored.bytes);
      if (!batch.ok) throw new Error(`batch ${sequence}: ${batch.refusal.detail}`);
      const { header } = batch.value;
      if (!verifySignature(trust.services[header.producer]?.signingKey ?? '', signedText(header), header.signature)) throw new Error(`batch ${sequence} is not signed by ${header.producer}`);
      records.push(...batch.value.records.map((record) => ({ ...record, sequence })));
    }
    const opened = await revealed(new NatsRpcClient(bus), keys, [...new Set(records.map(({ metadata }) => metadata.keyid))]);
    return records.map(({ metadata, ciphertext, sequence }) => ({ metadata, sequence, data: payload(opened.get(metadata.keyid), metadata, ciphertext) }));
  } finally {
    await bus.close();
  }
}

async function revealed(rpc: NatsRpcClient, keys: ServiceKeys, keyIds: readonly string[]): Promise<Map<string, Buffer>> {
  const opened = new Map<string, Buffer>();
  for (let at = 0; at < keyIds.length; at += KEYS_AT_ONCE) {
    const answer = await rpc.call('recorder.revealKeys', { keyIds: keyIds.slice(at, at + KEYS_AT_ONCE) });
    if (!answer.ok) throw new Error(`recorder.revealKeys: ${answer.refusal.detail}`);
    for (const [id, box] of Object.entries(answer.value.keys)) {
      const key = keys.open(box, 'event-key');
      if (!key.ok) throw new Error(key.refusal.detail);
      opened.set(id, key.value.length === 32 ? key.value : Buffer.from(key.value.toString(), 'base64'));
    }
  }
  return opened;
}

function payload(key: Buffer | undefined, metadata: EventMetadata, ciphertext: Buffer): Record<string, unknown> {
  if (key === undefined) throw new Error(`the key ${metadata.keyid} of event ${metadata.id} (${metadata.type}) was not registered`);
  return JSON.parse(openEvent(key, metadata.keyoffset, ciphertext).toString()) as Record<string, unknown>;
}

export async function lastSequence(place: Place): Promise<number> {
  const keys = await ServiceKeys.load(join(place.state, 'keys'), 'audit');
  const bus = await connectBus({ url: `nats://127.0.0.1:${place.ports.nats}`, nkeySeed: keys.nkeySeed, name: 'test/ledger' });
  try {
    return await new JetStreamLedgerReader(bus).lastSequence();
  } finally {
    await bus.close();
  }
}

/** Waits until an event of this type whose payload satisfies `matches` is in the ledger behind sequence `after`. */
export function eventAfter(place: Place, after: number, type: string, matches: (data: Record<string, unknown>) => boolean = () => true): Promise<ReadEvent> {
  return eventually(`an event ${type} in the ledger`, async () => (await readLedger(place, after + 1)).find((event) => event.metadata.type === type && matches(event.data)), { withinMs: 20_000, everyMs: 250 });
}
