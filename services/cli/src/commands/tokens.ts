import type { RpcResponse } from '@interlock/contracts';
import type { Command } from 'commander';
import type { Run } from '../context.js';
import { table } from '../output.js';

/** The answer of the door, which has opened the sealed value. */
interface Detokenised {
  readonly kind: string;
  readonly value: string;
  readonly encoding: 'utf8' | 'base64';
}

/** `interlock masking` for tokens and their keys. */
export function registerTokens(masking: Command, run: Run): void {
  masking.command('detokenise <token>').description('what a token stands for; recorded with its reason').requiredOption('--reason <text>', 'why, for those who read the record')
    .action(run<{ reason: string }>(async ({ client, output, options: { reason } }, token) => {
      const answer = await client.ask<Detokenised>('POST', '/masking/detokenise', { masked: token, reason });
      output.result(answer, () => answer.value);
    }));

  masking.command('keys').description('which kinds of tokens have keys, never what they are')
    .action(run(async ({ client, output }) => {
      const { keys } = await client.get<'masking.keys'>('/masking/keys');
      output.result(keys, () => table(['KIND', 'VERSION', 'MADE BY', 'MADE AT'], keys.map((one) => [one.kind, String(one.version), one.madeBy ?? 'Interlock', one.madeAt])));
    }));

  masking.command('rotate <kind>').description('make a new key for new tokens of a kind; older tokens are still read')
    .action(run(async ({ client, output }, kind) => {
      const { key } = await client.send<'masking.rotateKey'>('POST', `/masking/keys/${encodeURIComponent(kind!)}`);
      output.result(key, () => rotated(key));
    }));
}

function rotated({ kind, version }: RpcResponse<'masking.rotateKey'>['key']): string {
  return `Key ${version} of kind ${kind} is made. Connectors use it within five minutes; from then on a value has another token than before.`;
}
