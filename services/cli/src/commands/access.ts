import { printable } from '@interlock/kernel';
import type { AccessState } from '@interlock/contracts';
import type { Context, Register } from '../context.js';
import { secondsOf } from '../duration.js';
import { CliError, EXIT } from '../exit.js';
import { table } from '../output.js';

export const registerAccess: Register = (program, run) => {
  const access = program.command('access').description('roles for a time, asked for and decided');

  access.command('request <role>').description('ask for a role for a time').requiredOption('--for-time <time>', 'how long, as in 30m, 8h or 5d').requiredOption('--reason <text>', 'why').option('--principal <name>', 'an agent of yours that is to have it; yourself when absent')
    .action(run<{ forTime: string; reason: string; principal?: string }>(async ({ client, output, next, options: { forTime, reason, principal } }, role) => {
      const answer = await client.send<'approval.requestAccess'>('POST', '/access', { role: role!, seconds: secondsOf(forTime), reason, ...(principal && { for: principal }) });
      output.result(answer.access, () => `${answer.access.id} waits for ${quorumOf(answer.access)}.\nThey agree with: ${next(`access approve ${answer.access.id}`, 'NAME')}`);
    }));

  access.command('list').description('list what waits and what holds, newest first')
    .action(run(async ({ client, output }) => {
      const { access: all } = await client.get<'approval.access'>('/access');
      output.result(all, () => table(['ACCESS', 'STATUS', 'PRINCIPAL', 'ROLE', 'UNTIL', 'NEEDS', 'ASKED BY', 'REASON'], all.map((one) => [
        one.id, one.status, one.request.principal.name, one.request.role, one.until ?? `${hoursOf(one)} once granted`, quorumOf(one), one.request.requester.name, printable(one.request.reason),
      ])));
    }));

  for (const verdict of ['approve', 'deny'] as const) {
    access.command(`${verdict} <id>`).description(`${verdict} one request for a role`).option('--digest <digest>', 'the digest that was read; taken from the request as it is now when absent').option('--comment <text>', 'why')
      .action(run<{ digest?: string; comment?: string }>(async (context, id) => {
        const { digest, comment } = context.options;
        const answer = await context.client.send<'approval.voteAccess'>('POST', `/access/${encodeURIComponent(id!)}/votes`, { verdict, digest: digest ?? (await digestOf(context, id!)), ...(comment && { comment }) });
        context.output.result(answer.access, () => said(answer.access));
      }));
  }

  access.command('revoke <id>').description('withdraw a request, or end a role before its time')
    .action(run(async ({ client, output }, id) => {
      const answer = await client.send<'approval.endAccess'>('DELETE', `/access/${encodeURIComponent(id!)}`);
      output.result(answer.access, () => said(answer.access));
    }));
};

async function digestOf({ client }: Context, id: string): Promise<string> {
  const found = (await client.get<'approval.access'>('/access')).access.find((one) => one.id === id);
  if (!found) throw new CliError(EXIT.refused, `There is no open request ${id} that concerns you.`, 'List them with `interlock access list`.');
  return found.request.digest;
}

function said({ id, status, request, until }: AccessState): string {
  return status === 'granted' ? `${request.principal.name} has role ${request.role} until ${until}.` : `${id} is ${status}.`;
}

function quorumOf({ request }: AccessState): string {
  return request.approvers.map(({ role, count }) => `${count} of ${role}`).join(' and ');
}

function hoursOf({ request: { seconds } }: AccessState): string {
  return seconds % 3_600 === 0 ? `${seconds / 3_600} h` : `${Math.round(seconds / 60)} min`;
}
