import type { StoredBatch } from '@interlock/kernel';
import { Trust, type RpcResponse } from '@interlock/contracts';
import { BundleUnreadable, checkEvidence, everyTilePath, openBundle, parseProof, producerVerifier, sizeOf, verifierKeyOf, verifyInclusion, writeBundle } from '@interlock/evidence';
import type { ApiClient } from './client.js';
import { CliError, EXIT } from './exit.js';
import { readText } from './folder.js';

type Report = RpcResponse<'audit.verify'>;

/** Takes the evidence out of a running system: the checkpoint first, so that the ledger goes at least as far. */
export async function exportBundle(client: ApiClient, file: string): Promise<{ readonly events: number; readonly batches: number }> {
  const { checkpoint, lastSequence, trust } = await client.get<'audit.evidence'>('/audit/evidence');
  await writeBundle(file, { checkpoint, trust, lastSequence, exportedAt: new Date().toISOString() }, tilesOf(client, sizeOf(checkpoint)), batchesOf(client, lastSequence));
  return { events: sizeOf(checkpoint), batches: lastSequence };
}

async function* tilesOf(client: ApiClient, size: number): AsyncIterable<readonly [string, Buffer]> {
  for (const path of everyTilePath(size)) {
    const bytes = await client.logFile(path);
    if (!bytes) throw new CliError(EXIT.evidenceBroken, `The log has no ${path}, which its checkpoint needs.`, 'Run `interlock audit verify`: it names what is wrong.');
    yield [path, bytes];
  }
}

async function* batchesOf(client: ApiClient, last: number): AsyncIterable<StoredBatch> {
  let begun: Buffer = Buffer.alloc(0);
  for (let after = 0; after < last;) {
    const { pieces } = await client.get<'audit.batches'>('/audit/batches', { after, offset: begun.length });
    if (pieces.length === 0) throw new CliError(EXIT.evidenceBroken, `The ledger ends after batch ${after}, and it had ${last}.`, 'Run `interlock audit verify`: it names what is wrong.');
    for (const { epoch, sequence, subject, ofBytes, bytes } of pieces) {
      begun = Buffer.concat([begun, Buffer.from(bytes, 'base64')]);
      if (begun.length < ofBytes) break;
      if (sequence <= last) yield { epoch, sequence, subject, bytes: begun };
      begun = Buffer.alloc(0);
      after = sequence;
    }
  }
}

/** Checks a bundle with nothing but itself and, where they are given, keys of one's own. What is recorded beside the ledger is not in it. */
export async function verifyBundle(file: string, trustFile: string | undefined): Promise<Report & { readonly keys: readonly string[] }> {
  const given = trustFile === undefined ? undefined : trustFrom(trustFile);
  try {
    const bundle = await openBundle(file);
    try {
      const trust = given ?? bundle.trust;
      const logKey = Buffer.from(trust.services['recorder']?.signingKey ?? '', 'base64');
      const { events, batches, finding } = await checkEvidence({ ledger: bundle.ledger, tiles: bundle.tiles, checkpoint: bundle.checkpoint, logKey, verify: producerVerifier(trust) }, new AbortController().signal);
      const keys = given ? [] : [`By the keys that the bundle itself brings. Whoever made it could have made these, too: compare with keys that came another way (--trust). Its log is signed by ${verifierKeyOf(bundle.checkpoint, logKey)}`];
      return { ok: finding === undefined, events, batches, uncomparedChunks: 0, checkpoint: bundle.checkpoint, keys, ...(finding && { finding }) };
    } finally {
      await bundle.close();
    }
  } catch (fault) {
    if (fault instanceof BundleUnreadable) throw new CliError(EXIT.evidenceBroken, `${file} is no bundle of evidence: ${fault.message}.`, 'Make one with `interlock audit export --bundle FILE`.');
    throw fault;
  }
}

/** Whether a proof leads from a leaf's entry to the root of its checkpoint, whoever signed that. */
export function isProven(proof: string, entry: Buffer): boolean {
  const parsed = parseProof(proof);
  if (!parsed.ok) return false;
  const { index, path, checkpoint } = parsed.value;
  const root = Buffer.from(checkpoint.split('\n')[2] ?? '', 'base64');
  return verifyInclusion(entry, index, sizeOf(checkpoint), path, root);
}

function trustFrom(file: string): Trust {
  const text = readText(file, 'Name the trust.json that you were given with the keys of the services.');
  try {
    return Trust.parse(JSON.parse(text));
  } catch {
    throw new CliError(EXIT.usage, `${file} holds no keys of services.`, 'Name the trust.json that you were given.');
  }
}
