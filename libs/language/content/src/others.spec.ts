import type { Content, ContentRecognizer } from '@interlock/contracts';
import { describe, expect, it } from 'vitest';
import { compileRecognizer } from './custom.js';
import { maskContent } from './mask.js';
import { ContentNet } from './net.js';
import type { Finding } from './scanner.js';
import { ContentStream } from './stream.js';

const STAFF: ContentRecognizer = { id: 'staff-no', pattern: '\\bEMP-\\d{6}\\b', score: 0.7, transform: 'redact' };
// Put together here, so that no scanner of secrets takes this file for one.
const TOKEN = ['ghp', 'q8Rw2Zk5Tn9Yb4Vc7Xd1Lm6Js3Hp0GfAeuio'].join('_');
const KEY = `-----BEGIN ${'RSA'} PRIVATE KEY-----\n${'q8Rw2Zk5Tn9Yb4Vc7Xd1Lm6Js3Hp0GfAe+/uioPkMzQxWvNbTyRcLsHjGdFaKe\n'.repeat(24)}-----END RSA PRIVATE KEY-----`;

function masked(text: string, contents: readonly Content[], column?: string): string {
  return maskContent(Buffer.from(text), contents, 'text', column).toString();
}

describe('secrets', () => {
  it.each([
    [`token: ${TOKEN}, see`, 'token: [secret], see'],
    [`before\n${KEY}\nafter`, 'before\n[secret]\nafter'],
    ['postgres://app:q8Rw2Zk5Tn9@db.internal/shop', 'postgres://app:[secret]@db.internal/shop'],
    ['nothing secret about token or password here', 'nothing secret about token or password here'],
  ])('are masked in a text: %j', (text, expected) => expect(masked(text, ['secret'])).toBe(expected));

  it('behind the name of their column, as behind one in the text', () => {
    expect(masked('q8Rw2Zk5Tn9Yb4Vc7Xd1', ['secret'], 'api_token')).toBe('[secret]');
    expect(masked('q8Rw2Zk5Tn9Yb4Vc7Xd1', ['secret'], 'customer')).toBe('q8Rw2Zk5Tn9Yb4Vc7Xd1');
  });

  it('are not looked for where only other kinds are asked for', () => expect(masked(`${TOKEN} 4111111111111111`, ['card'])).toBe(`${TOKEN} [card]`));

  it('and other kinds that overlap are one, as long as both', () => {
    expect(masked('https://ada:q8Rw2Zk5Tn9@shop.example/x y', ['secret', 'url-credentials'])).toBe('[url-credentials] y');
  });
});

describe('a recognizer', () => {
  it.each<[string, Partial<ContentRecognizer>, string, string, string?]>([
    ['by its pattern alone', {}, 'EMP-123456 and xEMP-123456', '[staff-no] and xEMP-123456'],
    ['in both cases', { ignoreCase: true }, 'emp-123456', '[staff-no]'],
    ['with its last characters left', { transform: 'partial' }, 'EMP-123456', '******3456'],
    ['near a word', { near: ['staff'] }, 'Staff: EMP-123456. '.padEnd(200) + 'EMP-654321', 'Staff: [staff-no]. '.padEnd(200) + '  EMP-654321'.slice(2)],
    ['near a word that stands alone', { near: ['staff'] }, 'distaff EMP-123456', 'distaff EMP-123456'],
    ['by the name of its column', { near: ['staff'] }, 'EMP-123456', '[staff-no]', 'staff_ref'],
    ['passing Luhn', { pattern: '\\b\\d{11}\\b', validator: 'luhn' }, '79927398710 and 79927398713', '79927398710 and [staff-no]'],
    ['passing modulo 97', { pattern: '\\b[A-Z]{2}\\d{2}[A-Z0-9]{8,30}\\b', validator: 'mod97' }, 'GB82WEST12345698765432 GB83WEST12345698765432', '[staff-no] GB83WEST12345698765432'],
    ['with enough entropy', { pattern: '\\b[a-z0-9]{12}\\b', entropy: 3 }, 'aaaaaaaaaaab q8rw2zk5tn9y', 'aaaaaaaaaaab [staff-no]'],
    ['in any script', { pattern: 'Größe [äöü]{2}' }, 'Größe äö', '[staff-no]'],
  ])('is found %s', (_, more, text, expected, column) => {
    expect(masked(text, [{ ...STAFF, ...more }], column).trimEnd()).toBe(expected.trimEnd());
  });

  it('that would go back, or never end, is refused with its name and place', () => {
    expect(compileRecognizer({ ...STAFF, pattern: '(a+)+$' })).toMatchObject({ ok: false, refusal: { detail: expect.stringContaining('recognizer staff-no cannot be used: at character 6') } });
    expect(() => new ContentNet([{ ...STAFF, pattern: 'a+' }])).toThrow(/has no end/);
  });
});

describe('JSON stays JSON', () => {
  it.each<[string, ContentRecognizer['pattern'], string]>([
    ['in a string', 'EMP-\\d{6}', '{"a":"[staff-no]","b":1}'],
    ['a number', '\\b1\\b', '{"a":"\\nEMP-123456","b":null}'],
    ['over the end of a string', '6","b', '"[redacted]"'],
    ['in an escape', 'nEMP', '"[redacted]"'],
    ['what is no number', '"b"', '"[redacted]"'],
  ])('where a recognizer finds %s', (_, pattern, expected) => {
    const text = expected.includes('staff-no') ? '{"a":"EMP-123456","b":1}' : '{"a":"\\nEMP-123456","b":1}';
    expect(maskContent(Buffer.from(text), [{ ...STAFF, pattern }], 'json').toString()).toBe(expected);
  });
});

describe('a text with secrets and recognized values, in pieces', () => {
  const net = new ContentNet(['card', 'email', 'secret', STAFF, { ...STAFF, id: 'long', pattern: '<[a-z]{1,200}>', near: ['tag'] }]);
  const text = Buffer.from(`mail ada@example.org EMP-123456 ${TOKEN} password=q8Rw2Zk5Tn9&x {"apiKey": "q8Rw2Zk5Tn9Yb4Vc"} https://u:q8Rw2Zk5@h.example/ tag <${'ab'.repeat(90)}> é 4111111111111111\n`);

  function streamed(pieces: readonly Uint8Array[]): { found: Finding[]; text: Buffer } {
    const found: Finding[] = [];
    const parts: Buffer[] = [];
    const stream = new ContentStream(net, {
      clear: (bytes) => void parts.push(Buffer.from(bytes)),
      found: (finding, bytes) => {
        found.push(finding);
        parts.push(Buffer.from(bytes));
      },
    });
    for (const piece of pieces) stream.push(piece);
    stream.finish();
    return { found, text: Buffer.concat(parts) };
  }

  it('is found the same in wherever it is cut', () => {
    const whole = [...net.find(text)];
    expect(whole.map(({ kind }) => kind)).toEqual(['email', 'staff-no', 'secret', 'secret', 'secret', 'email', 'long', 'card']);
    for (let cut = 0; cut <= text.length; cut += 7) expect(streamed([text.subarray(0, cut), text.subarray(cut)])).toEqual({ found: whole, text });
    expect(streamed(Array.from(text, (_, at) => text.subarray(at, at + 1)))).toEqual({ found: whole, text });
  });

  it('and so is one that is longer than the window', () => {
    const long = Buffer.concat([...Array.from({ length: 900 }, () => text), Buffer.from(KEY), text]);
    expect(long.length).toBeGreaterThan(300_000);
    const whole = net.find(long);
    for (const size of [65_537, 1_000_000]) {
      const { found, text: handed } = streamed(Array.from({ length: Math.ceil(long.length / size) }, (_, index) => long.subarray(index * size, (index + 1) * size)));
      expect(handed.equals(long)).toBe(true);
      expect(JSON.stringify(found)).toBe(JSON.stringify(whole));
    }
  });
});
