import { isDeepStrictEqual } from 'node:util';
import {
  DataRowCursor, decodeBackend, decodeFrontend, decodePassword, decodeSaslInitialResponse, decodeSaslResponse, encodeBackend, encodeFrontend, HEADER_BYTES,
  rewriteDataRow, type BackendMessage, type Decoded, type FrontendMessage,
} from '@interlock/protocol-postgres';
import { must, type FuzzEntry } from '../fuzz.js';

export const FRONTEND_MESSAGES: readonly FrontendMessage[] = [
  { kind: 'query', text: 'select 1; -- é' },
  { kind: 'parse', statement: 's1', text: 'select $1::int', parameterTypes: [23, 0] },
  { kind: 'bind', portal: '', statement: 's1', parameterFormats: ['text', 'binary'], parameters: [Buffer.from('1'), null], resultFormats: ['binary'] },
  { kind: 'describe', subject: 'statement', name: 's1' },
  { kind: 'execute', portal: '', maxRows: 100 },
  { kind: 'close', subject: 'portal', name: 'p' },
  { kind: 'flush' }, { kind: 'sync' }, { kind: 'terminate' },
  { kind: 'functionCall', functionOid: 2026, argumentFormats: ['text'], arguments: [Buffer.from('1')], resultFormat: 'text' },
  { kind: 'copyData', data: Buffer.from('1\tada\n') }, { kind: 'copyDone' }, { kind: 'copyFail', message: 'no' },
  { kind: 'copyData', data: Buffer.alloc(200, 0x61) },
];

const FIELD = { name: 'id', tableOid: 16_384, columnNumber: 1, typeOid: 23, typeSize: 4, typeModifier: -1, format: 'text' } as const;

export const BACKEND_MESSAGES: readonly BackendMessage[] = [
  { kind: 'authenticationOk' }, { kind: 'authenticationMd5Password', salt: Buffer.alloc(4, 1) }, { kind: 'authenticationSasl', mechanisms: ['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'] },
  { kind: 'authenticationSaslContinue', data: Buffer.from('r=a,s=b,i=4096') }, { kind: 'authenticationSaslFinal', data: Buffer.from('v=abc') },
  { kind: 'backendKeyData', processId: 7, key: Buffer.alloc(4, 2) }, { kind: 'parameterStatus', name: 'server_version', value: '18.4' }, { kind: 'readyForQuery', status: 'idle' },
  { kind: 'rowDescription', fields: [FIELD, { ...FIELD, name: 'name', columnNumber: 2, typeOid: 25, typeSize: -1 }] },
  { kind: 'dataRow', cells: [Buffer.from('1'), null, Buffer.from('ada'), Buffer.alloc(0)] },
  { kind: 'commandComplete', tag: 'SELECT 1' },
  { kind: 'errorResponse', fields: { severity: 'ERROR', code: '42501', message: 'denied' } },
  { kind: 'notificationResponse', processId: 1, channel: 'c', payload: 'p' }, { kind: 'parseComplete' }, { kind: 'bindComplete' }, { kind: 'closeComplete' }, { kind: 'noData' },
  { kind: 'parameterDescription', typeOids: [23, 25] }, { kind: 'portalSuspended' }, { kind: 'emptyQueryResponse' },
  { kind: 'copyOutResponse', format: 'text', columnFormats: ['text', 'text'] }, { kind: 'copyData', data: Buffer.from('1\t2\n') }, { kind: 'copyDone' },
  { kind: 'functionCallResponse', value: Buffer.from('1') }, { kind: 'negotiateProtocolVersion', major: 3, minor: 0, unrecognizedOptions: ['_pq_.x'] },
];

/** An input is a type byte and a payload: the length field belongs to framing. */
function withoutLength(message: Buffer): Buffer {
  return Buffer.concat([message.subarray(0, 1), message.subarray(HEADER_BYTES)]);
}

/** What a strict decoder accepts, its encoder must write again byte by byte: one reading, one spelling. */
function roundTrip<M extends { readonly kind: string }>(input: Buffer, result: Decoded<M>, encode: (message: M) => Buffer, decode: (payload: Buffer) => Decoded<M>): string {
  if (!result.ok) return result.violation.reason;
  const again = withoutLength(encode(result.value)).subarray(1);
  const second = decode(again);
  must(second.ok && isDeepStrictEqual(second.value, result.value), `${result.value.kind} reads the same after it was written again`);
  if (!result.value.kind.endsWith('Response')) must(again.equals(input.subarray(1)), `${result.value.kind} has one spelling: ${again.toString('hex')}`);
  return result.value.kind;
}

export const messages: readonly FuzzEntry[] = [
  {
    name: 'client messages', seeds: FRONTEND_MESSAGES.map((message) => withoutLength(encodeFrontend(message))),
    run: (input) => {
      const type = input[0] ?? 0;
      const decode = (payload: Buffer): Decoded<FrontendMessage> => decodeFrontend(type, payload, 0, payload.length);
      return roundTrip(input, decodeFrontend(type, input, Math.min(1, input.length), input.length), encodeFrontend, decode);
    },
  },
  {
    name: 'server messages', seeds: BACKEND_MESSAGES.map((message) => withoutLength(encodeBackend(message))),
    run: (input) => {
      const type = input[0] ?? 0;
      const decode = (payload: Buffer): Decoded<BackendMessage> => decodeBackend(type, payload, 0, payload.length);
      return roundTrip(input, decodeBackend(type, input, Math.min(1, input.length), input.length), encodeBackend, decode);
    },
  },
  {
    name: 'client messages of authentication',
    seeds: [encodeFrontend({ kind: 'password', password: 'eyJ.x.y' }), encodeFrontend({ kind: 'saslInitialResponse', mechanism: 'SCRAM-SHA-256', response: Buffer.from('n,,n=,r=abc') }), encodeFrontend({ kind: 'saslResponse', response: Buffer.from('c=biws') })].map(withoutLength),
    run: (input) => [decodePassword, decodeSaslInitialResponse, decodeSaslResponse].map((decode) => {
      const result = decode(input, Math.min(1, input.length), input.length);
      return result.ok ? result.value.kind : result.violation.reason;
    }).join(),
  },
  {
    name: 'rows', seeds: BACKEND_MESSAGES.filter(({ kind }) => kind === 'dataRow').map((message) => encodeBackend(message).subarray(HEADER_BYTES)),
    run: (input, random) => {
      const cursor = new DataRowCursor();
      const violation = cursor.load(input, 0, input.length);
      if (violation !== undefined) return `${violation.reason} ${cursor.count}`;
      must(rewriteDataRow(cursor, []).subarray(HEADER_BYTES).equals(input), 'a row without replacements is the same row');
      const replaced = random.below(cursor.count);
      const rewritten = new DataRowCursor();
      const message = rewriteDataRow(cursor, Array.from({ length: cursor.count }, (_, column) => (column === replaced ? Buffer.from('masked') : undefined)));
      must(rewritten.load(message, HEADER_BYTES, message.length) === undefined && rewritten.count === cursor.count, 'a rewritten row is a row');
      if (cursor.count > 0) must(rewritten.cell(replaced)?.toString() === 'masked', 'the replacement is in its place');
      return `row of ${Math.min(cursor.count, 8)}`;
    },
  },
];
