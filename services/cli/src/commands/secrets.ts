import { CliError, EXIT } from '../exit.js';
import type { Register } from '../context.js';
import { table } from '../output.js';

interface Secret { readonly target: string; readonly kind: string; readonly setBy: string; readonly setAt: string }

export const registerSecrets: Register = (program, run) => {
  const secrets = program.command('secrets').description('credentials that Interlock presents at targets');

  secrets.command('set <target>').description('set a credential; the password is read from standard input, never from the command line')
    .requiredOption('--user <user>', 'user at the target').option('--kind <kind>', 'standing (runs commands) or probe (reads the catalog)', 'standing')
    .action(run(async ({ client, output, readStandardInput }, target, options) => {
      const { user, kind } = JSON.parse(options!) as { user: string; kind: string };
      const password = (await readStandardInput()).replace(/\r?\n$/, '');
      if (password === '') throw new CliError(EXIT.usage, 'Standard input held no password.', 'For example: `interlock secrets set shop --user app < password.txt`');
      const answer = await client.send<{ target: string; kind: string }>('PUT', `/targets/${encodeURIComponent(target!)}/secret`, { user, password, kind });
      output.result(answer, () => `The ${answer.kind} credential of ${answer.target} is set.`);
    }));

  secrets.command('list').description('which targets have credentials, never what they are')
    .action(run(async ({ client, output }) => {
      const answer = await client.get<{ secrets: Secret[] }>('/secrets');
      output.result(answer.secrets, () => table(['TARGET', 'KIND', 'SET BY', 'SET AT'], answer.secrets.map((one) => [one.target, one.kind, one.setBy, one.setAt])));
    }));
};
