import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeBatch, LIMITS, type Batch, type Ledger, type LedgerReader, type StoredBatch } from '@interlock/kernel';

export interface LedgerFixture {
  readonly ledger: Ledger;
  readonly reader: LedgerReader;
  close(): Promise<void>;
}

const event = (n: number) => ({ type: 'service.started.v1', session: `session-${n}`, data: { n } });

function decoded(stored: StoredBatch): Batch {
  const batch = decodeBatch(stored.bytes);
  if (!batch.ok) throw new Error(batch.refusal.detail);
  return batch.value;
}

/** Reads from a sequence on until `done` says so of what was read. */
async function readUntil(reader: LedgerReader, from: number, done: (read: readonly StoredBatch[]) => boolean): Promise<readonly StoredBatch[]> {
  const read: StoredBatch[] = [];
  const end = new AbortController();
  await reader.follow(from, (batch) => {
    read.push(batch);
    if (done(read)) end.abort();
    return Promise.resolve();
  }, AbortSignal.any([end.signal, AbortSignal.timeout(10_000)]));
  return read;
}

/** The promises of the kernel's Ledger. The ledger may hold others' events before and between. */
export function ledgerSuite(name: string, open: () => Promise<LedgerFixture>): void {
  describe(`${name} keeps the promises of a Ledger:`, () => {
    let fixture: LedgerFixture;
    beforeAll(async () => void (fixture = await open()));
    afterAll(() => fixture.close());

    it('an acknowledged append is in the batch that its receipt names, whole and in order', async () => {
      const { ids, sequence } = await fixture.ledger.append([event(1), event(2), event(3)]);
      const [stored] = await readUntil(fixture.reader, sequence, (read) => read.length > 0);
      const records = decoded(stored!).records.map((record) => record.metadata);
      expect(records.map((metadata) => metadata.id)).toEqual(ids);
      expect(records.map((metadata) => metadata.session)).toEqual(['session-1', 'session-2', 'session-3']);
      expect(new Set(ids).size).toBe(3);
    });

    it('appends made one after the other lie one after the other, though nobody waited between', async () => {
      const receipts = await Promise.all(Array.from({ length: 200 }, (_, n) => fixture.ledger.append([event(n)])));
      const sequences = receipts.map((receipt) => receipt.sequence);
      expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
      const mine = new Set(receipts.flatMap((receipt) => receipt.ids));
      const stored = await readUntil(fixture.reader, sequences[0]!, (read) => read.at(-1)!.sequence >= sequences.at(-1)!);
      const found = stored.flatMap((batch) => decoded(batch).records.map((record) => record.metadata.id)).filter((id) => mine.has(id));
      expect(found).toEqual(receipts.flatMap((receipt) => receipt.ids));
    });

    it('no drafts, too many, or a payload over its limit are a fault and leave nothing', async () => {
      const before = await fixture.reader.lastSequence();
      await expect(fixture.ledger.append([])).rejects.toThrow(RangeError);
      await expect(fixture.ledger.append(Array.from({ length: LIMITS.batchEvents + 1 }, (_, n) => event(n)))).rejects.toThrow(RangeError);
      await expect(fixture.ledger.append([{ type: 'x.v1', data: { text: 'x'.repeat(LIMITS.payloadBytes) } }])).rejects.toThrow(RangeError);
      const { sequence } = await fixture.ledger.append([event(4)]);
      expect(sequence).toBe(before + 1);
    });

    it('batches of one producer form a chain', async () => {
      const first = await fixture.ledger.append([event(5)]);
      const second = await fixture.ledger.append([event(6)]);
      const stored = await readUntil(fixture.reader, first.sequence, (read) => read.at(-1)!.sequence >= second.sequence);
      const before = decoded(stored[0]!).header;
      const after = decoded(stored.at(-1)!).header;
      expect(after).toMatchObject({ producer: before.producer, instance: before.instance, counter: before.counter + 1, previousRoot: before.root });
    });
  });
}

/** The promises of the kernel's LedgerReader. */
export function ledgerReaderSuite(name: string, open: () => Promise<LedgerFixture>): void {
  describe(`${name} keeps the promises of a LedgerReader:`, () => {
    let fixture: LedgerFixture;
    beforeAll(async () => void (fixture = await open()));
    afterAll(() => fixture.close());

    it('gives every sequence from where it is asked to, and goes on with what comes later', async () => {
      const from = (await fixture.ledger.append([event(1)])).sequence;
      const reading = readUntil(fixture.reader, from, (read) => read.length === 3);
      await pause(50);
      await fixture.ledger.append([event(2)]);
      await fixture.ledger.append([event(3)]);
      expect((await reading).map((batch) => batch.sequence)).toEqual([from, from + 1, from + 2]);
    });

    it('names the subject of its producer, and the epoch', async () => {
      const { sequence } = await fixture.ledger.append([event(1)]);
      const [stored] = await readUntil(fixture.reader, sequence, (read) => read.length > 0);
      expect(stored!.subject).toBe(`ledger.${decoded(stored!).header.producer}.${decoded(stored!).header.instance.replace(/-[^-]+$/, '')}`);
      expect(stored!.epoch).not.toBe('');
    });

    it('hands over one batch at a time', async () => {
      const from = (await fixture.ledger.append([event(1)])).sequence;
      for (let n = 2; n <= 5; n += 1) await fixture.ledger.append([event(n)]);
      let busy = false;
      let seen = 0;
      const end = new AbortController();
      await fixture.reader.follow(from, async () => {
        expect(busy).toBe(false);
        busy = true;
        await pause(5);
        busy = false;
        seen += 1;
        if (seen === 5) end.abort();
      }, end.signal);
      expect(seen).toBe(5);
    });

    it('ends when it is told to, and passes a fault of its reader on', async () => {
      const { sequence } = await fixture.ledger.append([event(1)]);
      await fixture.reader.follow(sequence + 1, () => Promise.reject(new Error('nothing was to come')), AbortSignal.timeout(60));
      await expect(fixture.reader.follow(sequence, () => Promise.reject(new Error('no room')), AbortSignal.timeout(5_000))).rejects.toThrow('no room');
    });

    it('knows the newest sequence', async () => {
      const { sequence } = await fixture.ledger.append([event(1)]);
      expect(await fixture.reader.lastSequence()).toBe(sequence);
    });
  });
}
