import { deviceLogin } from '../device-login.js';
import { demonstrationToken } from '../issuer.js';
import type { Register } from '../context.js';
import { writeLogin } from '../settings.js';

export const registerIdentity: Register = (program, run) => {
  program.command('token <name>').description('print a token of the demonstration issuer for one of its principals')
    .action(run(async ({ settings, output }, name) => {
      const token = await demonstrationToken(settings, name!);
      output.result({ token }, () => token);
    }));

  program.command('login').description('log in through your issuer in a browser')
    .requiredOption('--issuer <url>', 'address of the issuer').option('--client <id>', 'client id', 'interlock-cli').option('--resource <uri>', 'resource to ask for (RFC 8707)')
    .action(run<{ issuer: string; client: string; resource?: string }>(async ({ settings, output, tell, options: { issuer, client: clientId, resource } }) => {
      const login = await deviceLogin({ issuer, clientId, resource }, tell);
      writeLogin(settings, login);
      output.result({ issuer, expiresAt: login.expiresAt }, () => `Logged in until ${login.expiresAt}.`);
    }));

  program.command('whoami').description('show who the API takes you for')
    .action(run(async ({ client, output }) => {
      const answer = await client.get<'identity.whoami'>('/whoami');
      const { principal } = answer;
      output.result(answer, () => `${principal.name} (${principal.kind}), roles ${principal.roles.join(', ') || 'none'}, humans behind it ${principal.party.join(', ') || 'unknown'}, until ${answer.expiresAt}`);
    }));
};
