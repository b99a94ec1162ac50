import type { Finding } from './scanner.js';

/** Longer than this, findings that overlap are not joined any more: a stream holds what may still be joined. */
export const LONGEST_JOINED = 64 * 1_024;

/** Findings of several finders, in order and apart: where they overlap they are one, as long as all of them, of the surest kind. */
export function joined(found: readonly Finding[]): Finding[] {
  const apart: Finding[] = [];
  for (const one of found.toSorted((first, second) => first.start - second.start || second.end - first.end)) {
    const last = apart.at(-1);
    if (!last || one.start >= last.end) apart.push(one);
    else if (one.end <= last.end || one.end - last.start <= LONGEST_JOINED) apart[apart.length - 1] = { ...(one.score > last.score ? one : last), start: last.start, end: Math.max(last.end, one.end) };
    else apart.push({ ...one, start: last.end });
  }
  return apart;
}
