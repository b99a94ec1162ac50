import type { ApprovalRequest } from '@interlock/contracts';

/** What people agree to of the command's effect, a sentence each, wherever they read it: in a chat, on the page, on the command line. Rows are counted in it, and not told. */
export function effectInWords({ bound, requester }: Pick<ApprovalRequest, 'requester' | 'bound'>): string[] {
  if (!bound) return [];
  const { maxRows, unbounded, openTransaction, beside = [] } = bound;
  return [
    ...(maxRows === undefined ? [] : [`If it would change more than ${maxRows === 1 ? '1 row' : `${maxRows} rows`}, it is rolled back.`]),
    ...(unbounded === undefined ? [] : [`Its effect is not bounded: ${unbounded}`]),
    ...(openTransaction ? [`It runs inside a transaction of ${requester.name}, and whether that is committed stays theirs.`] : []),
    ...beside,
  ];
}
