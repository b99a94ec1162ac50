import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedings, frame } from '../spec/feeding.js';
import type { BackendMessage, Decoded } from './index.js';
import { backendTypes, decodeBackend, encodeBackend, FrameReader, SQLSTATE } from './index.js';

const b = (text: string): Buffer => Buffer.from(text);

function decode(message: Buffer): Decoded<BackendMessage> {
  return decodeBackend(message[0]!, message, 5, message.length);
}

const column = { name: 'naïve', tableOid: 16_384, columnNumber: -1, typeOid: 25, typeSize: -1, typeModifier: -1, format: 'text' } as const;

/** The bytes are written out by hand from the documentation, so that encoder and decoder cannot agree on an error. */
const table: [bytes: Buffer, message: BackendMessage][] = [
  [frame('R', '\0\0\0\0'), { kind: 'authenticationOk' }],
  [frame('R', '\0\0\0\x02'), { kind: 'authenticationKerberosV5' }],
  [frame('R', '\0\0\0\x03'), { kind: 'authenticationCleartextPassword' }],
  [frame('R', '\0\0\0\x05salt'), { kind: 'authenticationMd5Password', salt: b('salt') }],
  [frame('R', '\0\0\0\x07'), { kind: 'authenticationGss' }],
  [frame('R', '\0\0\0\x08token'), { kind: 'authenticationGssContinue', data: b('token') }],
  [frame('R', '\0\0\0\x09'), { kind: 'authenticationSspi' }],
  [frame('R', '\0\0\0\x0aSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0'), { kind: 'authenticationSasl', mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'] }],
  [frame('R', '\0\0\0\x0br=1'), { kind: 'authenticationSaslContinue', data: b('r=1') }],
  [frame('R', '\0\0\0\x0cv=1'), { kind: 'authenticationSaslFinal', data: b('v=1') }],
  [frame('K', '\0\0\x03\xe8\x01\x02\x03\x04'), { kind: 'backendKeyData', processId: 1_000, key: Buffer.from([1, 2, 3, 4]) }],
  [frame('K', `\0\0\0\x01${'k'.repeat(256)}`), { kind: 'backendKeyData', processId: 1, key: Buffer.alloc(256, 'k') }],
  [frame('S', 'client_encoding\0UTF8\0'), { kind: 'parameterStatus', name: 'client_encoding', value: 'UTF8' }],
  [frame('Z', 'I'), { kind: 'readyForQuery', status: 'idle' }],
  [frame('Z', 'T'), { kind: 'readyForQuery', status: 'inTransaction' }],
  [frame('Z', 'E'), { kind: 'readyForQuery', status: 'failed' }],
  [frame('T', '\0\x01na\xc3\xafve\0\0\0\x40\0\xff\xff\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0'), { kind: 'rowDescription', fields: [column] }],
  [frame('T', '\0\0'), { kind: 'rowDescription', fields: [] }],
  [frame('D', '\0\x03\0\0\0\x02ab\xff\xff\xff\xff\0\0\0\0'), { kind: 'dataRow', cells: [b('ab'), null, b('')] }],
  [frame('C', 'INSERT 0 5\0'), { kind: 'commandComplete', tag: 'INSERT 0 5' }],
  [frame('E', b('SERROR\0C42501\0Mnein, “danke”\0\0')), { kind: 'errorResponse', fields: { severity: 'ERROR', code: '42501', message: 'nein, “danke”' } }],
  [frame('N', 'SNOTICE\0VNOTICE\0C00000\0Mm\0\0'), { kind: 'noticeResponse', fields: { severity: 'NOTICE', severityCode: 'NOTICE', code: '00000', message: 'm' } }],
  [frame('A', '\0\0\0\x07ch\0pay\0'), { kind: 'notificationResponse', processId: 7, channel: 'ch', payload: 'pay' }],
  [frame('1'), { kind: 'parseComplete' }],
  [frame('2'), { kind: 'bindComplete' }],
  [frame('3'), { kind: 'closeComplete' }],
  [frame('n'), { kind: 'noData' }],
  [frame('t', '\0\x02\0\0\0\x17\0\0\0\x19'), { kind: 'parameterDescription', typeOids: [23, 25] }],
  [frame('s'), { kind: 'portalSuspended' }],
  [frame('I'), { kind: 'emptyQueryResponse' }],
  [frame('G', '\0\0\x02\0\0\0\0'), { kind: 'copyInResponse', format: 'text', columnFormats: ['text', 'text'] }],
  [frame('H', '\x01\0\x01\0\x01'), { kind: 'copyOutResponse', format: 'binary', columnFormats: ['binary'] }],
  [frame('W', '\0\0\0'), { kind: 'copyBothResponse', format: 'text', columnFormats: [] }],
  [frame('d', 'row\n'), { kind: 'copyData', data: b('row\n') }],
  [frame('c'), { kind: 'copyDone' }],
  [frame('V', '\0\0\0\x01x'), { kind: 'functionCallResponse', value: b('x') }],
  [frame('V', '\xff\xff\xff\xff'), { kind: 'functionCallResponse', value: null }],
  [frame('v', '\0\x03\0\x02\0\0\0\x01_pq_.x\0'), { kind: 'negotiateProtocolVersion', major: 3, minor: 2, unrecognizedOptions: ['_pq_.x'] }],
];

/** Those whose last field reaches to the end of the message: a byte more or less is another value, not a breach. */
const OPEN_ENDED = new Set(['authenticationGssContinue', 'authenticationSaslContinue', 'authenticationSaslFinal', 'backendKeyData', 'copyData']);

describe('server messages', () => {
  it.each(table)('%j', (bytes, message) => {
    expect(decode(bytes)).toEqual({ ok: true, value: message });
    expect(encodeBackend(message).toString('hex')).toBe(bytes.toString('hex'));
  });

  it('are the same however their stream arrives', () => {
    const stream = Buffer.concat(table.map(([bytes]) => bytes));
    for (const { name, chunks } of feedings(stream)) {
      const reader = new FrameReader(backendTypes());
      const seen: unknown[] = [];
      for (const chunk of chunks) {
        reader.push(chunk);
        while (reader.next() === 'frame') seen.push(decodeBackend(reader.type, reader.buffer, reader.payloadStart, reader.end));
      }
      expect(seen, name).toEqual(table.map(([, value]) => ({ ok: true, value })));
    }
  });

  it('are refused when cut short or lengthened by a byte', () => {
    for (const [bytes, message] of table) {
      if (OPEN_ENDED.has(message.kind)) continue;
      for (let end = 5; end < bytes.length; end += 1) expect(decodeBackend(bytes[0]!, bytes, 5, end).ok, `${message.kind} cut at ${end}`).toBe(false);
      expect(decode(Buffer.concat([bytes, Buffer.from([0])])).ok, `${message.kind} lengthened`).toBe(false);
    }
  });
});

describe('malformed server messages', () => {
  const cases: [name: string, bytes: Buffer, reason: string][] = [
    ['an authentication request 99', frame('R', '\0\0\0\x63'), 'invalid-value'],
    ['a salt of 3 bytes', frame('R', '\0\0\0\x05abc'), 'truncated'],
    ['33 mechanisms', frame('R', `\0\0\0\x0a${'x\0'.repeat(33)}\0`), 'count-too-large'],
    ['a key of 3 bytes', frame('K', '\0\0\0\x01abc'), 'length-too-small'],
    ['a key of 257 bytes', frame('K', `\0\0\0\x01${'k'.repeat(257)}`), 'length-too-large'],
    ['a transaction status X', frame('Z', 'X'), 'invalid-value'],
    ['1,665 columns', frame('T', `\x06\x81${'\0'.repeat(19 * 1_665)}`), 'count-too-large'],
    ['65,535 columns and none of them', frame('D', '\xff\xff'), 'count-too-large'],
    ['a column name that is not UTF-8', frame('T', `\0\x01\xff\0${'\0'.repeat(18)}`), 'invalid-utf8'],
    ['a copy format 2', frame('H', '\x02\0\0'), 'invalid-value'],
    ['a cell of -2 bytes', frame('D', '\0\x01\xff\xff\xff\xfe'), 'invalid-value'],
    ['4 billion protocol options', frame('v', '\0\x03\0\0\xff\xff\xff\xff'), 'count-too-large'],
    ['an error without its end', frame('E', 'SERROR\0'), 'truncated'],
    ['an error with bytes behind its end', frame('E', 'SERROR\0\0x'), 'trailing-bytes'],
    ['an error with 65 fields', frame('E', `${'Sx\0'.repeat(65)}\0`), 'count-too-large'],
    ['a type that does not exist', frame('q'), 'unknown-type'],
  ];

  it.each(cases)('%s', (_, bytes, reason) => {
    expect(decode(bytes)).toMatchObject({ ok: false, violation: { reason } });
  });

  it('never throws, whatever the bytes, and writes what it has read', () => {
    fc.assert(
      fc.property(fc.constantFrom(...'RKSZTDCENA123ntsIGHWdcVv'), fc.uint8Array({ maxLength: 60 }), (letter, payload) => {
        const outcome = decode(frame(letter, Buffer.from(payload)));
        if (outcome.ok) expect(decode(encodeBackend(outcome.value))).toEqual(outcome);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('reports', () => {
  const every = {
    severity: 'ERREUR', severityCode: 'ERROR', code: SQLSTATE.insufficientPrivilege, message: 'message', detail: 'detail', hint: 'hint',
    position: '8', internalPosition: '3', internalQuery: 'select', where: 'PL', schema: 's', table: 't', column: 'c', dataType: 'd',
    constraint: 'n', file: 'f.c', line: '12', routine: 'r',
  };

  it('carry every field', () => {
    const message: BackendMessage = { kind: 'errorResponse', fields: every };
    expect(decode(encodeBackend(message))).toEqual({ ok: true, value: message });
  });

  it('keep fields that are not known, by their letter', () => {
    expect(decode(frame('E', 'SERROR\0C1\0Mm\0Zfuture\0\0'))).toMatchObject({ value: { fields: { unrecognized: new Map([['Z', 'future']]) } } });
  });

  it('read the last of a repeated field, and text of another encoding for people', () => {
    expect(decode(frame('E', 'SERROR\0Mone\0Mtw\xf6\0\0'))).toMatchObject({ value: { fields: { message: 'tw\ufffd', code: '' } } });
  });
});
