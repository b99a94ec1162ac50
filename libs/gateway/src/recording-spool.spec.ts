import { MemoryLedger } from '@interlock/adapter-memory-log';
import { LIMITS } from '@interlock/kernel';
import type { EventData } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { Given, seal } from '../spec/given.js';
import { RecordingSpool } from './recording-spool.js';

function spoolIn(given: Given): RecordingSpool {
  return new RecordingSpool({
    packer: given.packer, clock: given.time, seal: seal(), about: { session: 's', exchange: 's.1' }, append: (drafts) => given.ledger.append(drafts),
    onBehind: () => given.holds.push('hold'), onCaughtUp: () => given.holds.push('resume'),
  });
}

/** What a replay would show, and whether the chunks lie without a gap. */
function replay(given: Given): string {
  let next = 0;
  return given.ledger.events.map(({ data }) => data as EventData<'recording.chunk.v1'>).map((chunk, index) => {
    expect(chunk).toMatchObject({ index, firstByte: next, keyOffset: next });
    next += chunk.bytes;
    return given.stored[chunk.sequence! - 1]!.subarray(chunk.offset!, chunk.offset! + chunk.bytes).toString();
  }).join('');
}

describe('a recording', () => {
  it('keeps every byte in order, in chunks, whatever the writes', async () => {
    const given = new Given(new MemoryLedger());
    const spool = spoolIn(given);
    const written = Array.from({ length: 300 }, (_, index) => `${index}:`.repeat(1 + (index % 7) * 40));
    for (const text of written) spool.write(Buffer.from(text));
    spool.write(Buffer.from('x'.repeat(400_000)));
    spool.tick(given.time.nowMs());
    await spool.flushed();
    expect(replay(given)).toBe(`${written.join('')}${'x'.repeat(400_000)}`);
    expect(Math.max(...given.stored.map((chunk) => chunk.length))).toBeLessThanOrEqual(LIMITS.recordingChunkBytes);
  });

  it('waits for a tick, and puts the chunks of several exchanges into one message', async () => {
    const given = new Given(new MemoryLedger());
    const spools = [spoolIn(given), spoolIn(given)];
    for (const spool of spools) spool.write(Buffer.from('abc'));
    await given.time.advance(10);
    expect(given.stored).toEqual([]);
    for (const spool of spools) spool.tick(given.time.nowMs());
    await given.time.advance(0);
    expect(given.stored.map(String)).toEqual(['abcabc']);
    expect(given.ledger.events.map(({ data }) => (data as EventData<'recording.chunk.v1'>).offset)).toEqual([0, 3]);
  });

  it('says that it is behind by size or by age, and that it has caught up', async () => {
    const given = new Given(new MemoryLedger());
    const spool = spoolIn(given);
    given.storeFails = true;
    spool.write(Buffer.alloc(LIMITS.unacknowledgedBytes + 1));
    expect(given.holds).toEqual(['hold']);
    given.storeFails = false;
    spool.tick(given.time.nowMs());
    await given.time.advance(1_000);
    expect(given.holds).toEqual(['hold', 'resume']);
    given.storeFails = true;
    spool.write(Buffer.from('x'));
    spool.tick(given.time.nowMs());
    await given.time.advance(LIMITS.unacknowledgedMs + 1);
    expect(given.holds).toHaveLength(2);
    spool.tick(given.time.nowMs());
    expect(given.holds).toEqual(['hold', 'resume', 'hold']);
  });

  it('tries again what was not stored, and loses nothing of it', async () => {
    const given = new Given(new MemoryLedger());
    const spool = spoolIn(given);
    given.storeFails = true;
    spool.write(Buffer.from('first '));
    spool.tick(given.time.nowMs());
    await given.time.advance(1_000);
    given.storeFails = false;
    given.ledger.failWith('away');
    await given.time.advance(1_000);
    given.ledger.failWith(undefined);
    spool.write(Buffer.from('second'));
    spool.tick(given.time.nowMs());
    await given.time.advance(1_000);
    expect(given.ledger.events.map(({ data }) => data as EventData<'recording.chunk.v1'>).toSorted((one, other) => one.index - other.index)
      .map((chunk) => given.stored[chunk.sequence! - 1]!.subarray(chunk.offset!, chunk.offset! + chunk.bytes).toString())).toEqual(['first ', 'second']);
  });
});
