/** The rows that a command tag counts, or what is recorded of one; 0 where it counts none. */
export function rowsInTag(tag: string): number {
  return Number(/ (\d+)(?:, answer withheld)?$/.exec(tag)?.[1] ?? 0);
}
