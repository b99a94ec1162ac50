/** A set of Unicode characters: ranges of code points, both ends in it, in order and apart. */
export type Characters = readonly (readonly [first: number, last: number])[];

const LAST = 0x10ffff;

/** The union of ranges in any order. */
export function charactersOf(ranges: Characters): Characters {
  const merged: [number, number][] = [];
  for (const [first, last] of ranges.toSorted(([one], [other]) => one - other)) {
    const before = merged.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

export function allBut(characters: Characters): Characters {
  const left: [number, number][] = [];
  let from = 0;
  for (const [first, last] of characters) {
    if (first > from) left.push([from, first - 1]);
    from = last + 1;
  }
  if (from <= LAST) left.push([from, LAST]);
  return left;
}

/** With each ASCII letter its other case. Other letters have one case here. */
export function inBothCases(characters: Characters): Characters {
  const more = characters.flatMap(([first, last]) => [shifted(first, last, 0x41, 0x5a, 0x20), shifted(first, last, 0x61, 0x7a, -0x20)]);
  return charactersOf([...characters, ...more.filter((range) => range !== undefined)]);
}

function shifted(first: number, last: number, from: number, to: number, by: number): [number, number] | undefined {
  const [low, high] = [Math.max(first, from), Math.min(last, to)];
  return low <= high ? [low + by, high + by] : undefined;
}

export function has(characters: Characters, character: number): boolean {
  return characters.some(([first, last]) => first <= character && character <= last);
}

export const DIGITS: Characters = [[0x30, 0x39]];
export const WORD: Characters = [[0x30, 0x39], [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
/** White space and line ends as ECMAScript counts them. */
export const SPACE: Characters = [
  [0x09, 0x0d], [0x20, 0x20], [0xa0, 0xa0], [0x1680, 0x1680], [0x2000, 0x200a], [0x2028, 0x2029], [0x202f, 0x202f], [0x205f, 0x205f], [0x3000, 0x3000], [0xfeff, 0xfeff],
];
/** What `.` stands for: all but the ends of lines. */
export const NO_LINE_END: Characters = allBut([[0x0a, 0x0a], [0x0d, 0x0d], [0x2028, 0x2029]]);
