export { sampleOf } from '@interlock/language-pattern';

/** A number below `limit` from a seeded source. */
export type Below = (limit: number) => number;

/** Numbers that repeat from run to run for one seed (mulberry32). */
export function belowFrom(seed: number): Below {
  let state = seed | 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** So many random characters of an alphabet. */
export function random(alphabet: string, length: number, below: Below): string {
  return Array.from({ length }, () => alphabet[below(alphabet.length)]!).join('');
}

export const HEX = '0123456789abcdef';
export const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
export const BASE64 = `${ALPHANUMERIC}+/`;
