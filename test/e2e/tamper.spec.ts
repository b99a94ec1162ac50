import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePg } from './system/clients.js';
import { interlock, type CliResult } from './system/cli.js';
import { eventually } from './system/eventually.js';
import { makeFolder, startInstallation, stopInstallation, type Place } from './system/installation.js';
import { readLedger, type ReadEvent } from './system/ledger.js';
import { SHARED_START_MS } from './system/shared.js';

let place: Place;
let events: ReadEvent[];
let kept: string;

/** An installation of its own with some history, stopped, and its store set aside. */
beforeAll(async () => {
  place = await startInstallation(makeFolder('tamper'), process.ppid);
  for (let session = 0; session < 3; session += 1) {
    const client = await nodePg(place, 'agent-etl', 'shop');
    for (let id = 1; id <= 5; id += 1) await client.query('select status from orders where id = $1', [id]);
    await client.end();
  }
  await eventually('the untouched log verifies', async () => (await verify()).code === 0, { withinMs: 60_000, everyMs: 500 });
  events = await readLedger(place);
  await stopInstallation(place);
  kept = join(place.folder, 'kept');
  for (const name of ['bus', 'services']) cpSync(join(place.state, name), join(kept, name), { recursive: true, preserveTimestamps: true });
}, SHARED_START_MS + 120_000);
afterAll(() => place && stopInstallation(place).catch(() => undefined), 120_000);

function verify(): Promise<CliResult> {
  return interlock(place, 'auditor', ['audit', 'verify']);
}

function filesBelow(folder: string, wanted: (path: string) => boolean): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).filter(wanted);
}

/** Flips one bit in the file that holds `needle`, `offset` bytes behind its beginning. Answers where. */
function flip(files: readonly string[], needle: string, offset: number): string {
  for (const file of files) {
    const bytes = readFileSync(file);
    const at = bytes.indexOf(needle);
    if (at < 0) continue;
    bytes[at + offset] = bytes[at + offset]! ^ 0x01;
    writeFileSync(file, bytes);
    return `${file} at ${at + offset}`;
  }
  throw new Error(`no file holds ${needle}`);
}

/** Starts on the changed store, asks for verification, stops, and puts the store back. */
async function verifiedAfter(change: () => string): Promise<CliResult & { readonly where: string }> {
  const where = change();
  try {
    place = await startInstallation(place.folder, process.ppid, { ports: place.ports });
    return { ...(await verify()), where };
  } finally {
    await stopInstallation(place).catch(() => undefined);
    for (const name of ['bus', 'services']) {
      rmSync(join(place.state, name), { recursive: true });
      cpSync(join(kept, name), join(place.state, name), { recursive: true, preserveTimestamps: true });
    }
  }
}

/** An event in the middle of the story. */
function victim(): ReadEvent {
  const decided = events.filter(({ metadata }) => metadata.type === 'command.decided.v1');
  return decided[Math.floor(decided.length / 2)]!;
}

const ledgerFiles = (): string[] => filesBelow(join(place.state, 'bus'), (path) => path.includes('LEDGER') && path.endsWith('.blk'));
const logFiles = (): string[] => filesBelow(join(place.state, 'services'), (path) => path.includes('/tile/entries/'));

describe('one flipped bit in the store, and verification names the event', () => {
  it('nothing flipped: it verifies', async () => {
    const { code, said } = await verifiedAfter(() => 'nowhere');
    expect(code, said).toBe(0);
  }, 300_000);

  it('in the sealed log', async () => {
    const { metadata } = victim();
    const { code, said, where } = await verifiedAfter(() => flip(logFiles(), metadata.id, -20));
    expect(code, `${where}: ${said}`).toBe(5);
    expect(said, where).toContain(metadata.id);
  }, 300_000);

  it('in the payload of an event on the bus', async () => {
    const { metadata, sequence } = victim();
    // Behind the metadata come the salt, a length, and then the ciphertext.
    const { code, said, where } = await verifiedAfter(() => flip(ledgerFiles(), metadata.id, JSON.stringify(metadata).length + 30));
    expect(code, `${where}: ${said}`).toBe(5);
    expect(said, where).toMatch(new RegExp(`${metadata.id}|\\b${sequence}\\b`));
  }, 300_000);

  it('in the name of an event on the bus', async () => {
    const { metadata, sequence } = victim();
    const { code, said, where } = await verifiedAfter(() => flip(ledgerFiles(), metadata.id, 3));
    expect(code, `${where}: ${said}`).toBe(5);
    expect(said, where).toMatch(new RegExp(`${metadata.id}|\\b${sequence}\\b`));
  }, 300_000);
});
