import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { issueToken, maskValue, readToken, redeemToken, type CellValue } from '@interlock/domain-masking';
import { KeyCipher, KeyRing } from './key-cipher.js';

const key = (fill: number) => new Uint8Array(32).fill(fill);
const ring = new KeyRing([
  { tenant: 'default', kind: 'email', version: 1, key: key(1) }, { tenant: 'default', kind: 'email', version: 2, key: key(2) },
  { tenant: 'default', kind: 'card', version: 1, key: key(1) },
]);
const token = (kind: string, value: string): string => issueToken(ring.newest(kind)!, Buffer.from(value))!;
const redeemed = (text: string) => redeemToken(ring, readToken(text)!);

function passesLuhn(text: string): boolean {
  const sum = [...text.replaceAll(/\D/g, '')].reverse().map(Number).reduce((total, digit, at) => total + (at % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0)), 0);
  return sum % 10 === 0;
}

describe('a token', () => {
  it('is the same for the same value, made with the newest key, and tells its kind', () => {
    expect(token('email', 'ada@example.org')).toBe(token('email', 'ada@example.org'));
    expect(token('email', 'ada@example.org')).toMatch(/^email_t2_[a-z2-7]+$/);
    expect(token('email', 'ada@example.org')).not.toBe(token('email', 'Ada@example.org'));
  });

  it('gives its value back, and only that', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (value) => {
      const text = issueToken(ring.newest('email')!, value)!;
      const back = redeemToken(ring, readToken(text)!);
      return back.ok && back.value.equals(Buffer.from(value));
    }));
  });

  it('is read with the key that made it after another one came', () => {
    expect(redeemToken(ring, readToken(issueToken(ring.of('email', 1)!, Buffer.from('x'))!)!)).toEqual({ ok: true, value: Buffer.from('x') });
  });

  it('of another kind, version or tenant, or with any letter changed, is refused and tells nothing', () => {
    const text = token('email', 'ada@example.org');
    const at = text.lastIndexOf('_') + 1;
    const forgeries = [text.replace('email', 'card').replace('t2', 't1'), text.replace('t2', 't1'), ...[...text].slice(at).map((letter, index) => `${text.slice(0, at + index)}${letter === 'a' ? 'b' : 'a'}${text.slice(at + index + 1)}`)];
    for (const forged of forgeries) {
      const read = readToken(forged);
      if (read) expect(redeemToken(ring, read)).toMatchObject({ ok: false, refusal: { reason: 'forged_token' } });
    }
    expect(forgeries.filter((forged) => readToken(forged)).length).toBeGreaterThan(40);
    const elsewhere = new KeyRing([{ tenant: 'other', kind: 'email', version: 2, key: key(2) }]);
    expect(redeemToken(elsewhere, readToken(text)!)).toMatchObject({ refusal: { reason: 'forged_token' } });
    expect(redeemed(text.replace('t2', 't3'))).toMatchObject({ refusal: { reason: 'key_missing' } });
  });

  it('is made of nothing that is too long, and read in no other form', () => {
    expect(issueToken(ring.newest('email')!, Buffer.alloc(1_025))).toBeUndefined();
    for (const text of ['', 'email', 'email_t2_', 'email_t0_aaaaaaaaaaaaaaaaaaaaaaaaaa', token('email', 'x').toUpperCase(), ` ${token('email', 'x')}`, `${token('email', 'x')}1`]) expect(readToken(text)).toBeUndefined();
  });
});

describe('other digits', () => {
  const masked = (text: string) => maskValue({ transform: 'format-preserving', kind: 'card' }, { kind: 'text', text }, ring) as { text: string } | undefined;

  it('stand where the digits stood, the same for the same value', () => {
    expect(masked('(030) 901-820')?.text).toMatch(/^\(\d{3}\) \d{3}-\d{3}$/);
    expect(masked('(030) 901-820')).toEqual(masked('(030) 901-820'));
    expect(masked('4111 1111 1111 1111')?.text).toMatch(/^(\d{4} ){3}\d{4}$/);
  });

  it('fail Luhn where they stand for a card, and for anything as long', () => {
    fc.assert(fc.property(fc.stringMatching(/^\d{12,19}$/), (text) => !passesLuhn(masked(text)!.text)), { numRuns: 300 });
    const cards = Array.from({ length: 200 }, (_, index) => `411111${String(index).padStart(9, '0')}`).map((payload) => [...'0123456789'].map((check) => payload + check).find(passesLuhn)!);
    expect(cards.map((card) => passesLuhn(masked(card)!.text))).toEqual(cards.map(() => false));
    expect(new Set(cards.map((card) => masked(card)!.text)).size).toBe(cards.length);
  });

  it.each(['12345', '12-345', 'AB123456', 'DE89370400440532013000', `${'1'.repeat(65)}`, ''])('are not given to %j', (text) => expect(masked(text)).toBeUndefined());

  it('keep a number one of its type and length', () => {
    const whole = (value: bigint, most: bigint) => maskValue({ transform: 'format-preserving', kind: 'card' }, { kind: 'integer', value, least: -most - 1n, most }, ring) as { value: bigint };
    for (const value of [2_147_483_647n, 1_000_000_000n, -2_147_483_648n]) {
      const other = whole(value, 2_147_483_647n).value;
      expect(String(other)).toHaveLength(String(value).length);
      expect(other >= -2_147_483_648n && other <= 2_147_483_647n).toBe(true);
    }
    expect((maskValue({ transform: 'format-preserving', kind: 'card' }, { kind: 'decimal', text: '-0.123456' }, ring) as { text: string }).text).toMatch(/^-0\.\d{6}$/);
  });
});

it('without a key there is no form of a value', () => {
  const value: CellValue = { kind: 'text', text: '4111111111111111' };
  expect(maskValue({ transform: 'token', kind: 'unknown' }, value, ring)).toBeUndefined();
  expect(maskValue({ transform: 'format-preserving', kind: 'unknown' }, value, ring)).toBeUndefined();
});

it('takes keys of 32 bytes and permutes six digits or more', () => {
  expect(() => new KeyCipher({ tenant: 'default', kind: 'x', version: 1, key: new Uint8Array(31) })).toThrow(RangeError);
  expect(() => ring.newest('card')!.permute([1, 2, 3, 4, 5], 'digits')).toThrow(RangeError);
});
