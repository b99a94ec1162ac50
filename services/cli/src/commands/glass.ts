import type { GrantState } from '@interlock/contracts';
import { printable } from '@interlock/kernel';
import { glassStatus } from '@interlock/domain-approval';
import type { Context, Register } from '../context.js';

interface Review {
  readonly digest?: string;
  readonly note: string;
}

/** Broken glasses: how one is broken from a client that knows only its options, and what people say of it afterwards. */
export const registerGlass: Register = (approvals, run) => {
  for (const [verdict, doing] of [['accept', 'accept, after the fact, what was done by a broken glass'], ['object', 'object to what was done by a broken glass: that is recorded as an incident']] as const) {
    approvals.command(`${verdict} <id>`).description(doing).requiredOption('--note <text>', 'what you saw, and why you say so').option('--digest <digest>', 'the digest that `approvals show` prints; taken from the request as it is now when absent')
      .action(run<Review>(async (context, id) => {
        const state = await review(context, id!, verdict);
        context.output.result(state, () => `${state.request.id}: ${glassStatus(state) === 'due' ? 'one more person has to review it' : `two have reviewed it, and it is ${glassStatus(state)}`}.`);
      }));
  }

  approvals.command('glass').description('print the PGOPTIONS by which a connection breaks the glass of whatever rule lets you').requiredOption('--reason <text>', 'why; recorded, and read by whoever reviews it').option('--ticket <text>', 'where it is followed up')
    .action(run<{ reason: string; ticket?: string }>(({ output, options: { reason, ticket } }) => {
      const options = [option('break_glass', reason), ...(ticket === undefined ? [] : [option('ticket', ticket)])].join(' ');
      output.result({ options }, () => options);
      return Promise.resolve();
    }));
};

async function review({ client, options: { note, digest } }: Context & { readonly options: Review }, id: string, verdict: 'accept' | 'object'): Promise<GrantState> {
  const path = `/approvals/${encodeURIComponent(id)}`;
  const grantDigest = digest ?? (await client.get<'approval.show'>(path)).approval.request.grantDigest;
  return (await client.send<'approval.review'>('POST', `${path}/reviews`, { verdict, grantDigest, note })).state;
}

/** As PostgreSQL's clients hand it on: split at spaces that no backslash stands before. */
function option(name: string, value: string): string {
  return `-c interlock.${name}=${value.replaceAll(/[\\\s]/g, '\\$&')}`;
}

/** What became of a broken glass, a line each; nothing where people were asked. */
export function glassLines({ request, glass }: Pick<GrantState, 'request' | 'glass'>, why = ''): string[] {
  if (!glass) return [];
  const { dueAt, reviews, overdueAt, liftedAt } = glass;
  return [
    `glass      broken by ${request.requester.name}, with nobody asked: ${why}`,
    `review     ${glassStatus({ glass })}: two of ${request.ask.glass?.reviewers.join(' or ') ?? 'nobody'} until ${dueAt}`,
    ...(overdueAt === undefined ? [] : [`  overdue since ${overdueAt}, and ${request.requester.name} locked${liftedAt === undefined ? '' : ` until ${liftedAt}`}`]),
    ...reviews.map(({ reviewer, verdict, at, note }) => `  ${verdict} by ${reviewer.name} at ${at}: ${printable(note)}`),
  ];
}
