import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeBatch } from './batch.js';
import { LedgerChain, LEDGER_START, type VerifyProducer } from './chain.js';
import type { StoredBatch } from './event.js';

const keys = { vault: generateKeyPairSync('ed25519'), policy: generateKeyPairSync('ed25519') };
const verifyProducer: VerifyProducer = (producer, text, signature) =>
  producer in keys && verify(null, Buffer.from(text), createPublicKey(keys[producer as 'vault'].privateKey), Buffer.from(signature, 'base64'));

interface Given { producer?: 'vault' | 'policy'; signer?: 'vault' | 'policy'; run?: string; counter: number; previousRoot?: string; sequence: number; subject?: string; epoch?: string; source?: string; events?: number }

function batch(given: Given): { stored: StoredBatch; root: string } {
  const { producer = 'vault', run = 'a', counter, previousRoot = '0'.repeat(64), sequence, epoch = 'e1', events = 1 } = given;
  const metadata = { specversion: '1.0', id: `${sequence}`, source: given.source ?? `interlock/${producer}/1`, type: 'probe.ran.v1', time: 't', tenant: 'default', keyid: 'k', keyoffset: 0 };
  const record = { metadataBytes: Buffer.from(JSON.stringify(metadata)), salt: Buffer.alloc(16), ciphertext: Buffer.from('c') };
  const encoded = encodeBatch({ producer, instance: `1-${run}`, counter, previousRoot }, Array.from({ length: events }, () => record), (text) => sign(null, Buffer.from(text), keys[given.signer ?? producer].privateKey));
  return { root: encoded.root, stored: { epoch, sequence, bytes: encoded.bytes, subject: given.subject ?? `ledger.${producer}.1` } };
}

function chainAfter(...batches: StoredBatch[]): LedgerChain {
  const chain = new LedgerChain(verifyProducer);
  for (const stored of batches) expect(chain.advance(stored)).toMatchObject({ ok: true });
  return chain;
}

const first = batch({ counter: 1, sequence: 1 });
const second = batch({ counter: 2, sequence: 2, previousRoot: first.root });

describe('the chain of the ledger', () => {
  it('takes batches that follow one another, of several producers and runs', () => {
    const other = batch({ producer: 'policy', counter: 1, sequence: 3 });
    const restarted = batch({ run: 'b', counter: 1, sequence: 4 });
    const third = batch({ counter: 3, sequence: 5, previousRoot: second.root });
    const chain = chainAfter(first.stored, second.stored, other.stored, restarted.stored, third.stored);
    expect([...chain.runs.keys()]).toEqual(['vault/1-a', 'policy/1-a', 'vault/1-b']);
    expect(chain.position).toMatchObject({ epoch: 'e1', sequence: 5 });
  });

  it('goes on from where it was left', () => {
    const chain = chainAfter(first.stored);
    const later = new LedgerChain(verifyProducer, chain.position, chain.runs);
    expect(later.confirm(first.stored).ok).toBe(true);
    expect(later.advance(second.stored).ok).toBe(true);
  });

  it.each<[string, string, () => StoredBatch]>([
    ['a skipped sequence', 'sequence_gap', () => ({ ...second.stored, sequence: 3 })],
    ['a repeated sequence', 'sequence_gap', () => first.stored],
    ['another epoch', 'epoch_changed', () => ({ ...second.stored, epoch: 'e2' })],
    ['a changed byte', 'batch_malformed', () => ({ ...second.stored, bytes: flipped(second.stored.bytes) })],
    ['another producer\'s signature', 'signature_wrong', () => batch({ signer: 'policy', counter: 2, sequence: 2, previousRoot: first.root }).stored],
    ['a signature written otherwise', 'signature_wrong', () => ({ ...second.stored, bytes: respelled(second.stored.bytes) })],
    ['another producer\'s subject', 'subject_foreign', () => ({ ...second.stored, subject: 'ledger.policy.1' })],
    ['another instance\'s subject', 'subject_foreign', () => ({ ...second.stored, subject: 'ledger.vault.2' })],
    ['no subject', 'subject_foreign', () => ({ epoch: 'e1', sequence: 2, bytes: second.stored.bytes })],
    ['another producer\'s event', 'source_foreign', () => batch({ counter: 2, sequence: 2, previousRoot: first.root, source: 'interlock/policy/1' }).stored],
    ['a lost batch of the producer', 'chain_broken', () => batch({ counter: 3, sequence: 2, previousRoot: second.root }).stored],
    ['a replayed batch', 'chain_broken', () => ({ ...first.stored, sequence: 2 })],
    ['another previous root', 'chain_broken', () => batch({ counter: 2, sequence: 2, previousRoot: second.root }).stored],
    ['a run that does not begin at one', 'chain_broken', () => batch({ run: 'b', counter: 2, sequence: 2, previousRoot: first.root }).stored],
    ['an empty batch', 'batch_empty', () => batch({ counter: 2, sequence: 2, previousRoot: first.root, events: 0 }).stored],
  ])('refuses %s as %s and stays where it was', (_what, reason, make) => {
    const chain = chainAfter(first.stored);
    const before = chain.position;
    expect(chain.advance(make())).toMatchObject({ ok: false, refusal: { reason } });
    expect(chain.position).toEqual(before);
    expect(chain.advance(second.stored).ok).toBe(true);
  });

  it('notices that a sequence number was given to another batch', () => {
    const chain = chainAfter(first.stored);
    expect(chain.confirm({ ...second.stored, sequence: 1 })).toMatchObject({ refusal: { reason: 'ledger_reissued' } });
    expect(chain.confirm({ ...first.stored, epoch: 'e2' })).toMatchObject({ refusal: { reason: 'ledger_reissued' } });
    expect(new LedgerChain(verifyProducer).position).toEqual(LEDGER_START);
  });
});

/** Changes one byte of the last event's ciphertext. */
function flipped(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 1] = copy[copy.length - 1]! ^ 1;
  return copy;
}

/** Changes the last character of the signature in bits that base64 ignores. */
function respelled(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf('=="') - 1;
  copy[at] = copy[at]! + 1;
  return copy;
}
