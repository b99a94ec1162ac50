import { aessiv } from '@noble/ciphers/aes.js';
import { FF1 } from '@noble/ciphers/ff1.js';
import { describe, expect, it } from 'vitest';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));

describe('AES-SIV gives what RFC 5297 says', () => {
  it.each([
    {
      what: 'A.1, deterministic',
      key: 'fffefdfc fbfaf9f8 f7f6f5f4 f3f2f1f0 f0f1f2f3 f4f5f6f7 f8f9fafb fcfdfeff',
      associated: ['10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627'],
      plain: '11223344 55667788 99aabbcc ddee',
      sealed: '85632d07 c6e8f37f 950acd32 0a2ecc93 40c02b96 90c4dc04 daef7f6a fe5c',
    },
    {
      what: 'A.2, with a nonce as the last of the associated data',
      key: '7f7e7d7c 7b7a7978 77767574 73727170 40414243 44454647 48494a4b 4c4d4e4f',
      associated: [
        '00112233 44556677 8899aabb ccddeeff deaddada deaddada ffeeddcc bbaa9988 77665544 33221100', '10203040 50607080 90a0', '09f91102 9d74e35b d84156c5 635688c0',
      ],
      plain: '74686973 20697320 736f6d65 20706c61 696e7465 78742074 6f20656e 63727970 74207573 696e6720 5349562d 414553',
      sealed: '7bdb6e3b 432667eb 06f4d14b ff2fbd0f cb900f2f ddbe4043 26601965 c889bf17 dba77ceb 094fa663 b7a3f748 ba8af829 ea64ad54 4a272e9c 485b62a3 fd5c0d',
    },
  ])('$what', ({ key, associated, plain, sealed }) => {
    const cipher = () => aessiv(bytes(key), ...associated.map(bytes));
    expect(cipher().encrypt(bytes(plain))).toEqual(bytes(sealed));
    expect(cipher().decrypt(bytes(sealed))).toEqual(bytes(plain));
  });
});

const KEY_128 = '2B7E151628AED2A6ABF7158809CF4F3C';
const KEY_192 = `${KEY_128}EF4359D8D580AA4F`;
const KEY_256 = `${KEY_192}7F036D6F04FC6A94`;
const TWEAK_10 = '39383736353433323130';
const TWEAK_36 = '3737373770717273373737';

describe('FF1 gives what the samples of NIST SP 800-38G say', () => {
  it.each([
    [1, KEY_128, 10, '', '0123456789', '2433477484'],
    [2, KEY_128, 10, TWEAK_10, '0123456789', '6124200773'],
    [3, KEY_128, 36, TWEAK_36, '0123456789abcdefghi', 'a9tv40mll9kdu509eum'],
    [4, KEY_192, 10, '', '0123456789', '2830668132'],
    [5, KEY_192, 10, TWEAK_10, '0123456789', '2496655549'],
    [6, KEY_192, 36, TWEAK_36, '0123456789abcdefghi', 'xbj3kv35jrawxv32ysr'],
    [7, KEY_256, 10, '', '0123456789', '6657667009'],
    [8, KEY_256, 10, TWEAK_10, '0123456789', '1001623463'],
    [9, KEY_256, 36, TWEAK_36, '0123456789abcdefghi', 'xs8a0azh2avyalyzuwd'],
  ])('sample %i', (_, key, radix, tweak, plain, sealed) => {
    const numerals = (text: string): number[] => [...text].map((one) => parseInt(one, radix));
    expect(FF1(radix, bytes(key), bytes(tweak)).encrypt(numerals(plain))).toEqual(numerals(sealed));
    expect(FF1(radix, bytes(key), bytes(tweak)).decrypt(numerals(sealed))).toEqual(numerals(plain));
  });
});
