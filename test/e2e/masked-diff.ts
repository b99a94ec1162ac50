/** One line that differs though it may not. */
export interface Difference {
  readonly line: number;
  readonly bare: string;
  readonly gateway: string;
}

/**
 * Compares unaligned output line by line and cell by cell (separator `|`): a cell may differ only where the bare one holds a
 * sensitive value, and then it must differ and hold none. Everything else must be the same.
 */
export function differencesBesideMasks(bare: string, gateway: string, sensitive: readonly string[]): Difference[] {
  const [expected, found] = [bare.split('\n'), gateway.split('\n')];
  return Array.from({ length: Math.max(expected.length, found.length) }, (_, at) => ({ line: at + 1, bare: expected[at] ?? '', gateway: found[at] ?? '' }))
    .filter((pair) => !sameBesideMasks(pair.bare.split('|'), pair.gateway.split('|'), sensitive));
}

function sameBesideMasks(bare: readonly string[], gateway: readonly string[], sensitive: readonly string[]): boolean {
  return bare.length === gateway.length && bare.every((cell, at) => {
    const leaks = sensitive.some((value) => gateway[at]!.includes(value));
    return sensitive.some((value) => cell.includes(value)) ? !leaks && gateway[at] !== cell : gateway[at] === cell;
  });
}
