import { describe, expect, it } from 'vitest';
import { CommandSet } from './command-set.js';

const names = Array.from({ length: 2_000 }, (_, n) => `s-1.1.${n}`);
const full = names.reduce((set, name) => set.with(name), CommandSet.EMPTY);

describe('a set of commands', () => {
  it('holds what was put in, in the order in which it came, until it is taken out', () => {
    expect(full.all()).toEqual(names);
    const left = names.filter((_, n) => n % 3 === 0).reduce((set, name) => set.without(name), full);
    expect(left.all()).toEqual(names.filter((_, n) => n % 3 !== 0));
    expect([left.has('s-1.1.0'), left.has('s-1.1.1'), full.has('s-1.1.0')]).toEqual([false, true, true]);
  });

  it('is not changed by what is made of it, and is itself when nothing changes', () => {
    expect(CommandSet.EMPTY.all()).toEqual([]);
    expect(full.without('never')).toBe(full);
  });
});
