/** PostgreSQL's bigint as a number: sequences and byte counts stay below 2^53. */
export const wholeNumber = {
  to: (value: number | null | undefined): number | null | undefined => value,
  from: (value: string | null): number | null => (value === null ? null : Number(value)),
};
