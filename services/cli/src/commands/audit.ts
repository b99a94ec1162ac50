import type { RpcResponse } from '@interlock/contracts';
import { CliError, EXIT } from '../exit.js';
import type { Register } from '../context.js';
import { table } from '../output.js';

export const registerAudit: Register = (program, run) => {
  const audit = program.command('audit').description('evidence');
  audit.command('verify').description('walk the whole ledger and its log; exit 5 and name the first thing that is wrong')
    .action(run(async ({ client, output }) => {
      const answer = await client.send<'audit.verify'>('POST', '/audit/verify', {});
      output.result(answer, () => `${answer.ok ? 'ok' : 'NOT OK'}: ${answer.events} events in ${answer.batches} batches${uncompared(answer)}\n${answer.checkpoint}`);
      if (!answer.ok) throw new CliError(EXIT.evidenceBroken, finding(answer));
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

function finding({ finding: found }: RpcResponse<'audit.verify'>): string {
  return found ? `Batch ${found.sequence}${found.event ? `, event ${found.event}` : ''}: ${found.detail}` : 'Verification failed.';
}
