import { resolve } from 'node:path';
import type { RpcResponse } from '@interlock/contracts';
import { InvalidArgumentError } from 'commander';
import type { Context } from '../context.js';
import { CliError, EXIT } from '../exit.js';
import { filesOf } from '../folder.js';
import { printable } from '@interlock/kernel';

type Result = RpcResponse<'policy.backtest'>;

export interface BacktestOptions {
  readonly since?: string;
  readonly limit: number;
}

/** Shows what a folder would have made of recorded commands. As diff does, it exits 0 when nothing differs and 1 when something does. */
export async function backtest({ client, output, cwd, options: { since, limit } }: Context & { readonly options: BacktestOptions }, folder: string): Promise<void> {
  const result = await client.send<'policy.backtest'>('POST', '/backtests', { files: filesOf(resolve(cwd, folder)), limit, ...(since !== undefined && { since }) });
  output.result(result, () => describe(result).join('\n'));
  const changed = result.commands - result.unchanged;
  if (changed > 0 || result.grants.voided > 0) throw new CliError(EXIT.refused, `${changed} of ${result.commands} commands would come out otherwise.`);
}

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `7d`, `12h`, `30m`, or a time by RFC 3339. */
export function sinceFrom(text: string): string {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const at = unit ? Date.now() - Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS] : Date.parse(text);
  if (!Number.isFinite(at)) throw new InvalidArgumentError('It is a time, e.g. 2026-11-01T00:00:00Z, or how long ago, e.g. 7d, 12h or 30m.');
  return new Date(at).toISOString();
}

export function limitFrom(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100_000) throw new InvalidArgumentError('It is a number from 1 to 100000.');
  return limit;
}

function describe(result: Result): string[] {
  const { commands, unchanged, since, until, complete, changes, unlisted, grants, undecidable, withoutHistory } = result;
  return [
    `${commands} commands from ${since} to ${until}: ${unchanged} as recorded, ${commands - unchanged} otherwise.`,
    ...(complete ? [] : ['The limit ended it there; name a later --since, or a higher --limit.']),
    ...changes.flatMap(changeText), ...(unlisted > 0 ? [`and ${unlisted} commands in more kinds of changes, not listed`] : []),
    ...(grants.voided > 0 ? [`${grants.voided} of ${grants.kept + grants.voided} commands that people had agreed to would not go through with their grant.`] : []),
    ...approvalText(result.approvals),
    ...undecidable.map(({ reason, count }) => `${count} could not be replayed (${reason}).`),
    ...(withoutHistory > 0 ? [`For ${withoutHistory} nobody had asked who made their objects, or how many rows the target expects; they are decided as if that were not known.`] : []),
  ];
}

function changeText({ from, to, principal, target, rules, count, examples }: Result['changes'][number]): string[] {
  return [
    `${String(count).padStart(6)}  ${from} -> ${to}  ${principal} at ${target}, by ${rules.join(', ')}`,
    ...examples.map(({ command, verb, objects, text }) => `          ${command}  ${text === undefined ? `${verb} ${objects.join(', ')}` : printable(text)}`),
  ];
}

function approvalText({ days, perDayBefore, perDayAfter, roles }: Result['approvals']): string[] {
  if (perDayBefore === 0 && perDayAfter === 0) return ['Nobody would be asked for an approval.'];
  return [
    `Approvals a day, over ${days} days: ${perDayBefore} as recorded, ${perDayAfter} then.`,
    ...roles.map(({ role, approvers, askers, ...one }) =>
      `  ${role} (${approvers.join(', ') || 'nobody'}): ${one.perDayBefore} -> ${one.perDayAfter}${askers.length > 0 ? `, asked by ${askers.map(({ principal, perDay }) => `${principal} ${perDay}`).join(', ')}` : ''}`),
  ];
}
