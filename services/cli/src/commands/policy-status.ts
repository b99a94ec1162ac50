import type { RpcResponse } from '@interlock/contracts';
import type { Context } from '../context.js';
import { CliError, EXIT } from '../exit.js';

type Status = RpcResponse<'policy.secondDecisions'>;

/** How far recorded commands were decided a second time; a mismatch is evidence of something wrong, and the exit code says so. */
export async function policyStatus({ client, output }: Context): Promise<void> {
  const status = await client.get<'policy.secondDecisions'>('/second-decisions');
  output.result(status, () => [
    `${status.decided} recorded commands decided a second time, up to batch ${status.sequence} of the ledger; ${status.lag} batches behind.`,
    ...(status.problem === undefined ? [] : [`It does not go on at the moment: ${status.problem}`]),
    ...status.undecidable.map(undecidableText), ...status.mismatches.map(mismatchText),
    ...(status.mismatched > 0 ? [] : ['No connector decided otherwise than its rules.']),
  ].join('\n'));
  if (status.mismatched > 0) {
    throw new CliError(EXIT.evidenceBroken, `${status.mismatched} came out otherwise than a connector had decided.`, 'Look at the connector before two people lift its lock: `interlock locks`, `interlock explain COMMAND`.');
  }
}

function undecidableText({ reason, count, last }: Status['undecidable'][number]): string {
  return `${count} could not be decided again (${reason}), the last in batch ${last.sequence}: ${last.detail}`;
}

function mismatchText({ command, connector, principal, target, at, differences, lock }: Status['mismatches'][number]): string {
  return [`MISMATCH  ${command} of ${principal} at ${target}, decided by ${connector} at ${at}${lock === undefined ? '' : `; lock ${lock}`}`, ...differences.map((one) => `  ${one}`)].join('\n');
}
