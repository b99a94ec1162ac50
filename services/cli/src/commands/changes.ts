import type { RpcResponse } from '@interlock/contracts';
import type { Context, Register } from '../context.js';
import { examples } from '../examples.js';
import { table } from '../output.js';

type Change = RpcResponse<'policy.change'>['change'];
type Decided = RpcResponse<'policy.decideChange'>;

export const registerChanges: Register = (program, run) => {
  const changes = program.command('changes').description('changes of the configuration');

  changes.command('list').description('list changes, newest first')
    .action(run(async ({ client, output }) => {
      const answer = await client.get<'policy.changes'>('/changes');
      output.result(answer.changes, () => table(['CHANGE', 'STATUS', 'AUTHOR', 'PROPOSED', 'WHAT'], answer.changes.map((one) => [one.change, one.status, one.author, one.proposedAt, one.summary.join('; ')])));
    }));

  changes.command('show <change>').description('show exactly what an approver agrees to, file by file, and who did')
    .action(run(async (context, id) => {
      const change = await read(context, id!);
      context.output.result(change, () => describe(change));
    }));

  changes.command('approve <change>').description('approve a change of someone else').addHelpText('after', examples(['changes approve CHANGE --token-of dba', 'in the demonstration'], ['changes approve CHANGE --digest DIGEST', 'what was read, and nothing else'])).option('--digest <digest>', 'the digest that `changes show` prints; taken from the change as it is now when absent')
    .action(run<{ digest?: string }>(async (context, id) => {
      const digest = context.options.digest ?? (await read(context, id!)).digest;
      told(context, await decide(context, id!, { verdict: 'approve', digest }));
    }));

  changes.command('deny <change>').description('deny a change, or withdraw your own')
    .action(run(async (context, id) => told(context, await decide(context, id!, { verdict: 'deny' }))));
};

function pathOf(id: string): string {
  return `/changes/${encodeURIComponent(id)}`;
}

async function read({ client }: Context, id: string): Promise<Change> {
  return (await client.get<'policy.change'>(pathOf(id))).change;
}

function decide({ client }: Context, id: string, cast: { readonly verdict: 'approve' | 'deny'; readonly digest?: string }): Promise<Decided> {
  return client.send<'policy.decideChange'>('POST', `${pathOf(id)}/decision`, cast);
}

function told({ output }: Context, answer: Decided): void {
  output.result(answer, () => `${answer.change} is ${answer.status}; version ${answer.version} is in force.`);
}

/** Every line of a file is indented, so that none can look like the lines around it. */
function describe(change: Change): string {
  return [
    `${change.change}  ${change.status}, proposed by ${change.author} at ${change.proposedAt}`,
    ...change.summary.map((line) => `  ${line.replaceAll('\n', '\n  | ')}`),
    ...decisionText(change),
    `compared   with ${change.baseVersion === 0 ? 'nothing: it is the first configuration' : `version ${change.baseVersion}`}`,
    `digest     ${change.digest}`,
    ...change.files.flatMap(fileText),
  ].join('\n');
}

function decisionText({ status, decidedBy, decidedAt, version, baseVersion }: Change): string[] {
  const inForce = version === undefined ? '' : ` and became version ${version}`;
  if (decidedBy !== undefined) return [`decided    ${status === 'denied' ? 'denied' : 'approved'} by ${decidedBy} at ${decidedAt ?? 'an unknown time'}${inForce}`];
  return baseVersion === 0 ? [`decided    by nobody: the recorded bootstrap of this installation${inForce}`] : [];
}

function fileText({ file, status, diff }: Change['files'][number]): string[] {
  if (diff === '') return ['', `${file} is ${status} in its comments or layout alone`];
  const lines = diff.replace(/\n$/, '').split('\n').map((line) => `  ${line}`);
  return ['', `${file} is ${status}${file === 'interlock.yaml' ? '; shown as it is read, without comments and with what is usual written out' : ''}`, ...lines];
}
