/** The next number from 0 below `below`. */
export type Random = (below: number) => number;

export const DEMO_DAY = '2026-01-01T00:00:00.000Z';

/** The same numbers for the same seed, so that two runs decide about the same requests. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
