import { describe, expect, it } from 'vitest';
import { fuzz, must, type FuzzEntry } from './fuzz.js';

/** Three decoders of `u8 type | u32 length | payload`, each with one bug of the kind that fuzzing is there to find. */
const SEEDS = [Buffer.from([0x51, 0, 0, 0, 3, 0x61, 0x62, 0x63]), Buffer.from([0x42, 0, 0, 0, 6, 0, 2, 1, 2, 3, 4])];

const throws: FuzzEntry = {
  name: 'a decoder that reads past its end',
  seeds: SEEDS,
  run: (input) => {
    if (input.length < 5) return 'short';
    if (input[0] !== 0x42) return 'other';
    return `of ${input.readUInt16BE(5)}`;
  },
};

const believes: FuzzEntry = {
  name: 'a decoder that allocates what is declared',
  seeds: SEEDS,
  run: (input) => {
    if (input.length < 5) return 'short';
    const declared = input.readUInt32BE(1);
    if (declared > 512 * 1024 * 1024) return 'too long';
    const body = Buffer.alloc(declared);
    input.copy(body, 0, 5);
    return body.length > input.length ? 'incomplete' : 'whole';
  },
};

const spins: FuzzEntry = {
  name: 'a decoder whose time grows with a count it was told',
  inputMs: 20,
  seeds: SEEDS,
  run: (input) => {
    if (input.length < 7 || input[0] !== 0x42) return 'other';
    let sum = 0;
    for (let left = input.readUInt16BE(5) * 10_000; left > 0; left -= 1) sum = (sum + left) | 0;
    return sum === 0 ? 'none' : 'some';
  },
};

const forgets: FuzzEntry = {
  name: 'a decoder that drops a byte',
  seeds: SEEDS,
  run: (input) => {
    const kept = input.filter((byte, at) => byte !== 0xff || at < 5);
    must(kept.length === input.length, 'every byte is handed out');
    return 'kept';
  },
};

describe('the fuzzer finds', () => {
  it.each([
    [throws, /ERR_|RangeError/],
    [believes, /bytes of memory/],
    [spins, /it took \d+ ms/],
    [forgets, /every byte is handed out/],
  ])('$name', async (entry, expected) => {
    const { finding } = await fuzz(entry, { seed: 1, seconds: 10, iterations: 30_000 });
    expect(finding?.what).toMatch(expected);
  });

  it('nothing where there is nothing', async () => {
    const sound: FuzzEntry = { name: 'sound', seeds: SEEDS, run: (input) => (input.length < 5 ? 'short' : 'long') };
    const report = await fuzz(sound, { seed: 1, seconds: 10, iterations: 500 });
    expect(report).toEqual({ iterations: 500, outcomes: ['long', 'short'], finding: undefined });
  });

  it('and shortens what it finds', async () => {
    const { finding } = await fuzz(throws, { seed: 1, seconds: 10, iterations: 30_000 });
    expect(finding?.input.length).toBeLessThanOrEqual(6);
  });
});
