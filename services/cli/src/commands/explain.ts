import type { Context, Register } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import { printableLines } from '../output.js';

export const registerExplain: Register = (program, run) => {
  program.command('explain [command]').description('why a recorded command was decided so, or what would be decided')
    .option('--as <principal>', 'whose command it would be').option('--target <name>', 'where').option('--command <text>', 'what')
    .action(run<{ as?: string; target?: string; command?: string }>(async (context, command) => {
      const { as, target, command: text } = context.options;
      if (command) return explainRecorded(context, command);
      if (!as || !target || !text) throw new CliError(EXIT.usage, 'Give a command id, or --as, --target and --command.');
      return explainHypothetical(context, { as, target, text });
    }));
};

async function explainRecorded({ client, output }: Context, id: string): Promise<void> {
  const { command } = await client.get<'audit.command'>(`/commands/${encodeURIComponent(id)}`);
  output.result(command, () => Object.entries(command).map(([name, value]) => `${name}: ${printableLines(typeof value === 'string' ? value : JSON.stringify(value, null, 2))}`).join('\n'));
}

async function explainHypothetical({ client, output }: Context, question: { as: string; target: string; text: string }): Promise<void> {
  const answer = await client.send<'policy.explain'>('POST', '/explain', question);
  const { decision } = answer;
  output.result(answer, () => [
    `${decision.outcome} (bundle version ${decision.bundleVersion})`,
    ...decision.reasons.map((reason) => `  ${reason.effect} ${reason.rule}: ${reason.message}${reason.hint ? ` ${reason.hint}` : ''}`),
    ...(decision.ask ? [`  can be lifted by ${decision.ask.quorum.map((part) => `${part.count} of ${part.role}`).join(' and ')}`] : []),
    ...(answer.action ? answer.action.accesses.map((access) => `  ${access.verb} (${access.duty}) ${access.object.kind} ${access.object.path.join('/')}`) : []),
    ...answer.policies.map((policy) => `\n${policy.file}\n${policy.text}`),
  ].join('\n'));
}
