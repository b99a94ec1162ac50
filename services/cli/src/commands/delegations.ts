import type { VoteDelegation } from '@interlock/contracts';
import type { Command } from 'commander';
import type { Run } from '../context.js';
import { secondsOf } from '../duration.js';
import { table } from '../output.js';

interface DelegateOptions {
  readonly role: string[];
  readonly target?: string[];
  readonly rule?: string[];
  readonly for: string;
  readonly reason: string;
}

/** Under `interlock approvals`: who votes in whose stead. */
export function registerDelegations(approvals: Command, run: Run): void {
  approvals.command('delegate <name>').description('let another person vote in your stead, for a time').requiredOption('--role <role...>', 'which of your roles the vote may count for').requiredOption('--for <time>', 'how long, as in 30m, 8h or 5d').requiredOption('--reason <text>', 'why')
    .option('--target <name...>', 'only for requests at these targets').option('--rule <id...>', 'only for what these rules ask about')
    .action(run<DelegateOptions>(async ({ client, output, next, options }, name) => {
      const { role: roles, target: targets, rule: rules, reason } = options;
      const until = new Date(Date.now() + secondsOf(options.for) * 1_000).toISOString();
      const { delegation } = await client.send<'approval.delegate'>('POST', '/delegations', { to: name!, roles, until, reason, ...(targets && { targets }), ...(rules && { rules }) });
      output.result(delegation, () => `Until ${delegation.until} ${delegation.delegate.name} may vote in stead of ${delegation.delegator.name} as ${delegation.roles.join(', ')}.\nTo end it: ${next(`approvals revoke ${delegation.id}`)}`);
    }));

  approvals.command('delegations').description('list who may vote in whose stead, newest first')
    .action(run(async ({ client, output }) => {
      const { delegations } = await client.get<'approval.delegations'>('/delegations');
      output.result(delegations, () => table(['DELEGATION', 'VOTES', 'IN STEAD OF', 'AS', 'FOR', 'UNTIL', 'REASON'], delegations.map((one) => [one.id, one.delegate.name, one.delegator.name, one.roles.join(', '), scopeOf(one), one.until, one.reason])));
    }));

  approvals.command('revoke <delegation>').description('end a delegation at once; its votes that are not used count no more')
    .action(run(async ({ client, output }, delegation) => {
      const answer = await client.send<'approval.revokeDelegation'>('DELETE', `/delegations/${encodeURIComponent(delegation!)}`);
      output.result(answer, () => `${answer.delegation} was revoked by ${answer.by}.`);
    }));
}

function scopeOf({ targets, rules }: VoteDelegation): string {
  return [...(targets ?? []), ...(rules ?? []).map((rule) => `rule ${rule}`)].join(', ') || 'everything';
}
