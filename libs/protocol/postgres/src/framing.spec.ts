import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedings, frame, sliced } from '../spec/feeding.js';
import type { MessageTypes, TypeSet } from './index.js';
import { backendTypes, FrameReader, frontendAuthenticationTypes, frontendTypes, HEADER_BYTES, typeSet } from './index.js';

/** What a reader says about a stream: one line per message, with the bytes of runs and pieces joined. */
type Seen = { messages: string[]; forwarded: Buffer; violation: string | undefined };

function read(reader: FrameReader, chunks: readonly Buffer[], pass?: TypeSet): Seen {
  const seen: Seen = { messages: [], forwarded: Buffer.alloc(0), violation: undefined };
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let step = reader.next(pass); step !== 'more'; step = reader.next(pass)) {
      if (step === 'violation') return { ...seen, violation: reader.violation!.reason };
      const bytes = reader.buffer.subarray(reader.start, reader.end);
      seen.forwarded = Buffer.concat([seen.forwarded, bytes]);
      if (step === 'frame') seen.messages.push(describeFrame(reader));
      if (step === 'head') seen.messages.push(`${String.fromCharCode(reader.type)} head ${reader.bodyLeft}`);
    }
  }
  return seen;
}

function describeFrame(reader: FrameReader): string {
  const payload = reader.buffer.subarray(reader.payloadStart, reader.end).toString('utf8');
  return `${String.fromCharCode(reader.type)} ${payload}`;
}

const dialogue = Buffer.concat([
  frame('Q', Buffer.from('sélect \u{1F512} 一\0')),
  frame('S'),
  frame('d', 'x'.repeat(300)),
  frame('H'),
  frame('X'),
]);

describe('FrameReader', () => {
  it('finds the same messages however the stream arrives', () => {
    for (const { name, chunks } of feedings(dialogue)) {
      const reader = new FrameReader(frontendTypes());
      const seen = read(reader, chunks);
      expect(seen.messages, name).toEqual(['Q sélect \u{1F512} 一\0', 'S ', `d ${'x'.repeat(300)}`, 'H ', 'X ']);
      expect(seen.forwarded.equals(dialogue), name).toBe(true);
      expect(reader.atBoundary, name).toBe(true);
    }
  });

  it('does not copy a message that lies whole in its chunk', () => {
    const reader = new FrameReader(frontendTypes());
    reader.push(dialogue);
    expect(reader.next()).toBe('frame');
    expect(reader.buffer).toBe(dialogue);
  });

  it('never writes again what it has handed out', () => {
    const reader = new FrameReader(frontendTypes());
    const handed: { bytes: Buffer; copy: Buffer }[] = [];
    for (let at = 0; at < dialogue.length; at += 7) {
      reader.push(Buffer.from(dialogue.subarray(at, at + 7)));
      while (reader.next() !== 'more') {
        const bytes = reader.buffer.subarray(reader.start, reader.end);
        handed.push({ bytes, copy: Buffer.from(bytes) });
      }
    }
    expect(handed.length).toBeGreaterThan(4);
    for (const { bytes, copy } of handed) expect(bytes.equals(copy)).toBe(true);
  });

  it('tells whether the stream may end here', () => {
    const reader = new FrameReader(frontendTypes());
    expect(reader.atBoundary).toBe(true);
    reader.push(Buffer.from('Q'));
    reader.next();
    expect(reader.atBoundary).toBe(false);
  });

  it('refuses a chunk on top of one that is not drained', () => {
    const reader = new FrameReader(frontendTypes());
    reader.push(dialogue);
    reader.next();
    expect(() => reader.push(dialogue)).toThrow(/not drained/);
  });

  it('judges the messages behind a change of phase by the new table', () => {
    const reader = new FrameReader(frontendAuthenticationTypes());
    reader.push(Buffer.concat([frame('p', 'secret\0'), frame('Q', 'select 1\0')]));
    expect(reader.next()).toBe('frame');
    reader.expect(frontendTypes());
    expect(reader.next()).toBe('frame');
    expect(describeFrame(reader)).toBe('Q select 1\0');
  });
});

describe('FrameReader, runs', () => {
  const rows = Array.from({ length: 50 }, (_, n) => frame('D', `row ${n}`));
  const result = Buffer.concat([frame('T', 'description'), ...rows, frame('C', 'SELECT 50\0'), frame('Z', 'I')]);

  it('hands out adjacent messages in one piece', () => {
    const reader = new FrameReader(backendTypes());
    reader.push(result);
    expect(reader.next(typeSet('DC'))).toBe('frame');
    expect(reader.next(typeSet('DC'))).toBe('run');
    expect(reader.frames).toBe(51);
    expect(reader.buffer.subarray(reader.start, reader.end).equals(Buffer.concat([...rows, frame('C', 'SELECT 50\0')]))).toBe(true);
    expect(reader.next(typeSet('DC'))).toBe('frame');
    expect(describeFrame(reader)).toBe('Z I');
    expect(reader.next(typeSet('DC'))).toBe('more');
  });

  it('forwards every byte and counts every message, however the stream arrives', () => {
    for (const { name, chunks } of feedings(result)) {
      const reader = new FrameReader(backendTypes());
      let rowsSeen = 0;
      const forwarded: Buffer[] = [];
      for (const chunk of chunks) {
        reader.push(chunk);
        for (let step = reader.next(typeSet('D')); step !== 'more'; step = reader.next(typeSet('D'))) {
          if (step === 'run') rowsSeen += reader.frames;
          forwarded.push(reader.buffer.subarray(reader.start, reader.end));
        }
      }
      expect(rowsSeen, name).toBe(50);
      expect(Buffer.concat(forwarded).equals(result), name).toBe(true);
    }
  });

  it('ends a run before the message that breaks a rule', () => {
    const reader = new FrameReader(backendTypes());
    reader.push(Buffer.concat([frame('D', 'a'), frame('D', 'b', 2)]));
    expect(reader.next(typeSet('D'))).toBe('run');
    expect(reader.frames).toBe(1);
    expect(reader.next(typeSet('D'))).toBe('violation');
    expect(reader.violation?.reason).toBe('length-too-small');
  });
});

describe('FrameReader, streams', () => {
  const long = frame('d', 'y'.repeat(2_000));
  const stream = Buffer.concat([frame('S'), long, frame('c')]);

  it('hands out a long message as its head and the pieces of its body', () => {
    for (const { name, chunks } of feedings(stream)) {
      const reader = new FrameReader(frontendTypes(), 1_000);
      const seen = read(reader, chunks);
      expect(seen.forwarded.equals(stream), name).toBe(true);
      expect(reader.atBoundary, name).toBe(true);
      // A message that lies whole in its chunk is in memory already: it is handed out whole.
      expect(['d head 2000', `d ${'y'.repeat(2_000)}`], name).toContain(seen.messages[1]);
    }
  });

  it('holds no more than the header while the body passes', () => {
    const reader = new FrameReader(backendTypes());
    reader.push(frame('D', 'first bytes', 1_000_000_000));
    expect(reader.next()).toBe('head');
    expect(reader.end - reader.start).toBe(HEADER_BYTES);
    expect(reader.bodyLeft).toBe(1_000_000_000 - 4);
    expect(reader.next()).toBe('piece');
    expect(reader.buffer.toString('latin1', reader.start, reader.end)).toBe('first bytes');
    expect(reader.next()).toBe('more');
    expect(reader.atBoundary).toBe(false);
  });

  it('shows what lies behind a message without taking it, as far as it is whole', () => {
    const rows = ['one', 'two', 'three'].map((text) => frame('D', text));
    const bytes = Buffer.concat([...rows, frame('C', 'SELECT 3\0'), frame('D', 'four')]);
    const reader = new FrameReader(backendTypes());
    const ahead = (): string[] => {
      const seen: string[] = [];
      reader.ahead('D'.charCodeAt(0), (buffer, start, end) => seen.push(buffer.toString('utf8', start, end)));
      return seen;
    };
    reader.push(bytes.subarray(0, rows[0]!.length + rows[1]!.length + 3));
    expect([reader.next(), ahead(), reader.next(), ahead(), reader.next()]).toEqual(['frame', ['two'], 'frame', [], 'more']);
    reader.push(bytes.subarray(rows[0]!.length + rows[1]!.length + 3));
    expect([reader.next(), describeFrame(reader), ahead(), reader.next(), reader.next(), describeFrame(reader)]).toEqual(['frame', 'D three', [], 'frame', 'frame', 'D four']);
  });

  it('keeps a statement together at any length', () => {
    const statement = frame('Q', `${'z'.repeat(5_000)}\0`);
    const reader = new FrameReader(frontendTypes(), 1_000);
    const seen = read(reader, [statement.subarray(0, 2_000), statement.subarray(2_000)]);
    expect(seen.messages).toEqual([`Q ${'z'.repeat(5_000)}\0`]);
  });

  it('obeys a new threshold from the next message on', () => {
    const reader = new FrameReader(frontendTypes(), 1_000);
    reader.streamAbove(10_000);
    expect(read(reader, [stream.subarray(0, 1_000), stream.subarray(1_000)]).messages).toEqual(['S ', `d ${'y'.repeat(2_000)}`, 'c ']);
  });
});

describe('FrameReader, violations', () => {
  const auth = frontendAuthenticationTypes();
  const cases: [name: string, types: MessageTypes, bytes: Buffer, reason: string][] = [
    ['type 0x00', frontendTypes(), Buffer.from([0x00]), 'unknown-type'],
    ['type 0xff', frontendTypes(), Buffer.from([0xff]), 'unknown-type'],
    ['a server message from a client', frontendTypes(), frame('Z', 'I'), 'unknown-type'],
    ['a password in a session', frontendTypes(), frame('p', 'x\0'), 'unknown-type'],
    ['a query before authentication', auth, frame('Q', 'x\0'), 'unknown-type'],
    ['a client message from a server', backendTypes(), frame('Q', 'x\0'), 'unknown-type'],
    ['length 0', frontendTypes(), frame('Q', 'x\0', 0), 'length-too-small'],
    ['length 3', frontendTypes(), frame('S', '', 3), 'length-too-small'],
    ['length -1', frontendTypes(), frame('Q', 'x\0', 0xffff_ffff), 'length-too-large'],
    ['length 0x80000000 in SASL (CVE-2026-6664)', auth, frame('p', 'x', 0x8000_0000), 'length-too-large'],
    ['length 0x7ffffff0 in SASL', auth, frame('p', 'x', 0x7fff_fff0), 'length-too-large'],
    ['a SASL message above 64 KiB', auth, frame('p', 'x', 65_536), 'length-too-large'],
    ['a query above the ceiling', frontendTypes(), frame('Q', 'x', 64 * 1024 * 1024 + 1), 'length-too-large'],
    ['a query above a named ceiling', frontendTypes(1_000), frame('Q', 'x', 1_001), 'length-too-large'],
    ['a long Sync', frontendTypes(), frame('S', 'x', 10_001), 'length-too-large'],
    ['a row above 1 GiB', backendTypes(), frame('D', 'x', 1024 ** 3 + 1), 'length-too-large'],
    ['an error of 17 MiB', backendTypes(), frame('E', 'x', 17 * 1024 ** 2), 'length-too-large'],
  ];

  it.each(cases)('%s', (_, types, bytes, reason) => {
    const before = Buffer.concat([types === auth ? frame('p', 'a\0') : frame('d', 'a'), bytes]);
    for (const { name, chunks } of feedings(before)) {
      const reader = new FrameReader(types);
      const seen = read(reader, chunks);
      expect(seen.violation, name).toBe(reason);
      expect(seen.messages.length, name).toBe(1);
      expect(reader.next(), name).toBe('violation');
    }
  });

  it('stays broken when more arrives', () => {
    const reader = new FrameReader(frontendTypes());
    reader.push(Buffer.from([0, 0, 0, 0, 4]));
    expect(reader.next()).toBe('violation');
    reader.push(frame('S'));
    expect(reader.next()).toBe('violation');
  });

  it('allocates by what has arrived, not by what is declared', () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 200 }, () => {
      const reader = new FrameReader(frontendTypes());
      reader.push(frame('Q', 'select', 60 * 1024 * 1024));
      expect(reader.next()).toBe('more');
      return reader;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect(readers.length).toBe(200);
  });
});

describe('FrameReader, properties', () => {
  const messages = fc.array(
    fc.record({ letter: fc.constantFrom(...'DdTCZENSAVc'), payload: fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)) }),
    { maxLength: 12 },
  );
  const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });

  it('forwards any stream byte for byte, under any cut, any pass set and any threshold', () => {
    fc.assert(
      fc.property(messages, cuts, fc.subarray([...'DdC']), fc.integer({ min: 0, max: 100 }), (list, lengths, pass, threshold) => {
        const stream = Buffer.concat(list.map(({ letter, payload }) => frame(letter, payload)));
        const reader = new FrameReader(backendTypes(), threshold);
        const seen = read(reader, sliced(stream, lengths), typeSet(pass.join('')));
        expect(seen.violation).toBeUndefined();
        expect(seen.forwarded.equals(stream)).toBe(true);
        expect(reader.atBoundary).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('answers every stream of bytes with steps or a violation', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), cuts, (bytes, lengths) => {
        const seen = read(new FrameReader(frontendTypes(), 50), sliced(Buffer.from(bytes), lengths), typeSet('dSH'));
        expect(seen.forwarded.equals(Buffer.from(bytes).subarray(0, seen.forwarded.length))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
