import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedings, frame } from '../spec/feeding.js';
import type { Decoded, FrontendAuthenticationMessage, FrontendMessage } from './index.js';
import {
  decodeFrontend,
  decodePassword,
  decodeSaslInitialResponse,
  decodeSaslResponse,
  encodeFrontend,
  FrameReader,
  frontendAuthenticationTypes,
  frontendTypes,
} from './index.js';

const b = (text: string): Buffer => Buffer.from(text);

function decode(message: Buffer): Decoded<FrontendMessage> {
  return decodeFrontend(message[0]!, message, 5, message.length);
}

/** The bytes are written out by hand from the documentation, so that encoder and decoder cannot agree on an error. */
const table: [bytes: Buffer, message: FrontendMessage][] = [
  [frame('Q', b('select ’一\u{1F512}’\0')), { kind: 'query', text: 'select ’一\u{1F512}’' }],
  [frame('Q', '\0'), { kind: 'query', text: '' }],
  [frame('P', 's1\0select $1\0\0\x02\0\0\0\x17\xff\xff\xff\xff'), { kind: 'parse', statement: 's1', text: 'select $1', parameterTypes: [23, 4_294_967_295] }],
  [frame('P', '\0\0\0\0'), { kind: 'parse', statement: '', text: '', parameterTypes: [] }],
  [
    frame('B', 'p\0s\0\0\x02\0\0\0\x01\0\x02\0\0\0\x02hi\xff\xff\xff\xff\0\x01\0\x01'),
    { kind: 'bind', portal: 'p', statement: 's', parameterFormats: ['text', 'binary'], parameters: [b('hi'), null], resultFormats: ['binary'] },
  ],
  [frame('B', '\0\0\0\0\0\x01\0\0\0\0\0\0'), { kind: 'bind', portal: '', statement: '', parameterFormats: [], parameters: [b('')], resultFormats: [] }],
  [frame('D', 'Sname\0'), { kind: 'describe', subject: 'statement', name: 'name' }],
  [frame('D', 'P\0'), { kind: 'describe', subject: 'portal', name: '' }],
  [frame('E', 'p\0\0\0\0\x05'), { kind: 'execute', portal: 'p', maxRows: 5 }],
  [frame('E', '\0\xff\xff\xff\xff'), { kind: 'execute', portal: '', maxRows: -1 }],
  [frame('C', 'Sold\0'), { kind: 'close', subject: 'statement', name: 'old' }],
  [frame('H'), { kind: 'flush' }],
  [frame('S'), { kind: 'sync' }],
  [
    frame('F', '\0\0\x07\xea\0\x01\0\x01\0\x02\0\0\0\x01x\xff\xff\xff\xff\0\0'),
    { kind: 'functionCall', functionOid: 2026, argumentFormats: ['binary'], arguments: [b('x'), null], resultFormat: 'text' },
  ],
  [frame('d', 'a\tb\n'), { kind: 'copyData', data: b('a\tb\n') }],
  [frame('c'), { kind: 'copyDone' }],
  [frame('f', 'stop\0'), { kind: 'copyFail', message: 'stop' }],
  [frame('X'), { kind: 'terminate' }],
];

describe('client messages', () => {
  it.each(table)('%j', (bytes, message) => {
    expect(decode(bytes)).toEqual({ ok: true, value: message });
    expect(encodeFrontend(message).toString('hex')).toBe(bytes.toString('hex'));
  });

  it('are the same however their stream arrives', () => {
    const stream = Buffer.concat(table.map(([bytes]) => bytes));
    for (const { name, chunks } of feedings(stream)) {
      const reader = new FrameReader(frontendTypes());
      const seen: unknown[] = [];
      for (const chunk of chunks) {
        reader.push(chunk);
        while (reader.next() === 'frame') seen.push(decodeFrontend(reader.type, reader.buffer, reader.payloadStart, reader.end));
      }
      expect(seen, name).toEqual(table.map(([, value]) => ({ ok: true, value })));
    }
  });

  it('do not read past their end into the next message', () => {
    const two = Buffer.concat([frame('Q', 'select 1'), frame('Q', 'x\0')]);
    expect(decodeFrontend(0x51, two, 5, 13)).toMatchObject({ ok: false, violation: { reason: 'missing-terminator' } });
  });

  it('are refused when cut short or lengthened by a byte', () => {
    for (const [bytes, message] of table) {
      if (message.kind === 'copyData') continue;
      for (let end = 5; end < bytes.length; end += 1) expect(decodeFrontend(bytes[0]!, bytes, 5, end).ok, `${message.kind} cut at ${end}`).toBe(false);
      expect(decode(Buffer.concat([bytes, Buffer.from([0])])).ok, `${message.kind} lengthened`).toBe(false);
    }
  });
});

describe('malformed client messages', () => {
  const cases: [name: string, bytes: Buffer, reason: string][] = [
    ['a query without NUL', Buffer.from('510000000c73656c6563742031', 'hex'), 'missing-terminator'],
    ['two texts in a query', frame('Q', 'select 1\0drop table a\0'), 'trailing-bytes'],
    ['a query that is not UTF-8', frame('Q', 'select \xc0\xaf\0'), 'invalid-utf8'],
    ['a surrogate in UTF-8', frame('Q', '\xed\xa0\x80\0'), 'invalid-utf8'],
    ['a Parse that counts more types than it holds', frame('P', '\0\0\0\x02\0\0\0\x17'), 'truncated'],
    ['a Parse with bytes behind its types', frame('P', '\0\0\0\0x'), 'trailing-bytes'],
    ['a Bind with 65,535 parameters and none of them', frame('B', '\0\0\0\0\xff\xff'), 'truncated'],
    ['a Bind whose value declares -2 bytes', frame('B', '\0\0\0\0\0\x01\xff\xff\xff\xfe\0\0'), 'invalid-value'],
    ['a Bind whose value declares 2 GiB', frame('B', '\0\0\0\0\0\x01\x7f\xff\xff\xff\0\0'), 'truncated'],
    ['a Bind with format 2', frame('B', '\0\0\0\x01\0\x02\0\0\0\0'), 'invalid-value'],
    ['a Bind with two formats for one value', frame('B', '\0\0\0\x02\0\0\0\0\0\x01\0\0\0\0\0\0'), 'count-mismatch'],
    ['a Bind with 2,000 result formats', frame('B', `\0\0\0\0\0\0\x07\xd0${'\0\0'.repeat(2_000)}`), 'count-too-large'],
    ['a Describe of neither', frame('D', 'Xa\0'), 'invalid-value'],
    ['an empty Describe', frame('D'), 'truncated'],
    ['an Execute without row count', frame('E', '\0'), 'truncated'],
    ['a Sync with a body', frame('S', 'x'), 'trailing-bytes'],
    ['a Terminate with a body', frame('X', 'x'), 'trailing-bytes'],
    ['a FunctionCall with 101 arguments', frame('F', `\0\0\0\x01\0\0\0\x65${'\0\0\0\0'.repeat(101)}\0\0`), 'count-too-large'],
    ['a FunctionCall without result format', frame('F', '\0\0\0\x01\0\0\0\0'), 'truncated'],
    ['a type that does not exist', frame('z'), 'unknown-type'],
    ['a password outside authentication', frame('p', 'x\0'), 'unknown-type'],
  ];

  it.each(cases)('%s', (_, bytes, reason) => {
    expect(decode(bytes)).toMatchObject({ ok: false, violation: { reason } });
  });

  it('never throws and never reads outside, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...'QPBDECHSFdcfX'), fc.uint8Array({ maxLength: 60 }), (letter, payload) => {
        const outcome = decode(frame(letter, Buffer.from(payload)));
        if (outcome.ok) expect(decode(encodeFrontend(outcome.value))).toEqual(outcome);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('authentication messages of a client', () => {
  const messages: [FrontendAuthenticationMessage, string][] = [
    [{ kind: 'password', password: 'gehéim' }, 'gehÃ©im\0'],
    [{ kind: 'saslInitialResponse', mechanism: 'SCRAM-SHA-256', response: b('n,,n=,r=x') }, 'SCRAM-SHA-256\0\0\0\0\x09n,,n=,r=x'],
    [{ kind: 'saslInitialResponse', mechanism: 'X', response: null }, 'X\0\xff\xff\xff\xff'],
    [{ kind: 'saslResponse', response: b('c=biws') }, 'c=biws'],
  ];
  const decoders = { password: decodePassword, saslInitialResponse: decodeSaslInitialResponse, saslResponse: decodeSaslResponse };

  it.each(messages)('%j', (message, payload) => {
    const bytes = encodeFrontend(message);
    expect(bytes.equals(frame('p', payload))).toBe(true);
    const reader = new FrameReader(frontendAuthenticationTypes());
    reader.push(bytes);
    expect(reader.next()).toBe('frame');
    expect(decoders[message.kind](reader.buffer, reader.payloadStart, reader.end)).toEqual({ ok: true, value: message });
  });

  it('are refused when malformed', () => {
    const initial = (payload: string) => decodeSaslInitialResponse(Buffer.from(payload, 'latin1'), 0, payload.length);
    expect(decodePassword(b('abc'), 0, 3)).toMatchObject({ violation: { reason: 'missing-terminator' } });
    expect(decodePassword(b('abc\0d'), 0, 5)).toMatchObject({ violation: { reason: 'trailing-bytes' } });
    expect(initial('X\0\x7f\xff\xff\xf0')).toMatchObject({ violation: { reason: 'truncated' } });
    expect(initial('X\0\x80\0\0\0')).toMatchObject({ violation: { reason: 'invalid-value' } });
    expect(initial('X\0\0\0\0\x01ab')).toMatchObject({ violation: { reason: 'trailing-bytes' } });
  });
});

describe('encodeFrontend', () => {
  it('throws where a value cannot be on the wire', () => {
    expect(() => encodeFrontend({ kind: 'query', text: 'select 1\0; drop table a' })).toThrow(RangeError);
    const many = Array.from({ length: 65_536 }, () => 0);
    expect(() => encodeFrontend({ kind: 'parse', statement: '', text: '', parameterTypes: many })).toThrow(RangeError);
  });

  it('survives a round trip with any values', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !value.includes('\0'));
    const value = fc.option(fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)));
    fc.assert(
      fc.property(text, text, fc.array(value, { maxLength: 5 }), fc.boolean(), (portal, statement, parameters, binary) => {
        const bind: FrontendMessage = { kind: 'bind', portal, statement, parameterFormats: [binary ? 'binary' : 'text'], parameters, resultFormats: [] };
        expect(decode(encodeFrontend(bind))).toEqual({ ok: true, value: bind });
      }),
      { numRuns: 200 },
    );
  });

  it('reads strings of every length alike, ASCII or not, up to the end of the message and no further', () => {
    for (let length = 0; length < 120; length += 1) {
      for (const text of ['a'.repeat(length), `${'a'.repeat(length)}é`]) {
        const stream = Buffer.concat([encodeFrontend({ kind: 'query', text }), Buffer.from('b\0')]);
        expect(decodeFrontend(0x51, stream, 5, stream.length - 2)).toEqual({ ok: true, value: { kind: 'query', text } });
        expect(decodeFrontend(0x51, stream, 5, stream.length - 3).ok).toBe(false);
      }
    }
  });

  it('encodes the full count of parameters', () => {
    const parameters = Array.from({ length: 65_535 }, () => null);
    const bind: FrontendMessage = { kind: 'bind', portal: '', statement: '', parameterFormats: [], parameters, resultFormats: [] };
    expect(decode(encodeFrontend(bind))).toEqual({ ok: true, value: bind });
  });
});
