import type { Finding } from './scanner.js';

/** Longer than this, findings that overlap are not joined any more: a stream holds what may still be joined. */
const LONGEST_JOINED = 64 * 1_024;
/** What is left of a name beside something else is told from this length on: shorter, it is a word that was taken along. */
export const SHORTEST_REST = 4;

/**
 * Findings of several finders, in order and apart: where they overlap they are one, as long as all of them, of the surest kind. Names of persons and
 * places, whose form proves nothing, yield to all others: they are what is left of them.
 */
export function joined(found: readonly Finding[]): Finding[] {
  const names = found.filter(isName);
  const apart = united(names.length === 0 ? found : found.filter((one) => !isName(one)));
  return names.length === 0 ? apart : [...apart, ...besides(united(names), apart)].sort((first, second) => first.start - second.start);
}

function isName({ kind }: Finding): boolean {
  return kind === 'person' || kind === 'place';
}

function united(found: readonly Finding[]): Finding[] {
  const apart: Finding[] = [];
  for (const one of found.toSorted((first, second) => first.start - second.start || second.end - first.end)) {
    const last = apart.at(-1);
    if (!last || one.start >= last.end) apart.push(one);
    else if (one.end <= last.end || one.end - last.start <= LONGEST_JOINED) apart[apart.length - 1] = { ...(one.score > last.score ? one : last), start: last.start, end: Math.max(last.end, one.end) };
    else apart.push({ ...one, start: last.end });
  }
  return apart;
}

/** Both in order. */
function besides(names: readonly Finding[], others: readonly Finding[]): Finding[] {
  const left: Finding[] = [];
  let first = 0;
  for (const name of names) {
    while (first < others.length && others[first]!.end <= name.start) first += 1;
    let { start } = name;
    const tell = (end: number): void => {
      const isWhole = start === name.start && end === name.end;
      if (end > start && (isWhole || end - start >= SHORTEST_REST)) left.push({ ...name, start, end });
    };
    for (let at = first; at < others.length && others[at]!.start < name.end; at += 1) {
      tell(others[at]!.start);
      start = others[at]!.end;
    }
    tell(name.end);
  }
  return left;
}
