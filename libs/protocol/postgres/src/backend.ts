import type { ReportFields } from './errors.js';
import { readReportFields, writeReportFields } from './errors.js';
import type { CopyData, CopyDone } from './frontend.js';
import {
  CANCEL_KEY_MAX_BYTES,
  CANCEL_KEY_MIN_BYTES,
  COLUMNS_MAX,
  PARAMETERS_MAX,
  PROTOCOL_OPTIONS_MAX,
  SASL_MECHANISMS_MAX,
} from './limits.js';
import type { Format } from './payload.js';
import { PayloadReader, readFormat } from './payload.js';
import type { Decoded } from './violation.js';
import { violated } from './violation.js';
import { MessageWriter } from './writer.js';

/**
 * The messages of a server (B). Names and fields follow PostgreSQL's documentation, "Message Formats".
 *
 * Buffers in a decoded message are views of the bytes it was read from, not copies.
 */
export type Authentication =
  | { readonly kind: 'authenticationOk' }
  | { readonly kind: 'authenticationKerberosV5' }
  | { readonly kind: 'authenticationCleartextPassword' }
  /** `salt` is 4 bytes. */
  | { readonly kind: 'authenticationMd5Password'; readonly salt: Buffer }
  | { readonly kind: 'authenticationGss' }
  | { readonly kind: 'authenticationGssContinue'; readonly data: Buffer }
  | { readonly kind: 'authenticationSspi' }
  | { readonly kind: 'authenticationSasl'; readonly mechanisms: readonly string[] }
  | { readonly kind: 'authenticationSaslContinue'; readonly data: Buffer }
  | { readonly kind: 'authenticationSaslFinal'; readonly data: Buffer };

/** `key` is 4 bytes in protocol 3.0, 4 to 256 from 3.2 on. */
export type BackendKeyData = { readonly kind: 'backendKeyData'; readonly processId: number; readonly key: Buffer };
export type ParameterStatus = { readonly kind: 'parameterStatus'; readonly name: string; readonly value: string };
export type TransactionStatus = 'idle' | 'inTransaction' | 'failed';
export type ReadyForQuery = { readonly kind: 'readyForQuery'; readonly status: TransactionStatus };

export type FieldDescription = {
  readonly name: string;
  /** 0 where the field is not a column of a table. */
  readonly tableOid: number;
  /** Attribute number in that table, negative for system columns, 0 where the field is not a column. */
  readonly columnNumber: number;
  readonly typeOid: number;
  /** Bytes; negative for types of variable width. */
  readonly typeSize: number;
  readonly typeModifier: number;
  readonly format: Format;
};
export type RowDescription = { readonly kind: 'rowDescription'; readonly fields: readonly FieldDescription[] };
/** For tests and rare rows; a relay reads rows with a DataRowCursor. */
export type DataRow = { readonly kind: 'dataRow'; readonly cells: readonly (Buffer | null)[] };
export type CommandComplete = { readonly kind: 'commandComplete'; readonly tag: string };
export type ErrorResponse = { readonly kind: 'errorResponse'; readonly fields: ReportFields };
export type NoticeResponse = { readonly kind: 'noticeResponse'; readonly fields: ReportFields };
export type NotificationResponse = { readonly kind: 'notificationResponse'; readonly processId: number; readonly channel: string; readonly payload: string };
export type ParameterDescription = { readonly kind: 'parameterDescription'; readonly typeOids: readonly number[] };
/** `format` is that of the whole stream; `columnFormats` has one entry per column. */
export type CopyResponse = { readonly kind: 'copyInResponse' | 'copyOutResponse' | 'copyBothResponse'; readonly format: Format; readonly columnFormats: readonly Format[] };
export type FunctionCallResponse = { readonly kind: 'functionCallResponse'; readonly value: Buffer | null };
/** The server will speak `major.minor` and ignores the named `_pq_.` options. */
export type NegotiateProtocolVersion = { readonly kind: 'negotiateProtocolVersion'; readonly major: number; readonly minor: number; readonly unrecognizedOptions: readonly string[] };

export type BackendMessage =
  | Authentication
  | BackendKeyData
  | ParameterStatus
  | ReadyForQuery
  | RowDescription
  | DataRow
  | CommandComplete
  | ErrorResponse
  | NoticeResponse
  | NotificationResponse
  | { readonly kind: 'parseComplete' }
  | { readonly kind: 'bindComplete' }
  | { readonly kind: 'closeComplete' }
  | { readonly kind: 'noData' }
  | ParameterDescription
  | { readonly kind: 'portalSuspended' }
  | { readonly kind: 'emptyQueryResponse' }
  | CopyResponse
  | CopyData
  | CopyDone
  | FunctionCallResponse
  | NegotiateProtocolVersion;

type PayloadDecoder = (reader: PayloadReader) => BackendMessage;

const DECODERS: ReadonlyMap<number, PayloadDecoder> = new Map(
  Object.entries({
    R: decodeAuthentication,
    K: (reader) => ({ kind: 'backendKeyData', processId: reader.int32(), key: readCancelKey(reader) }),
    S: (reader) => ({ kind: 'parameterStatus', name: reader.string(), value: reader.string() }),
    Z: (reader) => ({ kind: 'readyForQuery', status: readTransactionStatus(reader) }),
    T: (reader) => ({ kind: 'rowDescription', fields: reader.items(reader.count(COLUMNS_MAX, 19), readFieldDescription) }),
    D: (reader) => ({ kind: 'dataRow', cells: reader.items(reader.count(COLUMNS_MAX, 4), (from) => from.nullableBytes()) }),
    C: (reader) => ({ kind: 'commandComplete', tag: reader.string() }),
    E: (reader) => ({ kind: 'errorResponse', fields: readReportFields(reader) }),
    N: (reader) => ({ kind: 'noticeResponse', fields: readReportFields(reader) }),
    A: (reader) => ({ kind: 'notificationResponse', processId: reader.int32(), channel: reader.string(), payload: reader.string() }),
    '1': () => ({ kind: 'parseComplete' }),
    '2': () => ({ kind: 'bindComplete' }),
    '3': () => ({ kind: 'closeComplete' }),
    n: () => ({ kind: 'noData' }),
    t: (reader) => ({ kind: 'parameterDescription', typeOids: reader.items(reader.count(PARAMETERS_MAX, 4), (from) => from.uint32()) }),
    s: () => ({ kind: 'portalSuspended' }),
    I: () => ({ kind: 'emptyQueryResponse' }),
    G: (reader) => decodeCopyResponse(reader, 'copyInResponse'),
    H: (reader) => decodeCopyResponse(reader, 'copyOutResponse'),
    W: (reader) => decodeCopyResponse(reader, 'copyBothResponse'),
    d: (reader) => ({ kind: 'copyData', data: reader.rest() }),
    c: () => ({ kind: 'copyDone' }),
    V: (reader) => ({ kind: 'functionCallResponse', value: reader.nullableBytes() }),
    v: decodeNegotiateProtocolVersion,
  } satisfies Record<string, PayloadDecoder>).map(([letter, decode]) => [letter.charCodeAt(0), decode]),
);

/**
 * Decodes the payload of one server message, `buffer` from `start` to `end` (the type byte and length not included).
 * As strict as for clients: what is read differently by the gateway and by the client behind it cannot be masked.
 */
export function decodeBackend(type: number, buffer: Buffer, start: number, end: number): Decoded<BackendMessage> {
  const decode = DECODERS.get(type);
  if (decode === undefined) return violated('unknown-type', `server message type 0x${type.toString(16)}`);
  const reader = new PayloadReader(buffer, start, end);
  return reader.finish(decode(reader));
}

function decodeAuthentication(reader: PayloadReader): Authentication {
  const code = reader.int32();
  switch (code) {
    case 0: return { kind: 'authenticationOk' };
    case 2: return { kind: 'authenticationKerberosV5' };
    case 3: return { kind: 'authenticationCleartextPassword' };
    case 5: return { kind: 'authenticationMd5Password', salt: reader.bytes(4) };
    case 7: return { kind: 'authenticationGss' };
    case 8: return { kind: 'authenticationGssContinue', data: reader.rest() };
    case 9: return { kind: 'authenticationSspi' };
    case 10: return { kind: 'authenticationSasl', mechanisms: readNames(reader, SASL_MECHANISMS_MAX) };
    case 11: return { kind: 'authenticationSaslContinue', data: reader.rest() };
    case 12: return { kind: 'authenticationSaslFinal', data: reader.rest() };
    default:
      reader.fail('invalid-value', `authentication request ${code}`);
      return { kind: 'authenticationOk' };
  }
}

/** Names up to an empty one. */
function readNames(reader: PayloadReader, max: number): string[] {
  const names: string[] = [];
  for (let name = reader.string(); name !== ''; name = reader.string()) {
    if (names.push(name) > max) reader.fail('count-too-large', `more than ${max} names`);
  }
  return names;
}

function readCancelKey(reader: PayloadReader): Buffer {
  const key = reader.rest();
  if (key.length > CANCEL_KEY_MAX_BYTES) reader.fail('length-too-large', `a cancel key of ${key.length} bytes; the ceiling is ${CANCEL_KEY_MAX_BYTES}`);
  if (key.length < CANCEL_KEY_MIN_BYTES) reader.fail('length-too-small', `a cancel key of ${key.length} bytes; the floor is ${CANCEL_KEY_MIN_BYTES}`);
  return key;
}

const STATUS_LETTERS = { idle: 'I', inTransaction: 'T', failed: 'E' } as const satisfies Record<TransactionStatus, string>;

function readTransactionStatus(reader: PayloadReader): TransactionStatus {
  const code = reader.uint8();
  if (code === 0x49) return 'idle';
  if (code === 0x54) return 'inTransaction';
  if (code !== 0x45) reader.fail('invalid-value', `transaction status 0x${code.toString(16)}`);
  return 'failed';
}

function readFieldDescription(reader: PayloadReader): FieldDescription {
  return {
    name: reader.string(),
    tableOid: reader.uint32(),
    columnNumber: reader.int16(),
    typeOid: reader.uint32(),
    typeSize: reader.int16(),
    typeModifier: reader.int32(),
    format: readFormat(reader),
  };
}

function decodeCopyResponse(reader: PayloadReader, kind: CopyResponse['kind']): CopyResponse {
  const code = reader.uint8();
  if (code > 1) reader.fail('invalid-value', `copy format ${code}`);
  const columnFormats = reader.items(reader.count(COLUMNS_MAX, 2), readFormat);
  return { kind, format: code === 1 ? 'binary' : 'text', columnFormats };
}

function decodeNegotiateProtocolVersion(reader: PayloadReader): NegotiateProtocolVersion {
  const version = reader.uint32();
  const count = reader.uint32();
  if (count > PROTOCOL_OPTIONS_MAX) reader.fail('count-too-large', `${count} protocol options; the ceiling is ${PROTOCOL_OPTIONS_MAX}`);
  const unrecognizedOptions = reader.items(count, (from) => from.string());
  return { kind: 'negotiateProtocolVersion', major: version >>> 16, minor: version & 0xffff, unrecognizedOptions };
}

/**
 * Encodes one server message as it goes on the wire.
 *
 * @throws RangeError when a string holds NUL or a count exceeds the wire's Int16: faults of the calling program
 */
export function encodeBackend(message: BackendMessage): Buffer {
  const writer = new MessageWriter();
  writeBackend(writer, message);
  return writer.end().take();
}

function writeBackend(writer: MessageWriter, message: BackendMessage): MessageWriter {
  switch (message.kind) {
    case 'backendKeyData': return writer.begin('K').int32(message.processId).bytes(message.key);
    case 'parameterStatus': return writer.begin('S').string(message.name).string(message.value);
    case 'readyForQuery': return writer.begin('Z').uint8(STATUS_LETTERS[message.status].charCodeAt(0));
    case 'rowDescription': return writer.begin('T').list(message.fields, writeFieldDescription);
    case 'dataRow': return writer.begin('D').list(message.cells, (to, cell) => to.nullableBytes(cell));
    case 'commandComplete': return writer.begin('C').string(message.tag);
    case 'errorResponse': return writeReportFields(writer.begin('E'), message.fields);
    case 'noticeResponse': return writeReportFields(writer.begin('N'), message.fields);
    case 'notificationResponse': return writer.begin('A').int32(message.processId).string(message.channel).string(message.payload);
    case 'parseComplete': return writer.begin('1');
    case 'bindComplete': return writer.begin('2');
    case 'closeComplete': return writer.begin('3');
    case 'noData': return writer.begin('n');
    case 'parameterDescription': return writer.begin('t').list(message.typeOids, (to, oid) => to.uint32(oid));
    case 'portalSuspended': return writer.begin('s');
    case 'emptyQueryResponse': return writer.begin('I');
    case 'copyInResponse': return writeCopyResponse(writer.begin('G'), message);
    case 'copyOutResponse': return writeCopyResponse(writer.begin('H'), message);
    case 'copyBothResponse': return writeCopyResponse(writer.begin('W'), message);
    case 'copyData': return writer.begin('d').bytes(message.data);
    case 'copyDone': return writer.begin('c');
    case 'functionCallResponse': return writer.begin('V').nullableBytes(message.value);
    case 'negotiateProtocolVersion': return writeNegotiateProtocolVersion(writer.begin('v'), message);
    default: return writeAuthentication(writer.begin('R'), message);
  }
}

function writeAuthentication(writer: MessageWriter, message: Authentication): MessageWriter {
  switch (message.kind) {
    case 'authenticationOk': return writer.int32(0);
    case 'authenticationKerberosV5': return writer.int32(2);
    case 'authenticationCleartextPassword': return writer.int32(3);
    case 'authenticationMd5Password': return writer.int32(5).bytes(message.salt);
    case 'authenticationGss': return writer.int32(7);
    case 'authenticationGssContinue': return writer.int32(8).bytes(message.data);
    case 'authenticationSspi': return writer.int32(9);
    case 'authenticationSasl': return writeNames(writer.int32(10), message.mechanisms).uint8(0);
    case 'authenticationSaslContinue': return writer.int32(11).bytes(message.data);
    case 'authenticationSaslFinal': return writer.int32(12).bytes(message.data);
    default: return message satisfies never;
  }
}

function writeNames(writer: MessageWriter, names: readonly string[]): MessageWriter {
  for (const name of names) writer.string(name);
  return writer;
}

function writeFieldDescription(writer: MessageWriter, field: FieldDescription): void {
  writer
    .string(field.name)
    .uint32(field.tableOid)
    .int16(field.columnNumber)
    .uint32(field.typeOid)
    .int16(field.typeSize)
    .int32(field.typeModifier)
    .format(field.format);
}

function writeCopyResponse(writer: MessageWriter, message: CopyResponse): MessageWriter {
  return writer.uint8(message.format === 'binary' ? 1 : 0).list(message.columnFormats, (to, format) => to.format(format));
}

function writeNegotiateProtocolVersion(writer: MessageWriter, message: NegotiateProtocolVersion): MessageWriter {
  writer.uint32(((message.major << 16) | message.minor) >>> 0).int32(message.unrecognizedOptions.length);
  return writeNames(writer, message.unrecognizedOptions);
}
