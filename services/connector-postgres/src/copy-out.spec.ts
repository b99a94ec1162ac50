import { CopyBinaryReader, CopyCsvReader, CopyTextReader, decodeFrontend, HEADER_BYTES } from '@interlock/protocol-postgres';
import { describe, expect, it } from 'vitest';
import { CopyMask, readerOf, type CopyStepResult } from './copy-out.js';
import { RowMask } from './mask-rows.js';

const KINDS = ['email'] as const;
const text = (format: 'text' | 'structure' = 'text'): RowMask => new RowMask([undefined, { kind: 'content', form: format }, { kind: 'transform', mask: () => Buffer.from('[redacted]') }], KINDS);

function seen(...results: readonly CopyStepResult[]): string {
  return results.map((result) => {
    if (result === 'unreadable') return '<unreadable>';
    if (result.messages === undefined) return '<as it came>';
    return result.messages.map((message) => {
      const decoded = decodeFrontend(message[0]!, message, HEADER_BYTES, message.length);
      return decoded.ok && decoded.value.kind === 'copyData' ? decoded.value.data.toString('latin1') : '<no copyData>';
    }).join('');
  }).join('');
}

describe('copied rows', () => {
  it('are masked field by field, wherever the messages are cut', () => {
    const stream = '1\tto ada@example.org\tx\\ty\n2\tnobody\t\\N\n3\t7\tz\n';
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const mask = new CopyMask(new CopyTextReader({ columns: 3 }), text(), false);
      const [one, other] = [mask.push(Buffer.from(stream.slice(0, cut)), cut > 0), mask.push(Buffer.from(stream.slice(cut)), cut < stream.length)];
      expect(seen(one, other, mask.finish()).replaceAll('<as it came>', ''), `cut at ${cut}`).toBe('1\tto [email]\t[redacted]\n2\tnobody\t\\N\n3\t7\t[redacted]\n');
    }
  });

  it('pass as they came where they are whole and nothing changes, and never as a piece', () => {
    const mask = new CopyMask(new CopyTextReader({ columns: 3 }), new RowMask([undefined, { kind: 'content', form: 'text' }, undefined], KINDS), false);
    expect(seen(mask.push(Buffer.from('1\t2\t3\n'), true))).toBe('<as it came>');
    expect(seen(mask.push(Buffer.from('1\t2\t3\n'), false))).toBe('1\t2\t3\n');
    expect(seen(mask.push(Buffer.from('1\t2'), true), mask.push(Buffer.from('\t3\n'), true))).toBe('1\t2\t3\n');
    expect(seen(mask.push(Buffer.from('1\t2\t3\n'), true))).toBe('<as it came>');
  });

  it('keep a header, in CSV with its quotes', () => {
    const mask = new CopyMask(new CopyCsvReader({ columns: 3 }), text(), true);
    expect(seen(mask.push(Buffer.from('id,"a@b.example",secret\n'), true), mask.push(Buffer.from('1,"see ""ada@example.org""",x\n'), true))).toBe('<as it came>1,"see ""[email]""",[redacted]\n');
  });

  it('in binary lose what cannot be read any more', () => {
    const field = (value: string): Buffer => Buffer.concat([Buffer.from([0, 0, 0, value.length]), Buffer.from(value)]);
    const stream = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8), Buffer.from([0, 3]), field('1'), field('ada@example.org'), field('x'), Buffer.from([0xff, 0xff])]);
    const mask = new CopyMask(new CopyBinaryReader({ columns: 3 }), text('structure'), false);
    const result = seen(mask.push(stream, true), mask.finish());
    expect(result).not.toContain('ada@');
    expect(result).toContain('[redacted]');
    expect(result).toContain('\xff\xff\xff\xff');
  });

  it('do not tell which masked value equals the null text', () => {
    const copied = (options: Record<string, string>): string => {
      const reader = readerOf({ direction: 'out', table: undefined, columns: ['a', 'b', 'c'], format: options['format'] ?? 'text', options }, 3)!;
      return seen(new CopyMask(reader, text(), false).push(Buffer.from(options['format'] === 'csv' ? '1,2,"guess"\n2,2,other\n3,2,guess\n' : '1\t2\tguess\n2\t2\tother\n3\t2\t\\N\n'), true));
    };
    expect(copied({ null: 'guess' })).toBe('1\t2\t[redacted]\n2\t2\t[redacted]\n3\t2\t[redacted]\n');
    expect(copied({})).toBe('1\t2\t[redacted]\n2\t2\t[redacted]\n3\t2\t\\N\n');
    expect(copied({ format: 'csv', null: 'guess' })).toBe('1,2,[redacted]\n2,2,[redacted]\n3,2,guess\n');
  });

  it('that cannot be read are not shown', () => {
    const mask = new CopyMask(new CopyTextReader({ columns: 3 }), text(), false);
    expect(seen(mask.push(Buffer.from('1\t2\n'), true))).toBe('<unreadable>');
  });
});
