import { approvalsBehind } from '../views/approvals/query.js';
import type { ApprovalRow, PlacedVote, RejectedVote } from '../views/approvals/row.js';
import { askedBehind, decidedAgainBehind, endedBehind } from '../views/commands/query.js';
import type { CommandRow } from '../views/commands/row.js';
import { placeNumber } from '../views/place-number.js';
import type { SessionRow } from '../views/sessions/row.js';
import type { Views } from '../views/views.js';

/** One event of a session, as the views hold it. */
type Happening =
  | { readonly kind: 'opened' | 'closed' }
  /** `command` was asked and decided; `waits` when people were asked to agree to it. */
  | { readonly kind: 'asked'; readonly command: CommandRow; readonly waits: boolean }
  | { readonly kind: 'decided again' | 'ended'; readonly command: CommandRow }
  | { readonly kind: 'agreement asked' | 'agreement ended'; readonly approval: ApprovalRow }
  | { readonly kind: 'voted'; readonly approval: ApprovalRow; readonly vote: PlacedVote }
  | { readonly kind: 'vote refused'; readonly approval: ApprovalRow; readonly rejected: RejectedVote };

/** `place` is the event's in the ledger: the one order that all producers share. */
export type Entry = Happening & { readonly place: number };

export interface Stretch {
  readonly entries: readonly Entry[];
  /** Nothing lies behind it. */
  readonly isLast: boolean;
}

/** Events of each kind that are read at once. */
const READ = 25;

/** What happened in a session behind a place in the ledger, in the order of the ledger: the beginning of it, one event at least where there is one. */
export async function timeline(views: Views, session: SessionRow, behind: number): Promise<Stretch> {
  const commands = views.repository('commands');
  const [asked, again, ended, approvals] = await Promise.all([
    askedBehind(commands, session.session, behind, READ), decidedAgainBehind(commands, session.session, behind, READ), endedBehind(commands, session.session, behind, READ),
    approvalsBehind(views.repository('approvals'), session.session, behind),
  ]);
  const waiting = new Set(approvals.map(({ command }) => command));
  const kinds: Entry[][] = [
    asked.map((command) => ({ kind: 'asked', command, waits: waiting.has(command.command), place: placeNumber(command) })),
    again.map((command) => ({ kind: 'decided again', command, place: command.decidedPlace })),
    ended.map((command) => ({ kind: 'ended', command, place: command.endedPlace! })),
  ];
  // Where a kind may have more, the others must not run ahead of it.
  const until = Math.min(...kinds.map((entries) => (entries.length === READ ? entries.at(-1)!.place : Infinity)));
  const entries = [...kinds.flat(), ...approvals.flatMap(stepsOf), ...limits(session)].filter(({ place }) => place > behind && place <= until).sort((one, other) => one.place - other.place);
  return { entries, isLast: until === Infinity };
}

function limits(session: SessionRow): Entry[] {
  const opened: Entry = { kind: 'opened', place: placeNumber(session) };
  return session.closedPlace === null ? [opened] : [opened, { kind: 'closed', place: session.closedPlace }];
}

function stepsOf(approval: ApprovalRow): Entry[] {
  const { votes, rejected, endedPlace } = approval;
  return [
    { kind: 'agreement asked', approval, place: placeNumber(approval) },
    ...votes.map((vote): Entry => ({ kind: 'voted', approval, vote, place: vote.place })),
    ...rejected.map((one): Entry => ({ kind: 'vote refused', approval, rejected: one, place: one.place })),
    ...(endedPlace === null ? [] : [{ kind: 'agreement ended', approval, place: endedPlace } as const]),
  ];
}
