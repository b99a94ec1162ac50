import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RpcResponse } from '@interlock/contracts';
import { InvalidArgumentError, Option } from 'commander';
import { isMap, isSeq, parseDocument } from 'yaml';
import { CliError, EXIT } from '../exit.js';
import { filesOf, readText } from '../folder.js';
import type { Context, Register } from '../context.js';
import { examples } from '../examples.js';
import { table } from '../output.js';
import { pullInto } from '../pull.js';

interface TargetOptions { readonly host: string; readonly port: number; readonly database: string; readonly tls: string; readonly ca?: string; readonly folder: string }

export const registerConfiguration: Register = (program, run) => {
  program.command('apply').description('propose interlock.yaml and policies/*.cedar of a folder; the first of an installation applies at once').argument('[folder]', 'folder of interlock.yaml', '.')
    .addHelpText('after', examples(['apply my-interlock', 'propose what it holds']))
    .action(run(async ({ client, output, cwd, next }, folder) => {
      const answer = await client.send<'policy.propose'>('POST', '/changes', { files: filesOf(resolve(cwd, folder!)) });
      output.result(answer, () => [...answer.summary.map((line) => `  ${line}`), proposedText(answer, next)].join('\n'));
    }));

  program.command('pull').description('write the configuration in force into a folder, to edit and apply; what you wrote there is kept').argument('[folder]', 'folder to write into', '.')
    .option('--force', 'overwrite files that differ from it')
    .addHelpText('after', examples(['pull my-interlock', 'into a folder of that name']))
    .action(run<{ force?: boolean }>(async ({ client, output, cwd, next, options: { force } }, folder) => {
      const answer = await client.get<'policy.configuration'>('/configuration');
      const root = resolve(cwd, folder!);
      const foreign = pullInto(root, answer, force === true);
      output.result({ ...answer, foreign }, () => [`Version ${answer.version} written to ${root}.`, ...foreign.map((file) => `${file} is not part of it and stays; \`${next(`apply ${folder!}`)}\` would propose it.`)].join('\n'));
    }));

  const targets = program.command('targets').description('systems behind Interlock');
  targets.command('list').description('list the targets in force')
    .action(run(async ({ client, output }) => {
      const { files } = await client.get<'policy.configuration'>('/configuration');
      const found = (parseDocument(files.find((one) => one.file === 'interlock.yaml')?.text ?? '').toJS() as { targets?: Record<string, unknown>[] } | null)?.targets ?? [];
      output.result(found, () => table(['NAME', 'PROTOCOL', 'ADDRESS', 'DATABASE', 'TLS'], found.map((one) => [one.name, one.protocol, `${String(one.host)}:${String(one.port ?? 5432)}`, one.database, one.tls ?? 'verify-full'])));
    }));
  targets.command('add <name>').description('add a PostgreSQL target to interlock.yaml of a folder; `apply` proposes it')
    .requiredOption('--host <host>', 'address').option('--port <port>', 'port', portFrom, 5432).requiredOption('--database <database>', 'database')
    .addOption(new Option('--tls <mode>', 'how its certificate is checked').choices(['disable', 'require', 'verify-full']).default('verify-full'))
    .option('--ca <file>', 'PEM file of the authority that signed its certificate').option('--folder <folder>', 'folder of interlock.yaml', '.')
    .action(run<TargetOptions>(async ({ output, cwd, next, options: { host, port, database, tls, ca, folder } }, name) => {
      const file = join(resolve(cwd, folder), 'interlock.yaml');
      addTarget(file, { name: name!, protocol: 'postgres', host, port, database, tls, ...(ca && { ca: readAuthority(resolve(cwd, ca)) }) });
      output.result({ file, target: name }, () => `Target ${name!} added to ${file}. Next: a rule in policies/, then \`${next(`apply ${folder}`)}\` and \`${next(`secrets set ${name!} --user USER < password.txt`)}\`.`);
    }));
};

function proposedText(answer: RpcResponse<'policy.propose'>, next: Context['next']): string {
  switch (answer.status) {
    case 'applied':
      return `Applied as version ${answer.version}.`;
    case 'unchanged':
      return `Nothing differs from version ${answer.version}.`;
    case 'pending':
      return `Change ${answer.change} waits for another person, who reads and approves it with:\n  ${next(`changes show ${answer.change}`, 'NAME')}\n  ${next(`changes approve ${answer.change}`, 'NAME')}`;
  }
}

function portFrom(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('It is a number from 1 to 65535.');
  return port;
}

function readAuthority(file: string): string {
  const text = readText(file, 'Name the PEM file of the authority after --ca.');
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new CliError(EXIT.usage, `${file} holds no certificate in PEM.`, 'Name the PEM file of the authority after --ca.');
}

function addTarget(file: string, target: Record<string, unknown>): void {
  if (!existsSync(file)) throw new CliError(EXIT.usage, `There is no ${file}.`, 'Get the configuration in force with `interlock pull FOLDER` first.');
  const document = parseDocument(readText(file));
  if (document.errors.length > 0) throw new CliError(EXIT.usage, `${file} is not YAML: ${document.errors[0]!.message}`);
  const present = document.get('targets');
  if (isSeq(present) && present.items.some((item) => isMap(item) && item.get('name') === target.name)) throw new CliError(EXIT.refused, `${file} has a target ${String(target.name)} already.`);
  if (isSeq(present)) present.add(document.createNode(target));
  else document.set('targets', document.createNode([target]));
  writeFileSync(file, document.toString({ lineWidth: 0 }));
}
