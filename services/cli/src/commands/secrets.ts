import { Option } from 'commander';
import { CliError, EXIT } from '../exit.js';
import type { Register } from '../context.js';
import { table } from '../output.js';

export const registerSecrets: Register = (program, run) => {
  const secrets = program.command('secrets').description('credentials that Interlock presents at targets');

  secrets.command('set <target>').description('set a credential; the password is read from standard input, never from the command line')
    .requiredOption('--user <user>', 'user at the target').addOption(new Option('--kind <kind>', 'standing runs commands, probe reads the catalog, elevated runs one command that people have signed').choices(['standing', 'probe', 'elevated']).default('standing'))
    .action(run<{ user: string; kind: string }>(async ({ client, output, readStandardInput, options: { user, kind } }, target) => {
      const password = (await readStandardInput()).replace(/\r?\n$/, '');
      if (password === '') throw new CliError(EXIT.usage, 'Standard input held no password.', 'For example: `interlock secrets set shop --user app < password.txt`');
      const answer = await client.send<'vault.setSecret'>('PUT', `/targets/${encodeURIComponent(target!)}/secret`, { user, password, kind });
      output.result(answer, () => `The ${answer.kind} credential of ${answer.target} is set.`);
    }));

  secrets.command('list').description('which targets have credentials, never what they are')
    .action(run(async ({ client, output }) => {
      const answer = await client.get<'vault.listSecrets'>('/secrets');
      output.result(answer.secrets, () => table(['TARGET', 'KIND', 'SET BY', 'SET AT'], answer.secrets.map((one) => [one.target, one.kind, one.setBy, one.setAt])));
    }));
};
