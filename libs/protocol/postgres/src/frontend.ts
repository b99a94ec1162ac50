import { FUNCTION_ARGUMENTS_MAX, PARAMETERS_MAX, COLUMNS_MAX } from './limits.js';
import type { Format } from './payload.js';
import { PayloadReader, readFormat } from './payload.js';
import type { Decoded } from './violation.js';
import { violated } from './violation.js';
import { MessageWriter } from './writer.js';

/**
 * The messages of a client (F) after startup. Names and fields follow PostgreSQL's documentation, "Message Formats".
 *
 * Buffers in a decoded message are views of the bytes it was read from, not copies.
 */
export type Query = { readonly kind: 'query'; readonly text: string };
export type Parse = {
  readonly kind: 'parse';
  /** Empty for the unnamed statement. */
  readonly statement: string;
  readonly text: string;
  /** Type oids; 0 leaves the type to the server. May be fewer than the statement has parameters. */
  readonly parameterTypes: readonly number[];
};
export type Bind = {
  readonly kind: 'bind';
  readonly portal: string;
  readonly statement: string;
  /** None (all text), one for all, or one per parameter. */
  readonly parameterFormats: readonly Format[];
  readonly parameters: readonly (Buffer | null)[];
  /** None (all text), one for all, or one per result column. */
  readonly resultFormats: readonly Format[];
};
export type Describe = { readonly kind: 'describe'; readonly subject: 'statement' | 'portal'; readonly name: string };
export type Close = { readonly kind: 'close'; readonly subject: 'statement' | 'portal'; readonly name: string };
/** `maxRows` of zero or less asks for all rows. */
export type Execute = { readonly kind: 'execute'; readonly portal: string; readonly maxRows: number };
export type FunctionCall = {
  readonly kind: 'functionCall';
  readonly functionOid: number;
  readonly argumentFormats: readonly Format[];
  readonly arguments: readonly (Buffer | null)[];
  readonly resultFormat: Format;
};
export type CopyData = { readonly kind: 'copyData'; readonly data: Buffer };
export type CopyFail = { readonly kind: 'copyFail'; readonly message: string };
export type CopyDone = { readonly kind: 'copyDone' };

/** What a client may send in a session. */
export type FrontendMessage =
  | Query
  | Parse
  | Bind
  | Describe
  | Execute
  | Close
  | { readonly kind: 'flush' }
  | { readonly kind: 'sync' }
  | FunctionCall
  | CopyData
  | CopyDone
  | CopyFail
  | { readonly kind: 'terminate' };

export type Password = { readonly kind: 'password'; readonly password: string };
/** `response` is null where the client sends none with its choice of mechanism. */
export type SaslInitialResponse = { readonly kind: 'saslInitialResponse'; readonly mechanism: string; readonly response: Buffer | null };
export type SaslResponse = { readonly kind: 'saslResponse'; readonly response: Buffer };

/** What a client may send while it authenticates. All share the type byte `p`; which one it is follows from what the server asked. */
export type FrontendAuthenticationMessage = Password | SaslInitialResponse | SaslResponse;

type PayloadDecoder = (reader: PayloadReader) => FrontendMessage;

const DECODERS: ReadonlyMap<number, PayloadDecoder> = new Map(
  Object.entries({
    Q: (reader) => ({ kind: 'query', text: reader.string() }),
    P: decodeParse,
    B: decodeBind,
    D: (reader) => ({ kind: 'describe', ...readSubject(reader) }),
    E: (reader) => ({ kind: 'execute', portal: reader.string(), maxRows: reader.int32() }),
    C: (reader) => ({ kind: 'close', ...readSubject(reader) }),
    H: () => ({ kind: 'flush' }),
    S: () => ({ kind: 'sync' }),
    F: decodeFunctionCall,
    d: (reader) => ({ kind: 'copyData', data: reader.rest() }),
    c: () => ({ kind: 'copyDone' }),
    f: (reader) => ({ kind: 'copyFail', message: reader.string() }),
    X: () => ({ kind: 'terminate' }),
  } satisfies Record<string, PayloadDecoder>).map(([letter, decode]) => [letter.charCodeAt(0), decode]),
);

/**
 * Decodes the payload of one client message, `buffer` from `start` to `end` (the type byte and length not included).
 * Strict: every string terminated and UTF-8, every count true, no byte left over.
 */
export function decodeFrontend(type: number, buffer: Buffer, start: number, end: number): Decoded<FrontendMessage> {
  const decode = DECODERS.get(type);
  if (decode === undefined) return violated('unknown-type', `client message type 0x${type.toString(16)}`);
  const reader = new PayloadReader(buffer, start, end);
  return reader.finish(decode(reader));
}

function decodeParse(reader: PayloadReader): Parse {
  const statement = reader.string();
  const text = reader.string();
  return { kind: 'parse', statement, text, parameterTypes: reader.items(reader.count(PARAMETERS_MAX, 4), (from) => from.uint32()) };
}

function decodeBind(reader: PayloadReader): Bind {
  const portal = reader.string();
  const statement = reader.string();
  const parameterFormats = readFormats(reader, PARAMETERS_MAX);
  const parameters = reader.items(reader.count(PARAMETERS_MAX, 4), (from) => from.nullableBytes());
  checkFormats(reader, parameterFormats, parameters);
  const resultFormats = readFormats(reader, COLUMNS_MAX);
  return { kind: 'bind', portal, statement, parameterFormats, parameters, resultFormats };
}

function decodeFunctionCall(reader: PayloadReader): FunctionCall {
  const functionOid = reader.uint32();
  const argumentFormats = readFormats(reader, FUNCTION_ARGUMENTS_MAX);
  const values = reader.items(reader.count(FUNCTION_ARGUMENTS_MAX, 4), (from) => from.nullableBytes());
  checkFormats(reader, argumentFormats, values);
  return { kind: 'functionCall', functionOid, argumentFormats, arguments: values, resultFormat: readFormat(reader) };
}

function readFormats(reader: PayloadReader, max: number): Format[] {
  return reader.items(reader.count(max, 2), readFormat);
}

/** More than one format code means one for each value; PostgreSQL refuses anything else. */
function checkFormats(reader: PayloadReader, formats: readonly Format[], values: readonly unknown[]): void {
  if (formats.length > 1 && formats.length !== values.length) reader.fail('count-mismatch', `${formats.length} formats for ${values.length} values`);
}

function readSubject(reader: PayloadReader): { subject: 'statement' | 'portal'; name: string } {
  const code = reader.uint8();
  if (code !== 0x53 && code !== 0x50) reader.fail('invalid-value', `neither a statement nor a portal: 0x${code.toString(16)}`);
  return { subject: code === 0x50 ? 'portal' : 'statement', name: reader.string() };
}

/** The answer to AuthenticationCleartextPassword or AuthenticationMD5Password. */
export function decodePassword(buffer: Buffer, start: number, end: number): Decoded<Password> {
  const reader = new PayloadReader(buffer, start, end);
  return reader.finish({ kind: 'password', password: reader.string() });
}

/** The answer to AuthenticationSASL. */
export function decodeSaslInitialResponse(buffer: Buffer, start: number, end: number): Decoded<SaslInitialResponse> {
  const reader = new PayloadReader(buffer, start, end);
  return reader.finish({ kind: 'saslInitialResponse', mechanism: reader.string(), response: reader.nullableBytes() });
}

/** The answer to AuthenticationSASLContinue. */
export function decodeSaslResponse(buffer: Buffer, start: number, end: number): Decoded<SaslResponse> {
  const reader = new PayloadReader(buffer, start, end);
  return reader.finish({ kind: 'saslResponse', response: reader.rest() });
}

/**
 * Encodes one client message as it goes on the wire.
 *
 * @throws RangeError when a string holds NUL or a count exceeds the wire's Int16: faults of the calling program
 */
export function encodeFrontend(message: FrontendMessage | FrontendAuthenticationMessage): Buffer {
  const writer = new MessageWriter();
  writeFrontend(writer, message);
  return writer.end().take();
}

function writeFrontend(writer: MessageWriter, message: FrontendMessage | FrontendAuthenticationMessage): MessageWriter {
  switch (message.kind) {
    case 'query': return writer.begin('Q').string(message.text);
    case 'parse': return writer.begin('P').string(message.statement).string(message.text).list(message.parameterTypes, (to, oid) => to.uint32(oid));
    case 'bind': return writeBind(writer.begin('B'), message);
    case 'describe': return writeSubject(writer.begin('D'), message);
    case 'execute': return writer.begin('E').string(message.portal).int32(message.maxRows);
    case 'close': return writeSubject(writer.begin('C'), message);
    case 'flush': return writer.begin('H');
    case 'sync': return writer.begin('S');
    case 'functionCall': return writeFunctionCall(writer.begin('F'), message);
    case 'copyData': return writer.begin('d').bytes(message.data);
    case 'copyDone': return writer.begin('c');
    case 'copyFail': return writer.begin('f').string(message.message);
    case 'terminate': return writer.begin('X');
    case 'password': return writer.begin('p').string(message.password);
    case 'saslInitialResponse': return writer.begin('p').string(message.mechanism).nullableBytes(message.response);
    case 'saslResponse': return writer.begin('p').bytes(message.response);
    default: return message satisfies never;
  }
}

function writeBind(writer: MessageWriter, bind: Bind): MessageWriter {
  return writer
    .string(bind.portal)
    .string(bind.statement)
    .list(bind.parameterFormats, (to, format) => to.format(format))
    .list(bind.parameters, (to, value) => to.nullableBytes(value))
    .list(bind.resultFormats, (to, format) => to.format(format));
}

function writeSubject(writer: MessageWriter, message: Describe | Close): MessageWriter {
  return writer.uint8(message.subject === 'portal' ? 0x50 : 0x53).string(message.name);
}

function writeFunctionCall(writer: MessageWriter, call: FunctionCall): MessageWriter {
  return writer
    .uint32(call.functionOid)
    .list(call.argumentFormats, (to, format) => to.format(format))
    .list(call.arguments, (to, value) => to.nullableBytes(value))
    .format(call.resultFormat);
}
