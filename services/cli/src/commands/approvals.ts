import type { GrantState } from '@interlock/contracts';
import { Option } from 'commander';
import { printable, printableLines, table } from '../output.js';
import { riskLines } from '../risk-text.js';
import type { Context, Register } from '../context.js';

const STATUSES = ['pending', 'approved', 'denied', 'expired', 'withdrawn', 'consumed', 'all'];

/** A command of several lines cannot look like the lines that follow it. */
const CONTINUED = '\n         | ';

export const registerApprovals: Register = (program, run) => {
  const approvals = program.command('approvals').description('commands that wait for people');

  approvals.command('list').description('list the approvals that wait for people, newest first').addOption(new Option('--status <status>', 'those of another status, or all').choices(STATUSES).default('pending'))
    .action(run<{ status: string }>(async ({ client, output, options: { status } }) => {
      const answer = await client.get<'approval.list'>('/approvals', { status: status === 'all' ? undefined : status });
      output.result(answer.approvals, () => table(['ID', 'STATUS', 'REQUESTER', 'TARGET', 'COMMAND'], answer.approvals.map(({ status: now, request }) => [request.id, now, request.requester.name, request.target, request.action.text])));
    }));

  approvals.command('show <id>').description('show exactly what an approver agrees to')
    .action(run(async ({ client, output }, id) => {
      const { approval } = await client.get<'approval.show'>(`/approvals/${encodeURIComponent(id!)}`);
      output.result(approval, () => describe(approval));
    }));

  for (const verdict of ['approve', 'deny'] as const) {
    approvals.command(`${verdict} <id>`).description(`${verdict} one command`).option('--digest <digest>', 'the digest that `approvals show` prints; taken from the request as it is now when absent').option('--comment <text>', 'why')
      .action(run<{ digest?: string; comment?: string }>(async (context, id) => {
        const { digest, comment } = context.options;
        const state = await vote(context, id!, { verdict, ...(digest && { digest }), ...(comment && { comment }) });
        context.output.result(state, () => `${state.request.id} is ${state.status}.`);
      }));
  }

  approvals.command('withdraw <id>').description('take back what you, or an agent of yours, asked for; its command is then not sent')
    .action(run(async ({ client, output }, id) => {
      const { state } = await client.send<'approval.takeBack'>('DELETE', `/approvals/${encodeURIComponent(id!)}`);
      output.result(state, () => `${state.request.id} is ${state.status}.`);
    }));
};

async function vote({ client }: Context, id: string, cast: { verdict: 'approve' | 'deny'; digest?: string; comment?: string }): Promise<GrantState> {
  const path = `/approvals/${encodeURIComponent(id)}`;
  const grantDigest = cast.digest ?? (await client.get<'approval.show'>(path)).approval.request.grantDigest;
  const { state } = await client.send<'approval.vote'>('POST', `${path}/votes`, { verdict: cast.verdict, grantDigest, ...(cast.comment && { comment: cast.comment }) });
  return state;
}

/** What an event has no room for is told by its hash: nobody shall take it for an empty value. */
function valueOf({ value, omitted }: GrantState['request']['action']['parameters'][number]): string {
  if (omitted) return `${omitted.values === undefined ? 'a value' : `this and all that follow, ${omitted.values} values`} of ${omitted.bytes} bytes, SHA-256 ${omitted.sha256}`;
  return value === null ? 'NULL' : printable(value);
}

function describe({ status, request, votes }: GrantState): string {
  const parameters = request.action.parameters.map((parameter, index) => `  $${index + 1} = ${valueOf(parameter)} (type ${parameter.type}, ${parameter.format})`);
  return [
    `${request.id}  ${status}`,
    `requester  ${request.requester.name}, humans behind it: ${request.requester.party.join(', ') || 'unknown'}`,
    `target     ${request.target}`,
    `command    ${printableLines(request.action.text).replaceAll('\n', CONTINUED)}`,
    ...(parameters.length > 0 ? ['parameters', ...parameters] : []),
    ...request.reasons.map((reason) => `because    ${reason}`),
    ...riskLines(request.risk),
    `needs      ${request.ask.quorum.map((part) => `${part.count} of ${part.role}`).join(' and ')}`,
    `until      ${request.expiresAt}`,
    `digest     ${request.grantDigest}`,
    ...votes.map((cast) => `vote       ${cast.verdict} by ${cast.approver.name} at ${cast.at}${cast.comment ? `: ${printable(cast.comment)}` : ''}`),
  ].join('\n');
}
