import type { GrantState } from '@interlock/contracts';
import { Option } from 'commander';
import { printable } from '@interlock/kernel';
import { glassStatus, shownOf } from '@interlock/domain-approval';
import { table } from '../output.js';
import { impactLines } from '../impact-text.js';
import { riskLines } from '../risk-text.js';
import type { Context, Register } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import { registerDelegations } from './delegations.js';
import { glassLines, registerGlass } from './glass.js';

const STATUSES = ['pending', 'approved', 'denied', 'expired', 'withdrawn', 'consumed', 'all'];

/** A command of several lines cannot look like the lines that follow it. */
const CONTINUED = '\n         | ';

export const registerApprovals: Register = (program, run) => {
  const approvals = program.command('approvals').description('commands that wait for people');

  approvals.command('list').description('list broken glasses to review, and the approvals that wait for people, newest first').addOption(new Option('--status <status>', 'those of another status, or all').choices(STATUSES).default('pending'))
    .action(run<{ status: string }>(async ({ client, output, options: { status } }) => {
      const answer = await client.get<'approval.list'>('/approvals', { status: status === 'all' ? undefined : status });
      output.result(answer.approvals, () => table(['ID', 'STATUS', 'REQUESTER', 'TARGET', 'COMMAND'], answer.approvals.map(({ request, ...state }) => [request.id, glassStatus(state) === 'due' ? 'GLASS BROKEN, to review' : state.status, request.requester.name, request.target, request.action.text])));
    }));

  approvals.command('show <id>').description('show exactly what an approver agrees to')
    .action(run(async ({ client, output }, id) => {
      const { approval } = await client.get<'approval.show'>(`/approvals/${encodeURIComponent(id!)}`);
      output.result(approval, () => describe(approval));
    }));

  for (const verdict of ['approve', 'deny'] as const) {
    approvals.command(`${verdict} <id...>`).description(`${verdict} one command, or several of one kind at once`).option('--digest <digest>', 'the digest that `approvals show` prints; taken from the request as it is now when absent').option('--comment <text>', 'why').option('--in-stead-of <name>', 'whose vote it is, where somebody let you cast theirs')
      .action(run<{ digest?: string; comment?: string; inSteadOf?: string }>(async (context, named) => {
        const { digest, comment, inSteadOf } = context.options;
        const [id, ...others] = [named!].flat();
        if (others.length > 0) return voteMany(context, [id!, ...others], { verdict, ...(comment && { comment }), ...(inSteadOf && { inSteadOf }) });
        const state = await vote(context, id!, { verdict, ...(digest && { digest }), ...(comment && { comment }), ...(inSteadOf && { inSteadOf }) });
        context.output.result(state, () => `${state.request.id} is ${state.status}.`);
      }));
  }

  approvals.command('withdraw <id>').description('take back what you, or an agent of yours, asked for; its command is then not sent')
    .action(run(async ({ client, output }, id) => {
      const { state } = await client.send<'approval.takeBack'>('DELETE', `/approvals/${encodeURIComponent(id!)}`);
      output.result(state, () => `${state.request.id} is ${state.status}.`);
    }));
  registerGlass(approvals, run);
  registerDelegations(approvals, run);
};

/** One decision about several, each under the digest that it has now. What was refused is said, and makes the command fail. */
async function voteMany({ client, output, options }: Context & { readonly options: { digest?: string } }, ids: readonly string[], cast: { verdict: 'approve' | 'deny'; comment?: string; inSteadOf?: string }): Promise<void> {
  if (options.digest !== undefined) throw new CliError(EXIT.usage, 'A digest is of one approval.', 'Name one approval with it, or several without it.');
  const votes = [];
  for (const id of ids) votes.push({ id, grantDigest: (await client.get<'approval.show'>(`/approvals/${encodeURIComponent(id)}`)).approval.request.grantDigest });
  const { batch, results } = await client.send<'approval.voteMany'>('POST', '/approvals/votes', { votes, ...cast });
  output.result({ batch, results }, () => results.map(({ id, status, refusal }) => (refusal ? `${id} was refused: ${refusal.detail}` : `${id} is ${status}.`)).join('\n'));
  if (results.some(({ refusal }) => refusal)) throw new CliError(EXIT.refused, 'Not every one of them was decided.', 'What was refused is named above.');
}

async function vote({ client }: Context, id: string, cast: { verdict: 'approve' | 'deny'; digest?: string; comment?: string; inSteadOf?: string }): Promise<GrantState> {
  const path = `/approvals/${encodeURIComponent(id)}`;
  const { digest, ...rest } = cast;
  const grantDigest = digest ?? (await client.get<'approval.show'>(path)).approval.request.grantDigest;
  const { state } = await client.send<'approval.vote'>('POST', `${path}/votes`, { ...rest, grantDigest });
  return state;
}

/** A request and its votes, as a person reads them. */
export function describe({ status, request, votes, glass }: GrantState): string {
  const shown = shownOf(request);
  const parameters = shown.parameters.map((parameter, index) => `  $${index + 1} = ${parameter}`);
  return [
    `${request.id}  ${status}`,
    `requester  ${request.requester.name}, humans behind it: ${request.requester.party.join(', ') || 'unknown'}`,
    `target     ${request.target}`,
    `command    ${shown.command.replaceAll('\n', CONTINUED)}`,
    ...(parameters.length > 0 ? ['parameters', ...parameters] : []),
    ...(shown.reason === undefined ? [] : [`for        ${shown.reason.replaceAll('\n', CONTINUED)} (in the words of ${request.requester.name})`]),
    ...(shown.ticket === undefined ? [] : [`ticket     ${shown.ticket.replaceAll('\n', CONTINUED)}`]),
    ...glassLines({ request, ...(glass && { glass }) }, shown.breakGlass?.replaceAll('\n', CONTINUED)),
    ...shown.reasons.map((reason) => `because    ${reason}`),
    ...riskLines(request.risk),
    ...impactLines(request),
    ...(glass ? [] : [`needs      ${request.ask.quorum.map((part) => `${part.count} of ${part.role}`).join(' and ')}${request.ask.signed ? ', each signed with an authenticator, on the approval page' : ''}`, `until      ${request.expiresAt}`]),
    `digest     ${request.grantDigest}`,
    ...votes.map((cast) => `vote       ${cast.verdict} by ${cast.approver.name}${cast.inSteadOf ? ` in stead of ${cast.inSteadOf.approver.name}` : ''}${cast.via ? ` in ${cast.via}` : ''} at ${cast.at}${cast.comment ? `: ${printable(cast.comment)}` : ''}`),
  ].join('\n');
}
