import {
  CANCEL_KEY_MAX_BYTES,
  CANCEL_KEY_MIN_BYTES,
  STARTUP_PACKET_MAX_BYTES,
  STARTUP_PARAMETERS_MAX,
} from './limits.js';
import { PayloadReader } from './payload.js';
import type { Decoded, Violation, ViolationReason } from './violation.js';
import { decoded, violated } from './violation.js';
import { MessageWriter } from './writer.js';

/** The newest minor version of protocol 3 that this package speaks: long cancel keys (PostgreSQL 18). */
export const NEWEST_MINOR_VERSION = 2;

/** Parameters with this prefix ask for protocol extensions; they are no settings. */
const PROTOCOL_OPTION_PREFIX = '_pq_.';

const CANCEL_CODE = 80_877_102;
const SSL_CODE = 80_877_103;
const GSSENC_CODE = 80_877_104;

/** The length and the code or version that begin every packet of the startup phase. */
const PREFIX_BYTES = 8;
/** The prefix and the process id that begin a CancelRequest. */
const CANCEL_FIXED_BYTES = 12;
/** ContentType `handshake` of TLS. As the first length byte it would declare 352 MiB, so the two cannot be confused. */
const TLS_HANDSHAKE = 0x16;

/** Asks to begin or resume a session. */
export type StartupMessage = {
  readonly kind: 'startup';
  readonly major: number;
  readonly minor: number;
  readonly user: string;
  /** As asked for; PostgreSQL falls back to the user's name where it is missing or empty, and so does this field. */
  readonly database: string;
  /** All parameters as sent, `user` and `database` included; of a repeated name the last one, as PostgreSQL reads it. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The `_pq_.` options, prefix included, which are not among the parameters. */
  readonly protocolOptions: ReadonlyMap<string, string>;
};

/** Asks, on a connection of its own, to cancel what another session runs. `key` is 4 to 256 bytes. */
export type CancelRequest = { readonly kind: 'cancelRequest'; readonly processId: number; readonly key: Buffer };

/**
 * The first thing a client says. `directTls` is no packet: the client begins TLS at once (`sslnegotiation=direct`,
 * PostgreSQL 17), and what has arrived belongs to the TLS layer.
 */
export type StartupPacket =
  | { readonly kind: 'sslRequest' }
  | { readonly kind: 'gssEncRequest' }
  | { readonly kind: 'directTls' }
  | CancelRequest
  | StartupMessage;

/** The answers to SSLRequest and GSSENCRequest: one byte, no message. */
export const ENCRYPTION_ACCEPTED_TLS: Buffer = Buffer.from('S');
export const ENCRYPTION_REFUSED: Buffer = Buffer.from('N');

/**
 * Collects one packet of the startup phase, which has no type byte, from any number of chunks.
 *
 * One reader reads one packet. After `sslRequest` or `gssEncRequest` stop reading the socket until the answer is
 * sent and, if it was yes, the encrypted layer has taken over; then use a new reader. Bytes that arrived together
 * with such a request are refused: they were sent before the channel was safe, by whomever (CVE-2021-23214).
 */
export class StartupReader {
  private held: Buffer = Buffer.alloc(0);

  /**
   * The packet, or `undefined` while it is incomplete; never holds more than the packet ceiling plus one chunk.
   * `rest` is what followed a startup message (the client's next messages) or, for `directTls`, everything.
   */
  push(chunk: Buffer): Decoded<{ readonly packet: StartupPacket; readonly rest: Buffer } | undefined> {
    const bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    this.held = bytes;
    return readPacket(bytes);
  }
}

function readPacket(bytes: Buffer): ReturnType<StartupReader['push']> {
  if (bytes[0] === TLS_HANDSHAKE) return decoded({ packet: { kind: 'directTls' }, rest: bytes });
  const violation = checkPrefix(bytes);
  if (violation !== undefined) return { ok: false, violation };
  if (bytes.length < PREFIX_BYTES || bytes.length < bytes.readUInt32BE(0)) return decoded(undefined);
  const size = bytes.readUInt32BE(0);
  const rest = bytes.subarray(size);
  const packet = decodeStartupPacket(bytes.subarray(0, size));
  if (!packet.ok) return packet;
  if (rest.length > 0 && packet.value.kind !== 'startup') return refuseRest(packet.value, rest.length);
  return decoded({ packet: packet.value, rest });
}

function refuseRest(packet: StartupPacket, bytes: number): Decoded<never> {
  const reason: ViolationReason = packet.kind === 'cancelRequest' ? 'trailing-bytes' : 'bytes-before-encryption';
  return violated(reason, `${bytes} bytes behind ${packet.kind}`);
}

/** What can be refused before the packet is complete: its length, and its length together with its code. */
function checkPrefix(bytes: Buffer): Violation | undefined {
  if (bytes.length < 4) return undefined;
  const size = bytes.readUInt32BE(0);
  if (size < PREFIX_BYTES) return { reason: 'length-too-small', detail: `a startup packet declares ${size} bytes` };
  if (size > STARTUP_PACKET_MAX_BYTES) return { reason: 'length-too-large', detail: `a startup packet declares ${size} bytes; its ceiling is ${STARTUP_PACKET_MAX_BYTES}` };
  return bytes.length < PREFIX_BYTES ? undefined : checkSizeForCode(bytes.readUInt32BE(4), size);
}

function checkSizeForCode(code: number, size: number): Violation | undefined {
  if (code === CANCEL_CODE) return checkSize('CancelRequest', size, CANCEL_FIXED_BYTES + CANCEL_KEY_MIN_BYTES, CANCEL_FIXED_BYTES + CANCEL_KEY_MAX_BYTES);
  if (code === SSL_CODE) return checkSize('SSLRequest', size, PREFIX_BYTES, PREFIX_BYTES);
  if (code === GSSENC_CODE) return checkSize('GSSENCRequest', size, PREFIX_BYTES, PREFIX_BYTES);
  if (code >>> 16 !== 3) return { reason: 'unsupported-version', detail: `protocol ${code >>> 16}.${code & 0xffff}` };
  return undefined;
}

function checkSize(name: string, size: number, min: number, max: number): Violation | undefined {
  if (size < min) return { reason: 'length-too-small', detail: `${name} declares ${size} bytes; its floor is ${min}` };
  if (size > max) return { reason: 'length-too-large', detail: `${name} declares ${size} bytes; its ceiling is ${max}` };
  return undefined;
}

/** Decodes one whole packet of the startup phase: exactly the bytes that its length field declares. */
export function decodeStartupPacket(packet: Buffer): Decoded<StartupPacket> {
  if (packet.length < PREFIX_BYTES) return violated('truncated', `a startup packet of ${packet.length} bytes`);
  const size = packet.readUInt32BE(0);
  const violation = checkPrefix(packet);
  if (violation !== undefined) return { ok: false, violation };
  if (size !== packet.length) return violated(size > packet.length ? 'truncated' : 'trailing-bytes', `${size} bytes declared, ${packet.length} given`);
  const code = packet.readUInt32BE(4);
  if (code === SSL_CODE) return decoded({ kind: 'sslRequest' });
  if (code === GSSENC_CODE) return decoded({ kind: 'gssEncRequest' });
  if (code === CANCEL_CODE) return decoded({ kind: 'cancelRequest', processId: packet.readInt32BE(8), key: packet.subarray(CANCEL_FIXED_BYTES) });
  return decodeStartupMessage(packet, code);
}

function decodeStartupMessage(packet: Buffer, version: number): Decoded<StartupMessage> {
  const reader = new PayloadReader(packet, PREFIX_BYTES, packet.length);
  const parameters = new Map<string, string>();
  const protocolOptions = new Map<string, string>();
  readParameters(reader, parameters, protocolOptions);
  const user = parameters.get('user') ?? '';
  if (user === '') reader.fail('missing-user', 'the startup message names no user');
  const database = parameters.get('database') || user;
  return reader.finish({ kind: 'startup', major: version >>> 16, minor: version & 0xffff, user, database, parameters, protocolOptions });
}

/** Name and value by turns, closed by an empty name. */
function readParameters(reader: PayloadReader, parameters: Map<string, string>, protocolOptions: Map<string, string>): void {
  for (let count = 0; ; count += 1) {
    const name = reader.string();
    if (name === '') return;
    if (count === STARTUP_PARAMETERS_MAX) return reader.fail('count-too-large', `more than ${STARTUP_PARAMETERS_MAX} startup parameters`);
    const value = reader.string();
    (name.startsWith(PROTOCOL_OPTION_PREFIX) ? protocolOptions : parameters).set(name, value);
  }
}

/** The version that a session will speak, and what NegotiateProtocolVersion has to say about it, if anything. */
export type NegotiatedVersion = {
  readonly minor: number;
  readonly reply: { readonly kind: 'negotiateProtocolVersion'; readonly major: number; readonly minor: number; readonly unrecognizedOptions: readonly string[] } | undefined;
};

/**
 * Settles the minor version as PostgreSQL does: the older of the two. A reply is due when the client asked for a
 * newer one, or for any protocol option, since this package knows none.
 */
export function negotiateVersion(startup: StartupMessage, newestMinor: number = NEWEST_MINOR_VERSION): NegotiatedVersion {
  const minor = Math.min(startup.minor, newestMinor);
  const unrecognizedOptions = [...startup.protocolOptions.keys()];
  if (startup.minor <= newestMinor && unrecognizedOptions.length === 0) return { minor, reply: undefined };
  return { minor, reply: { kind: 'negotiateProtocolVersion', major: startup.major, minor, unrecognizedOptions } };
}

export function encodeSslRequest(): Buffer {
  return new MessageWriter().beginUntyped().uint32(SSL_CODE).end().take();
}

/** @throws RangeError when the key is shorter than 4 or longer than 256 bytes */
export function encodeCancelRequest(processId: number, key: Uint8Array): Buffer {
  if (key.length < CANCEL_KEY_MIN_BYTES || key.length > CANCEL_KEY_MAX_BYTES) throw new RangeError(`a cancel key of ${key.length} bytes`);
  return new MessageWriter().beginUntyped().uint32(CANCEL_CODE).int32(processId).bytes(key).end().take();
}

/** @throws RangeError when a name is empty, a string holds NUL, or the packet exceeds PostgreSQL's ceiling */
export function encodeStartupMessage(parameters: Iterable<readonly [name: string, value: string]>, minor = 0): Buffer {
  const writer = new MessageWriter().beginUntyped().uint32((3 << 16) | minor);
  for (const [name, value] of parameters) {
    if (name === '') throw new RangeError('a startup parameter needs a name: an empty one ends the list');
    writer.string(name).string(value);
  }
  const packet = writer.uint8(0).end().take();
  if (packet.length > STARTUP_PACKET_MAX_BYTES) throw new RangeError(`a startup packet of ${packet.length} bytes`);
  return packet;
}
