import { createCipheriv, createDecipheriv, createPrivateKey, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseKek, unwrapAtRest, wrapAtRest } from './at-rest.js';
import { createEventOpener, createEventSeal, openEvent } from './event-seal.js';
import { privateKeyToBase64, rawPublicKey } from './raw-keys.js';
import { seal } from './sealed-box.js';
import { generateServiceKeys, KeysUnusable, loadTrust, ServiceKeys } from './service-keys.js';
import { verifySignature } from './signature.js';

const KEY = Buffer.alloc(32, 9);
const fresh = (): ServiceKeys => new ServiceKeys('vault', { nkeySeed: 'SU-seed', ...generateServiceKeys() });

describe('signatures', () => {
  it('are Ed25519 as RFC 8032 has them (section 7.1, test 2)', () => {
    const secret = Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex');
    const key = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), secret]), format: 'der', type: 'pkcs8' });
    expect(rawPublicKey(key).toString('hex')).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    const keys = new ServiceKeys('vault', { ...generateServiceKeys(), nkeySeed: '', signingPrivateKey: privateKeyToBase64(key) });
    expect(keys.sign(Buffer.from('72', 'hex')).toString('hex')).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00');
  });

  it('verify for their text and key, and for nothing else', () => {
    const [keys, other] = [fresh(), fresh()];
    const signature = keys.signBase64('text');
    expect(verifySignature(keys.publicSigningKey, 'text', signature)).toBe(true);
    expect(verifySignature(keys.publicSigningKey, 'Text', signature)).toBe(false);
    expect(verifySignature(other.publicSigningKey, 'text', signature)).toBe(false);
  });

  it.each([['', 'no signature'], ['AAAA', 'a short one'], [`${'A'.repeat(86)}==`, 'zeros'], ['not base64 at all', 'rubbish']])('%j (%s) is not one', (signature) => {
    expect(verifySignature(fresh().publicSigningKey, 'text', signature)).toBe(false);
  });

  it('that held are held for their text and key alone, however many came since', () => {
    const [keys, other] = [fresh(), fresh()];
    const signatures = Array.from({ length: 2_100 }, (_, n) => keys.signBase64(`text ${n}`));
    for (const [n, signature] of signatures.entries()) expect(verifySignature(keys.publicSigningKey, `text ${n}`, signature)).toBe(true);
    for (const n of [0, 2_099]) {
      expect(verifySignature(keys.publicSigningKey, `text ${n}`, signatures[n]!)).toBe(true);
      expect(verifySignature(keys.publicSigningKey, `text ${n + 1}`, signatures[n]!)).toBe(false);
      expect(verifySignature(other.publicSigningKey, `text ${n}`, signatures[n]!)).toBe(false);
      expect(verifySignature(keys.publicSigningKey, Buffer.from(`text ${n}`), signatures[n]!)).toBe(true);
    }
  });

  it('have one spelling', () => {
    const keys = fresh();
    const signature = keys.signBase64('text');
    expect(verifySignature(keys.publicSigningKey, 'text', signature.replace('==', ''))).toBe(false);
    expect(verifySignature(keys.publicSigningKey, 'text', `${signature} `)).toBe(false);
  });

  it.each(['', 'AAAA', 'rubbish'])('under the key %j never verify', (key) => {
    expect(verifySignature(key, 'text', fresh().signBase64('text'))).toBe(false);
  });
});

describe('a sealed box', () => {
  it('is opened by its recipient for its purpose', () => {
    const keys = fresh();
    const box = seal(keys.publicSealingKey, 'token', Buffer.from('eyJ...'));
    expect(keys.open(box, 'token')).toEqual({ ok: true, value: Buffer.from('eyJ...') });
    expect(box.box).not.toContain('eyJ');
  });

  it('is not opened by anyone else, nor for another purpose, even when it claims that', () => {
    const keys = fresh();
    const box = seal(keys.publicSealingKey, 'token', Buffer.from('x'));
    expect(fresh().open(box, 'token')).toMatchObject({ ok: false, refusal: { reason: 'box_unopenable' } });
    expect(keys.open(box, 'credential')).toMatchObject({ ok: false, refusal: { reason: 'box_purpose' } });
    expect(keys.open({ ...box, purpose: 'credential' }, 'credential')).toMatchObject({ ok: false, refusal: { reason: 'box_unopenable' } });
  });

  it('with any changed byte, or cut, stays closed', () => {
    const keys = fresh();
    const bytes = Buffer.from(seal(keys.publicSealingKey, 'token', Buffer.from('secret')).box, 'base64');
    fc.assert(fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ difference;
      // RFC 7748, section 5: the top bit of a public value is masked, so that one change is no change, except that the key derivation binds it.
      expect(keys.open({ box: changed.toString('base64'), purpose: 'token' }, 'token').ok).toBe(false);
      expect(keys.open({ box: bytes.subarray(0, at).toString('base64'), purpose: 'token' }, 'token').ok).toBe(false);
    }));
  });

  it('with a public value of small order stays closed', () => {
    const box = Buffer.concat([Buffer.alloc(32), Buffer.alloc(12 + 16 + 4)]).toString('base64');
    expect(fresh().open({ box, purpose: 'token' }, 'token').ok).toBe(false);
  });

  it('is different every time', () => {
    const { publicSealingKey } = fresh();
    expect(seal(publicSealingKey, 'token', KEY).box).not.toBe(seal(publicSealingKey, 'token', KEY).box);
  });

  it('needs a key of 32 bytes', () => {
    expect(() => seal('AAAA', 'token', KEY)).toThrow(RangeError);
  });
});

describe('event seals', () => {
  it('are AES-256-CTR (NIST SP 800-38A, section 6.5) from a counter block of zeros', () => {
    const key = Buffer.from('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4', 'hex');
    const reference = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.from('payload'));
    expect(createEventSeal('k', key).encrypt(Buffer.from('payload'))).toEqual({ ciphertext: reference, offset: 0 });
  });

  it('use every byte of the stream once, and open at any offset without the rest', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 30 }), (payloads) => {
      const sealing = createEventSeal('k', KEY);
      const sealed = payloads.map((payload) => sealing.encrypt(payload));
      let next = 0;
      sealed.forEach(({ ciphertext, offset }, index) => {
        expect(offset).toBe(next);
        next += ciphertext.length;
        expect(openEvent(KEY, offset, ciphertext)).toEqual(Buffer.from(payloads[index]!));
      });
    }));
  });

  it('are opened one after the other, in any order, with gaps of any size', () => {
    const bytes = randomBytes(64 * 1024);
    const { ciphertext } = createEventSeal('k', KEY).encrypt(bytes);
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(60_000), fc.nat(3_000)), { minLength: 1, maxLength: 12 }), fc.boolean(), (pieces, inOrder) => {
      const open = createEventOpener(KEY);
      const asked = inOrder ? pieces.toSorted(([a], [b]) => a - b) : pieces;
      for (const [offset, length] of asked) expect(open(offset, ciphertext.subarray(offset, offset + length)).equals(bytes.subarray(offset, offset + length))).toBe(true);
      for (let at = 0; at < 10_000; at += 1_111) expect(open(at, ciphertext.subarray(at, at + 1_111)).equals(bytes.subarray(at, at + 1_111))).toBe(true);
    }));
  });

  it('open far into a long stream', () => {
    const offset = 2 ** 40 + 5;
    const block = Buffer.alloc(16);
    block.writeBigUInt64BE(BigInt(2 ** 40) / 16n, 8);
    const cipher = createCipheriv('aes-256-ctr', KEY, block);
    cipher.update(Buffer.alloc(5));
    expect(openEvent(KEY, offset, cipher.update(Buffer.from('far away'))).toString()).toBe('far away');
  });

  it.each([-1, 1.5, Number.NaN])('have no offset %s', (offset) => {
    expect(() => openEvent(KEY, offset, Buffer.of(1))).toThrow(RangeError);
  });

  it('need a key of 32 bytes', () => {
    expect(() => createEventSeal('k', Buffer.alloc(16))).toThrow(RangeError);
    expect(() => openEvent(Buffer.alloc(16), 0, Buffer.of(1))).toThrow(RangeError);
  });
});

describe('what is wrapped at rest', () => {
  it('is unwrapped under its key and for its context', () => {
    expect(unwrapAtRest(KEY, wrapAtRest(KEY, Buffer.from('password'), 'secret/shop'), 'secret/shop')).toEqual({ ok: true, value: Buffer.from('password') });
  });

  it('is neither under another key, nor for another context', () => {
    const wrapped = wrapAtRest(KEY, Buffer.from('password'), 'secret/shop');
    expect(unwrapAtRest(Buffer.alloc(32), wrapped, 'secret/shop')).toMatchObject({ ok: false, refusal: { reason: 'wrap_unopenable' } });
    expect(unwrapAtRest(KEY, wrapped, 'secret/other')).toMatchObject({ ok: false, refusal: { reason: 'wrap_unopenable' } });
  });

  it('shows every changed byte and every cut', () => {
    const wrapped = wrapAtRest(KEY, Buffer.from('password'), 'c');
    for (let at = 0; at < wrapped.length; at += 1) {
      const changed = Buffer.from(wrapped);
      changed[at] = changed[at]! ^ 1;
      expect(unwrapAtRest(KEY, changed, 'c').ok).toBe(false);
      expect(unwrapAtRest(KEY, wrapped.subarray(0, at), 'c').ok).toBe(false);
    }
  });

  it('has a data key of its own, under which alone the value lies', () => {
    const [one, other] = [wrapAtRest(KEY, Buffer.from('password'), 'c'), wrapAtRest(KEY, Buffer.from('password'), 'c')];
    expect(one.subarray(64)).not.toEqual(other.subarray(64));
    const nonce = one.subarray(64, 76);
    const underKek = createDecipheriv('aes-256-gcm', KEY, nonce).setAAD(Buffer.from('c')).setAuthTag(one.subarray(-16));
    underKek.update(one.subarray(76, -16));
    expect(() => underKek.final()).toThrow();
  });

  it.each([['', false], ['AAAA', false], [`${'A'.repeat(43)}=`, true], [`${'A'.repeat(43)}=\n`, true], ['A'.repeat(44), false], [`${'*'.repeat(43)}=`, false]])('a key-encryption key %j is fit: %s', (text, fit) => {
    const parsed = parseKek(text);
    expect(parsed.ok).toBe(fit);
    if (!parsed.ok && text) expect(JSON.stringify(parsed.refusal)).not.toContain(text);
  });
});

describe('key files', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'interlock-keys-'))));
  afterAll(() => rm(folder, { recursive: true }));
  const store = (name: string, content: unknown) => writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

  it('give the service its keys', async () => {
    const made = { nkeySeed: 'SUX', ...generateServiceKeys() };
    await store('vault.json', made);
    const keys = await ServiceKeys.load(folder, 'vault');
    expect([keys.service, keys.nkeySeed, keys.publicSigningKey, keys.publicSealingKey]).toEqual(['vault', 'SUX', made.signingKey, made.sealingKey]);
  });

  it.each<[string, unknown]>([
    ['no JSON', '{"nkeySeed": "SU-hidden"'], ['no keys', { nkeySeed: 'SU-hidden' }], ['null', null],
    ['a signing key of the other curve', { nkeySeed: 'SU-hidden', ...generateServiceKeys(), signingPrivateKey: generateServiceKeys().sealingPrivateKey }],
    ['a broken key', { nkeySeed: 'SU-hidden', ...generateServiceKeys(), sealingPrivateKey: 'AAAA' }],
  ])('with %s are unusable, and the fault holds none of their content', async (_what, content) => {
    await store('bad.json', content);
    const fault: unknown = await ServiceKeys.load(folder, 'bad').catch((caught: unknown) => caught);
    expect(fault).toBeInstanceOf(KeysUnusable);
    expect(String(fault)).toContain('bad.json');
    expect(String(fault)).not.toContain('hidden');
  });

  it('that are missing are named, with what to do', async () => {
    await expect(ServiceKeys.load(folder, 'nobody')).rejects.toThrow(/nobody\.json cannot be read \(ENOENT\).*INTERLOCK_KEYS_DIR/s);
  });

  it('keep private keys out of what is printed', async () => {
    const made = { nkeySeed: 'SU-hidden', ...generateServiceKeys() };
    await store('vault.json', made);
    const keys = await ServiceKeys.load(folder, 'vault');
    const printed = JSON.stringify(keys) + inspect(keys, { depth: 9, showHidden: true });
    expect(printed).not.toContain(made.signingPrivateKey);
    expect(printed).not.toContain(made.sealingPrivateKey);
    expect(printed).not.toContain('SU-hidden');
  });

  it('trust.json must hold public keys', async () => {
    await store('trust.json', { services: { vault: { signingKey: 'a', sealingKey: 'b' } } });
    expect((await loadTrust(folder)).services['vault']).toEqual({ signingKey: 'a', sealingKey: 'b' });
    await store('trust.json', { services: { vault: {} } });
    await expect(loadTrust(folder)).rejects.toThrow(KeysUnusable);
  });

  it('signatures of one service do not verify as another\'s', () => {
    const [vault, audit] = [fresh(), fresh()];
    expect(verifySignature(audit.publicSigningKey, 'x', vault.signBase64('x'))).toBe(false);
  });
});
