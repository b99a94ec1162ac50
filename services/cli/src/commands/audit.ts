import type { RpcResponse } from '@interlock/contracts';
import { CliError, EXIT } from '../exit.js';
import type { Register } from '../context.js';
import { table } from '../output.js';

export const registerAudit: Register = (program, run) => {
  const audit = program.command('audit').description('evidence');
  audit.command('verify').description('walk the whole ledger and its log; exit 5 and name the first thing that is wrong')
    .action(run(async ({ client, output }) => {
      const answer = await client.send<'audit.verify'>('POST', '/audit/verify', {});
      output.result(answer, () => [
        `${answer.ok ? 'ok' : 'NOT OK'}: ${answer.events} events in ${answer.batches} batches${uncompared(answer)}`, ...(answer.ok ? [] : [finding(answer)]), sealedText(answer), answer.checkpoint,
      ].join('\n'));
      if (!answer.ok) throw new CliError(EXIT.evidenceBroken, 'The evidence is not what it was: the output names the first thing that is wrong.', 'Stop what writes to the store, keep a copy of it, and compare with a backup from before.');
    }));

  const views = program.command('views').description('projections of the ledger');
  views.command('rebuild [view]').description('rebuild beside the serving views and compare')
    .action(run(async ({ client, output }, view) => {
      const answer = await client.send<'audit.rebuild'>('POST', '/audit/rebuild', view ? { view } : {});
      output.result(answer.views, () => table(['VIEW', 'ROWS', 'IDENTICAL', 'HASH'], answer.views.map((one) => [one.view, one.rows, one.identical ? 'yes' : 'NO', one.hashAfter])));
      if (answer.views.some((one) => !one.identical)) throw new CliError(EXIT.evidenceBroken, 'A rebuilt view differs from the one that served.');
    }));
};

function uncompared({ uncomparedChunks }: RpcResponse<'audit.verify'>): string {
  return uncomparedChunks > 0 ? `, ${uncomparedChunks} recorded chunks not compared` : '';
}

/** The second line of a checkpoint is its size (C2SP tlog-checkpoint). Events go on coming, this verification's own record among them. */
function sealedText({ events, checkpoint }: RpcResponse<'audit.verify'>): string {
  const sealed = Number(checkpoint.split('\n')[1]);
  if (!Number.isSafeInteger(sealed)) return 'checkpoint:';
  return sealed < events ? `checkpoint over ${sealed} of them; the ${events - sealed} newest came while it was verified, and the next one covers them:` : `checkpoint over ${sealed} events:`;
}

function finding({ finding: found }: RpcResponse<'audit.verify'>): string {
  return found ? `sequence ${found.sequence}${found.event ? `, event ${found.event}` : ''}: ${found.detail}` : 'Verification failed.';
}
