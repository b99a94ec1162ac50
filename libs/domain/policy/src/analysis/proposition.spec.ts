import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assuming, Possibilities, type Proposition } from './proposition.js';

const { proposition } = fc.letrec<{ proposition: Proposition }>((tie) => ({
  proposition: fc.oneof({ depthSize: 'small' },
    fc.constantFrom<Proposition[]>(true, false, { atom: 'a' }, { atom: 'b' }, { atom: 'c' }),
    tie('proposition').map((not): Proposition => ({ not })),
    fc.array(tie('proposition'), { maxLength: 3 }).map((all): Proposition => ({ all })),
    fc.array(tie('proposition'), { maxLength: 3 }).map((any): Proposition => ({ any })),
  ),
}));

function holds(it: Proposition, truth: ReadonlyMap<string, boolean>): boolean {
  if (typeof it === 'boolean') return it;
  if ('atom' in it) return truth.get(it.atom)!;
  if ('not' in it) return !holds(it.not, truth);
  return 'all' in it ? it.all.every((part) => holds(part, truth)) : it.any.some((part) => holds(part, truth));
}

const WORLDS = Array.from({ length: 8 }, (_, bits) => new Map([['a', (bits & 1) > 0], ['b', (bits & 2) > 0], ['c', (bits & 4) > 0]]));

describe('a proposition', () => {
  it('is possible exactly when some world makes it true, and certain when every one does', () => {
    fc.assert(fc.property(proposition, (one) => {
      const possibilities = new Possibilities();
      expect(possibilities.possible(one)).toBe(WORLDS.some((world) => holds(one, world)));
      expect(possibilities.possible({ not: one })).toBe(!WORLDS.every((world) => holds(one, world)));
      expect(possibilities.undecided).toBe(0);
    }), { numRuns: 500 });
  });

  it('means the same with an atom decided', () => {
    fc.assert(fc.property(proposition, fc.boolean(), (one, a) => {
      const plain = assuming(one, new Map([['a', a]]));
      for (const world of WORLDS) if (world.get('a') === a) expect(holds(plain, world)).toBe(holds(one, world));
    }));
  });

  it('is possible, and counted, when it cannot be decided in time', () => {
    const small = Array.from({ length: 15 }, (_, index): Proposition => ({ atom: `x${index}` }));
    const possibilities = new Possibilities();
    const parity = (order: readonly Proposition[], start: boolean) => order.reduce((one, other): Proposition => ({ any: [{ all: [one, { not: other }] }, { all: [{ not: one }, other] }] }), start as Proposition);
    expect(possibilities.possible({ all: [parity(small, false), parity(small.toReversed(), true)] })).toBe(true);
    expect(possibilities.undecided).toBe(1);
  });
});
