import { CopyBinaryReader, CopyCsvReader, CopyTextReader, type CopyReader } from '@interlock/protocol-postgres';
import { must, type FuzzEntry } from '../fuzz.js';
import { cut } from './feeding.js';

interface Copied {
  readonly bytes: Buffer;
  readonly rows: string;
  readonly outcome: string;
}

function read(reader: CopyReader, chunks: readonly Buffer[]): Copied {
  const bytes: Buffer[] = [];
  const rows: (string | null)[][] = [];
  let ended = 'end';
  const drain = (): void => {
    for (let step = reader.next(); step !== 'more' && step !== 'end'; step = reader.next()) {
      if (step === 'violation') { ended = reader.violation!.reason; return; }
      bytes.push(Buffer.from(reader.buffer.subarray(reader.start, reader.end)));
      if (step === 'row') rows.push(Array.from({ length: reader.count }, (_, column) => reader.value(column)?.toString('latin1') ?? null));
    }
  };
  for (const chunk of chunks) {
    reader.push(chunk);
    drain();
    if (reader.violation !== undefined) break;
  }
  reader.finish();
  drain();
  return { bytes: Buffer.concat(bytes), rows: JSON.stringify(rows), outcome: ended };
}

/** Rows rewritten with nothing replaced must be the same stream; with every value replaced they must read as replaced. */
function rewritten(make: () => CopyReader, input: Buffer, replacement: Buffer | undefined): Buffer {
  const reader = make();
  const parts: Buffer[] = [];
  reader.push(input);
  reader.finish();
  for (let step = reader.next(); step !== 'end'; step = reader.next()) {
    const all = replacement === undefined ? [] : Array.from({ length: reader.count }, () => replacement);
    parts.push(step === 'row' ? Buffer.from(reader.rewrite(all)) : Buffer.from(reader.buffer.subarray(reader.start, reader.end)));
  }
  return Buffer.concat(parts);
}

function entry(name: string, make: () => CopyReader, seeds: readonly Buffer[]): FuzzEntry {
  return {
    name, seeds,
    run: (input, random) => {
      const whole = read(make(), [input]);
      const parts = read(make(), cut(input, random));
      // A row that is both too long and malformed may be refused for either.
      must((whole.outcome === 'end') === (parts.outcome === 'end'), `the cut changes nothing: ${whole.outcome}, ${parts.outcome}`);
      must(whole.rows === parts.rows && whole.bytes.equals(parts.bytes), 'the cut changes no row');
      must(whole.bytes.equals(input.subarray(0, whole.bytes.length)), 'bytes come out in order and unchanged');
      if (whole.outcome !== 'end') return whole.outcome;
      must(whole.bytes.length === input.length, 'nothing is swallowed');
      must(rewritten(make, input, undefined).equals(input), 'a stream without replacements is the same stream');
      const masked = read(make(), [rewritten(make, input, Buffer.from('*,"\\\t*'))]);
      must(masked.outcome === 'end' && masked.rows === whole.rows.replace(/"(?:[^"\\]|\\.)*"|null/g, JSON.stringify('*,"\\\t*').replaceAll('$', '$$$$')), 'every replacement reads back, and nothing else is there');
      return `rows ${Math.min(9, whole.rows.split('],[').length)}`;
    },
  };
}

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
const BINARY = Buffer.concat([SIGNATURE, Buffer.alloc(8), Buffer.from([0, 2, 0, 0, 0, 1, 0x61, 0xff, 0xff, 0xff, 0xff]), Buffer.from([0, 1, 0, 0, 0, 0]), Buffer.from([0xff, 0xff])]);

export const copies: readonly FuzzEntry[] = [
  entry('COPY text', () => new CopyTextReader(), [Buffer.from('1\tada\t\\N\n2\tb\\\\o\\tx\t\n\\.\n'), Buffer.from('1\ta\r\n2\tb\r\n'), Buffer.from('\\x41\\101\\b\n')]),
  entry('COPY text with columns', () => new CopyTextReader({ columns: 2, delimiter: '|', nullText: 'NULL', maxRowBytes: 64 }), [Buffer.from('1|NULL\n2|b\\|c\n')]),
  entry('COPY csv', () => new CopyCsvReader(), [Buffer.from('id,name\n1,"a ""b"" , c"\n2,\n"multi\nline",x\n'), Buffer.from('1,a\r\n2,b\r\n')]),
  entry('COPY csv with an escape', () => new CopyCsvReader({ columns: 2, quote: "'", escape: '\\', delimiter: ';', nullText: 'NULL', maxRowBytes: 64 }), [Buffer.from("1;'a\\'b'\nNULL;x\n")]),
  entry('COPY binary', () => new CopyBinaryReader({}), [BINARY, Buffer.concat([BINARY.subarray(0, 15), Buffer.from([0, 0, 0, 3, 1, 2, 3]), BINARY.subarray(19)])]),
];
