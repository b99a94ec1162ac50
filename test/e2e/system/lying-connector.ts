import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { connectBus, JetStreamLedger, NatsRpcClient } from '@interlock/adapter-jetstream';
import { createEventSeal, loadTrust, sealFor, ServiceKeys } from '@interlock/adapter-sealing';
import type { Place } from './installation.js';
import type { ReadEvent } from './ledger.js';

const CONNECTOR = 'connector-postgres';

/**
 * Records, with a connector's own keys and under its name, that it allowed what it had denied: what an installation sees of a
 * connector that was taken over. `denied` is a decision of that connector.
 */
export async function recordLie(place: Place, { metadata, data }: ReadEvent): Promise<void> {
  const keysDir = join(place.state, 'keys');
  const [keys, trust] = await Promise.all([ServiceKeys.load(keysDir, CONNECTOR), loadTrust(keysDir)]);
  const bus = await connectBus({ url: `nats://127.0.0.1:${place.ports.nats}`, nkeySeed: keys.nkeySeed, name: 'test/lying-connector' });
  try {
    const { session, exchange } = metadata as { readonly session: string; readonly exchange: string };
    const bytes = randomBytes(32);
    const seal = createEventSeal(`${CONNECTOR}.${exchange}.${randomUUID()}`, bytes);
    const registered = await new NatsRpcClient(bus).call('recorder.registerKey', { keyId: seal.keyId, session, key: sealFor(trust, 'recorder', 'event-key', Buffer.from(bytes.toString('base64'))) });
    if (!registered.ok) throw new Error(registered.refusal.detail);
    const ledger = new JetStreamLedger(bus, { service: CONNECTOR, instance: metadata.source.split('/').at(-1)!, seal, sign: (text) => keys.sign(text), nowMs: Date.now });
    const decision = { ...(data['decision'] as object), outcome: 'allow', reasons: [{ rule: 'a-rule', effect: 'permit', message: 'a lie' }] };
    await ledger.append([{ type: metadata.type, data: { ...data, decision }, session, exchange, command: `${exchange}.${randomUUID()}`, seal }]);
    await ledger.close();
  } finally {
    await bus.close();
  }
}
