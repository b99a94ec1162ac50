import { resolve } from 'node:path';
import type { RpcResponse } from '@interlock/contracts';
import { examples } from '../examples.js';
import { writeText } from '../folder.js';
import { CliError, EXIT } from '../exit.js';
import type { Register } from '../context.js';
import { table } from '../output.js';

/** Of a bundle also by whose keys it was verified. */
type Report = RpcResponse<'audit.verify'> & { readonly keys?: readonly string[] };

interface VerifyOptions { readonly bundle?: string; readonly trust?: string }

export const registerAudit: Register = (program, run) => {
  const audit = program.command('audit').description('evidence');
  const verification = (name: string, description: string): unknown => audit.command(name).description(description)
    .option('--bundle <file>', 'walk what `audit export` wrote, without any server').option('--trust <file>', 'with --bundle: public keys (trust.json) that you hold yourself; else the bundle\'s own are used')
    .addHelpText('after', examples([`audit ${name}`, 'what the running system holds'], [`audit ${name} --bundle evidence.tar --trust trust.json`, 'a bundle, by keys that came another way']))
    .action(run<VerifyOptions>(async ({ client, output, cwd, options: { bundle, trust } }) => {
      const answer: Report = bundle === undefined ? await client.send<'audit.verify'>('POST', '/audit/verify', {}) : await (await import('../evidence-bundle.js')).verifyBundle(resolve(cwd, bundle), trust === undefined ? undefined : resolve(cwd, trust));
      output.result(answer, () => [
        `${answer.ok ? 'ok' : 'NOT OK'}: ${answer.events} events in ${answer.batches} batches${uncompared(answer)}`, ...(answer.ok ? [] : [finding(answer)]), ...(answer.keys ?? []), sealedText(answer, bundle === undefined ? 'verified' : 'exported'), answer.checkpoint,
      ].join('\n'));
      if (!answer.ok) throw new CliError(EXIT.evidenceBroken, 'The evidence is not what it was: the output names the first thing that is wrong.', 'Stop what writes to the store, keep a copy of it, and compare with a backup from before.');
    }));
  verification('verify', 'walk the whole ledger and its log; exit 5 and name the first thing that is wrong');
  verification('fsck', 'the same as verify, under the name that those who look after stores know');
  audit.command('export').description('write the ledger and its log into one file that can be verified anywhere; what events say stays sealed').requiredOption('--bundle <file>', 'file to write, a tar archive')
    .addHelpText('after', examples(['audit export --bundle evidence.tar', 'everything up to now']))
    .action(run<{ bundle: string }>(async ({ client, output, cwd, next, options: { bundle } }) => {
      const file = resolve(cwd, bundle);
      const { exportBundle } = await import('../evidence-bundle.js');
      const exported = await exportBundle(client, file);
      output.result({ file, ...exported }, () => `${exported.batches} batches written to ${file}; its checkpoint covers the first ${exported.events} events. Verify it anywhere with \`${next(`audit verify --bundle ${bundle}`)}\`.`);
    }));

  audit.command('prove <event>').description('prove that one event is in the log: EVENT.tlog-proof and EVENT.entry, for verifiers that are not ours').option('--into <folder>', 'folder to write into', '.')
    .addHelpText('after', examples(['audit prove 0198c2-7', 'the id that a refusal, a session or a verification names']))
    .action(run<{ into: string }>(async ({ client, output, cwd, options: { into } }, event) => {
      const answer = await client.get<'recorder.prove'>(`/audit/proofs/${encodeURIComponent(event!)}`);
      const { isProven } = await import('../evidence-bundle.js');
      const entry = Buffer.from(answer.entry, 'base64');
      if (!isProven(answer.proof, entry)) throw new CliError(EXIT.evidenceBroken, `What was given does not prove the event ${event!}.`, 'Run `interlock audit verify`: it names what is wrong.');
      const [proof, leaf] = [`${event!}.tlog-proof`, `${event!}.entry`].map((name) => resolve(cwd, into, name));
      writeText(proof!, answer.proof);
      writeText(leaf!, entry);
      output.result({ event, index: answer.index, size: answer.size, proof, entry: leaf }, () => `The event is leaf ${answer.index} of ${answer.size}: ${proof!} proves ${leaf!}.`);
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

/** The second line of a checkpoint is its size (C2SP tlog-checkpoint). Events go on coming, the record of this reading among them. */
function sealedText({ events, checkpoint }: Report, meanwhile: 'verified' | 'exported'): string {
  const sealed = Number(checkpoint.split('\n')[1]);
  if (!Number.isSafeInteger(sealed)) return 'checkpoint:';
  return sealed < events ? `checkpoint over ${sealed} of them; the ${events - sealed} newest came while it was ${meanwhile}, and the next one covers them:` : `checkpoint over ${sealed} events:`;
}

function finding({ finding: found }: RpcResponse<'audit.verify'>): string {
  return found ? `sequence ${found.sequence}${found.event ? `, event ${found.event}` : ''}: ${found.detail}` : 'Verification failed.';
}
