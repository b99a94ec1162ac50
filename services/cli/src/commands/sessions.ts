import type { RpcResponse } from '@interlock/contracts';
import { InvalidArgumentError } from 'commander';
import type { Context, Register } from '../context.js';
import { printable, printableLines } from '@interlock/kernel';
import { table } from '../output.js';

type Row = Record<string, unknown>;
type Step = RpcResponse<'audit.replay'>['steps'][number];

export const registerSessions: Register = (program, run) => {
  const sessions = program.command('sessions').description('what agents did');

  sessions.command('list').description('list sessions, newest first').option('--principal <name>', 'those of this principal').option('--target <name>', 'those at this target').option('--limit <count>', 'how many, 500 at most', countFrom, 50)
    .action(run<{ principal?: string; target?: string; limit: number }>(async ({ client, output, options }) => {
      const answer = await client.get<'audit.sessions'>('/sessions', options);
      output.result(answer.sessions, () => rowsTable(answer.sessions));
    }));

  sessions.command('show <session>').description('one session with its commands and approvals')
    .action(run(async ({ client, output }, session) => {
      const answer = await client.get<'audit.session'>(`/sessions/${encodeURIComponent(session!)}`);
      output.result(answer, () => sessionText(answer));
    }));

  sessions.command('replay <session>').description('who asked, who agreed, what ran, what came back, in the order of the ledger; with --json one step a line')
    .option('--all', 'show every answer whole, page by page').option('--bytes <count>', 'show so much of every answer, of its recording', bytesFrom)
    .action(run<{ all?: boolean; bytes?: number }>((context, session) => replay(context, session!, context.options.all ? Infinity : (context.options.bytes ?? 0))));

  sessions.command('end <session>').description('end a running session at once, with what it runs: a lock on it, and on nothing else').requiredOption('--reason <text>', 'why')
    .action(run<{ reason: string }>(async ({ client, output, options: { reason } }, session) => {
      const { lock } = await client.send<'identity.lock'>('POST', '/locks', { scope: 'session', subject: session!, reason });
      output.result(lock, () => `Lock ${lock.id} ends the session ${session!}. Its principal may connect anew.`);
    }));
};

function bytesFrom(text: string): number {
  const bytes = Number(text);
  if (!Number.isSafeInteger(bytes) || bytes < 1) throw new InvalidArgumentError('It is a number of bytes, 1 at least.');
  return bytes;
}

function countFrom(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 500) throw new InvalidArgumentError('It is a number from 1 to 500.');
  return count;
}

/** Prints every page as it comes, so that a long session is neither held whole nor waited for. */
async function replay(context: Context, session: string, answerBytes: number): Promise<void> {
  const { client, output } = context;
  for (let after: number | null = 0; after !== null;) {
    const page: RpcResponse<'audit.replay'> = await client.get<'audit.replay'>(`/sessions/${encodeURIComponent(session)}/replay`, { after });
    for (const step of page.steps) {
      if (answerBytes > 0 && isPart(step)) await showAnswer(context, step, answerBytes);
      else output.record(step, () => stepText(step));
    }
    after = page.next;
  }
}

/** An answer of which the step shows a part. */
function isPart({ command, data }: Step): boolean {
  return command !== undefined && 'shownRows' in data;
}

/** Tells an answer in steps of a page each, until so many bytes of its recording are shown. */
async function showAnswer({ client, output }: Context, step: Step, bytes: number): Promise<void> {
  for (let after: number | null = 0; after !== null && after < bytes; ) {
    const page: RpcResponse<'audit.answer'> = await client.get<'audit.answer'>(`/commands/${encodeURIComponent(step.command!)}/answer`, { after });
    const part = { ...step, data: { ...page.answer, fromByte: after, ofBytes: page.ofBytes } };
    output.record(part, () => stepText(part));
    after = page.next;
  }
}

function stepText(step: Step): string {
  const lines = Object.entries(step.data).map(([name, value]) => `    ${name}: ${printableLines(typeof value === 'string' ? value : JSON.stringify(value))}`);
  return [`${step.at}  ${step.kind}${step.command ? `  ${step.command}` : ''}`, ...lines].join('\n');
}

function sessionText({ session, commands, approvals }: RpcResponse<'audit.session'>): string {
  const { session: id, principal, party, target, status, openedAt, closedAt, closeReason, closeDetail, clientAddress, clientApplication, purpose, bundleVersion } = session;
  const facts = {
    session: id, principal: [principal, ...(Array.isArray(party) && party.length > 0 ? [`behind it ${party.join(' and ')}`] : [])].join(', '), target, status, opened: openedAt, closed: closedAt,
    because: [closeReason, closeDetail].filter((part) => part !== null && part !== undefined).join(': ') || null, client: [clientAddress, clientApplication].filter(Boolean).join(', ') || null, purpose, bundle: bundleVersion,
  };
  const became = new Map(approvals.map(({ command, status: approval }) => [command, `approval ${String(approval)}`]));
  return [
    ...Object.entries(facts).flatMap(([name, value]) => (value === null || value === undefined ? [] : [`${name.padEnd(10)} ${printable(String(value))}`])), '',
    table(['COMMAND', 'ASKED', 'DECISION', 'STATUS', 'RETURNED', 'MASKED', 'ANSWER', 'TEXT'], commands.map((row) => [
      row['command'], row['askedAt'], row['decision'], row['status'] ?? became.get(row['command']), row['rows'], row['masked'], row['summary'] ?? row['errorCode'], row['text'],
    ])), '', 'approvals',
    table(['APPROVAL', 'COMMAND', 'STATUS', 'VOTES'], approvals.map(({ grant, command, status: approval, votes }) => [grant, command, approval, (votes as readonly Vote[]).map(({ approver, verdict }) => `${approver}: ${verdict}`).join(', ')])),
  ].join('\n');
}

type Vote = { readonly approver: string; readonly verdict: string };

/** Rows of a view as a table; objects inside a cell as JSON. */
export function rowsTable(rows: readonly Row[]): string {
  const head = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return table(head.map((name) => name.toUpperCase()), rows.map((row) => head.map((name) => (typeof row[name] === 'object' && row[name] !== null ? JSON.stringify(row[name]) : row[name]))));
}
