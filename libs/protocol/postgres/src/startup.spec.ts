import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { feedings } from '../spec/feeding.js';
import type { StartupMessage, StartupPacket } from './index.js';
import {
  decodeStartupPacket,
  encodeBackend,
  encodeCancelRequest,
  encodeSslRequest,
  encodeStartupMessage,
  negotiateVersion,
  StartupReader,
} from './index.js';

/** A packet with the given length field, code and body. */
function packet(declared: number, code: number, body: string | Buffer = ''): Buffer {
  const prefix = Buffer.alloc(8);
  prefix.writeUInt32BE(declared, 0);
  prefix.writeUInt32BE(code, 4);
  return Buffer.concat([prefix, Buffer.from(body as string)]);
}

function startupBytes(body: string | Buffer, version = 196_608): Buffer {
  return packet(8 + Buffer.byteLength(body), version, body);
}

/** What a reader answers at the chunk that settles the matter. */
function read(chunks: readonly Buffer[]): { packet?: StartupPacket; rest?: Buffer; reason?: string } {
  const reader = new StartupReader();
  for (const chunk of chunks) {
    const outcome = reader.push(chunk);
    if (!outcome.ok) return { reason: outcome.violation.reason };
    if (outcome.value !== undefined) return outcome.value;
  }
  return {};
}

function decodeStartup(bytes: Buffer): StartupMessage {
  const outcome = decodeStartupPacket(bytes);
  if (!outcome.ok || outcome.value.kind !== 'startup') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

describe('StartupReader', () => {
  const key = Buffer.alloc(256, 7);
  const packets: [name: string, bytes: Buffer, expected: Partial<StartupPacket>][] = [
    ['SSLRequest', Buffer.from('0000000804d2162f', 'hex'), { kind: 'sslRequest' }],
    ['GSSENCRequest', Buffer.from('0000000804d21630', 'hex'), { kind: 'gssEncRequest' }],
    ['CancelRequest, 4 bytes', Buffer.from('0000001004d2162e000003e8deadbeef', 'hex'), { kind: 'cancelRequest', processId: 1_000, key: Buffer.from('deadbeef', 'hex') }],
    ['CancelRequest, 256 bytes', encodeCancelRequest(-5, key), { kind: 'cancelRequest', processId: -5, key }],
    ['StartupMessage', startupBytes('user\0zoé \u{1F511}\0database\0main\0\0'), { kind: 'startup', major: 3, minor: 0, user: 'zoé \u{1F511}', database: 'main' }],
  ];

  it.each(packets)('%s', (_, bytes, expected) => {
    for (const { name, chunks } of feedings(bytes)) {
      const seen = read(chunks);
      expect(seen.packet, name).toMatchObject(expected);
      expect(seen.rest?.length, name).toBe(0);
    }
  });

  it('hands over what follows a startup message', () => {
    const query = Buffer.from('Q....');
    expect(read([Buffer.concat([startupBytes('user\0a\0\0'), query])]).rest?.equals(query)).toBe(true);
  });

  it('recognises TLS without a request and hands over all of it', () => {
    const hello = Buffer.from('160301020001', 'hex');
    expect(read([hello])).toEqual({ packet: { kind: 'directTls' }, rest: hello });
    expect(read([hello.subarray(0, 1)]).packet?.kind).toBe('directTls');
  });

  const startup = startupBytes('user\0a\0\0');
  const refused: [name: string, bytes: Buffer, reason: string][] = [
    ['a startup message behind SSLRequest (CVE-2021-23214)', Buffer.concat([encodeSslRequest(), startup]), 'bytes-before-encryption'],
    ['one byte behind GSSENCRequest', Buffer.from([0, 0, 0, 8, 4, 210, 22, 48, 0]), 'bytes-before-encryption'],
    ['one byte behind CancelRequest', Buffer.concat([encodeCancelRequest(1, Buffer.alloc(4)), Buffer.from([0])]), 'trailing-bytes'],
  ];

  it.each(refused)('refuses %s in one segment', (_, bytes, reason) => {
    expect(read([bytes]).reason).toBe(reason);
  });

  it('refuses bytes that arrive after the request, on the reader that has read it', () => {
    const reader = new StartupReader();
    expect(reader.push(encodeSslRequest())).toMatchObject({ value: { packet: { kind: 'sslRequest' } } });
    expect(reader.push(startup)).toMatchObject({ ok: false, violation: { reason: 'bytes-before-encryption' } });
  });

  const garbage: [name: string, bytes: Buffer, reason: string][] = [
    ['length 0xffffffff', packet(0xffff_ffff, 196_608), 'length-too-large'],
    ['length 0x7fffffff', packet(0x7fff_ffff, 196_608), 'length-too-large'],
    ['length 3', packet(3, 196_608), 'length-too-small'],
    ['length 0', packet(0, 0), 'length-too-small'],
    ['length 10,001', packet(10_001, 196_608), 'length-too-large'],
    ['SSLRequest of 9 bytes', packet(9, 80_877_103, 'x'), 'length-too-large'],
    ['CancelRequest with a key of 3 bytes', packet(15, 80_877_102), 'length-too-small'],
    ['CancelRequest with a key of 257 bytes', packet(269, 80_877_102), 'length-too-large'],
    ['CancelRequest of 0x400 bytes', packet(0x400, 80_877_102), 'length-too-large'],
    ['protocol 2.0', packet(20, 131_072), 'unsupported-version'],
    ['protocol 4.0', packet(20, 4 << 16), 'unsupported-version'],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n'), 'length-too-large'],
    ['a name without value', startupBytes('user\0a\0database\0'), 'missing-terminator'],
    ['no final NUL', startupBytes('user\0a\0'), 'missing-terminator'],
    ['a value without NUL', startupBytes('user\0abc'), 'missing-terminator'],
    ['bytes behind the final NUL', startupBytes('user\0a\0\0x'), 'trailing-bytes'],
    ['no user', startupBytes('database\0a\0\0'), 'missing-user'],
    ['an empty user', startupBytes('user\0\0\0'), 'missing-user'],
    ['text that is not UTF-8', startupBytes(Buffer.from('user\0\xff\xfe\0\0', 'latin1')), 'invalid-utf8'],
    ['257 parameters', startupBytes(`user\0a\0${'k\0v\0'.repeat(256)}\0`), 'count-too-large'],
  ];

  it.each(garbage)('refuses %s', (_, bytes, reason) => {
    for (const { name, chunks } of feedings(bytes)) expect(read(chunks).reason, name).toBe(reason);
  });

  it('refuses a length as soon as it has arrived, without waiting for more', () => {
    expect(read([Buffer.from('7fffffff', 'hex')]).reason).toBe('length-too-large');
    expect(read([Buffer.from('0000040004d2162e', 'hex')]).reason).toBe('length-too-large');
  });
});

describe('StartupMessage', () => {
  it('reads the last of repeated names, as PostgreSQL does', () => {
    const startup = decodeStartup(startupBytes('user\0alice\0user\0bob\0options\0-c a=b\0\0'));
    expect(startup.user).toBe('bob');
    expect([...startup.parameters]).toEqual([['user', 'bob'], ['options', '-c a=b']]);
  });

  it('falls back to the user where no database is named', () => {
    expect(decodeStartup(startupBytes('user\0alice\0\0')).database).toBe('alice');
    expect(decodeStartup(startupBytes('user\0alice\0database\0\0\0')).database).toBe('alice');
  });

  it('keeps protocol options apart from settings', () => {
    const startup = decodeStartup(startupBytes('user\0a\0_pq_.grease\0on\0\0', 196_610));
    expect([...startup.protocolOptions]).toEqual([['_pq_.grease', 'on']]);
    expect(startup.parameters.has('_pq_.grease')).toBe(false);
    expect(startup.minor).toBe(2);
  });

  it('is not misled by names of object properties', () => {
    const startup = decodeStartup(startupBytes('user\0a\0__proto__\0x\0constructor\0y\0\0'));
    expect(startup.parameters.get('__proto__')).toBe('x');
  });

  it('survives a round trip', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((value) => !value.includes('\0'));
    const name = text.filter((value) => value !== '' && !value.startsWith('_pq_.'));
    fc.assert(
      fc.property(fc.dictionary(name, text, { maxKeys: 6 }), text.filter((user) => user !== ''), (others, user) => {
        const parameters = new Map([...Object.entries(others), ['user', user] as const]);
        expect([...decodeStartup(encodeStartupMessage(parameters, 2)).parameters]).toEqual([...parameters]);
      }),
      { numRuns: 200 },
    );
  });

  it('is not encoded when the wire cannot hold it', () => {
    expect(() => encodeStartupMessage([['user', 'a\0b']])).toThrow(RangeError);
    expect(() => encodeStartupMessage([['', 'b']])).toThrow(RangeError);
    expect(() => encodeStartupMessage([['user', 'x'.repeat(10_000)]])).toThrow(RangeError);
    expect(() => encodeCancelRequest(1, Buffer.alloc(3))).toThrow(RangeError);
    expect(() => encodeCancelRequest(1, Buffer.alloc(257))).toThrow(RangeError);
  });
});

describe('negotiateVersion', () => {
  const asks = (minor: number, options = ''): StartupMessage => decodeStartup(startupBytes(`user\0a\0${options}\0`, 196_608 + minor));

  it('speaks what the client asks for, silently, up to the newest', () => {
    for (const minor of [0, 1, 2]) expect(negotiateVersion(asks(minor))).toEqual({ minor, reply: undefined });
  });

  it('answers a newer version or an option with its own', () => {
    const { minor, reply } = negotiateVersion(asks(9_999, '_pq_.grease\0\0'));
    expect(minor).toBe(2);
    expect(encodeBackend(reply!).toString('hex')).toBe(`76${'00000018'}${'00030002'}${'00000001'}${Buffer.from('_pq_.grease\0').toString('hex')}`);
    expect(negotiateVersion(asks(2), 0)).toMatchObject({ minor: 0, reply: { minor: 0 } });
  });
});
