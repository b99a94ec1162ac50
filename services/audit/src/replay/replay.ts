import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { RpcResponse } from '@interlock/contracts';
import type { ApprovalRow } from '../views/approvals/row.js';
import { approvalsOfCommands } from '../views/approvals/query.js';
import { commandsOf } from '../views/commands/query.js';
import type { CommandRow } from '../views/commands/row.js';
import type { SessionRow } from '../views/sessions/row.js';
import type { Views } from '../views/views.js';
import { AnswerPlaces } from './answer-places.js';
import { readAnswer } from './answer.js';
import type { Recordings, Unreadable } from './recorded-bytes.js';

type Page = RpcResponse<'audit.replay'>;
type Step = Page['steps'][number];

/** Commands of one page, and what one answer may bring of its bytes. A page must fit a message of the bus. */
const PAGE_COMMANDS = 25;
const ANSWER_BYTES = 64 * 1024;
const PAGE_CHARACTERS = 600_000;
const TEXT_SHOWN = 50_000;

const WORDS: Readonly<Record<Unreadable, string>> = {
  not_recorded: 'no recording of it is in the ledger', missing: 'its recording is missing', changed: 'its recording is not the one the ledger holds the hash of', erased: 'the recorder gives no key for it',
};

/** Tells a session again: who asked, what was decided and by whom, what ran, what came back. */
export class Replay {
  constructor(private readonly views: Views, private readonly recordings: Recordings) {}

  /** A page of the session, behind the first `after` commands. The opening stands on the first page, the end on the last. */
  async page(session: string, after: number): Promise<Outcome<Page>> {
    const row = await this.views.repository('sessions').findOneBy({ session });
    if (!row) return refused('not_found', `No session ${session} is in the views.`, { hint: 'The views follow the ledger by a moment; check the id, or ask again.' });
    const found = await commandsOf(this.views.repository('commands'), session, { skip: after, take: PAGE_COMMANDS + 1 });
    const commands = found.slice(0, PAGE_COMMANDS);
    const steps = after === 0 ? [opening(row)] : [];
    const shown = await this.#tell(commands, steps);
    const isLast = shown === found.length;
    if (isLast && row.closedAt !== null) steps.push(ending(row));
    return accepted({ steps, next: isLast ? null : after + shown });
  }

  /** Appends the steps of as many commands as fit, one at least. */
  async #tell(commands: readonly CommandRow[], steps: Step[]): Promise<number> {
    const approvals = commands.length > 0 ? await approvalsOfCommands(this.views.repository('approvals'), commands.map(({ command }) => command)) : [];
    const places = new AnswerPlaces(this.views, this.recordings);
    let characters = 0;
    for (const [at, command] of commands.entries()) {
      const told = [...asked(command), ...approvals.filter((approval) => approval.command === command.command).flatMap(agreement), ...(await this.#outcome(command, places))];
      characters += JSON.stringify(told).length;
      if (characters > PAGE_CHARACTERS && at > 0) return at;
      steps.push(...told);
    }
    return commands.length;
  }

  async #outcome(command: CommandRow, places: AnswerPlaces): Promise<Step[]> {
    const answer = await this.#answer(command, places);
    const { status, summary, errorCode, rows, masked, durationMs } = command;
    const ended = status === null ? [] : [step(command.endedAt!, 'outcome', command.command, { status, summary, errorCode, rows, masked, durationMs })];
    return answer ? [step(command.endedAt ?? command.decidedAt, 'answer', command.command, answer), ...ended] : ended;
  }

  async #answer(command: CommandRow, places: AnswerPlaces): Promise<Record<string, unknown> | undefined> {
    const place = await places.of(command);
    if (!place || place.bytes === 0 || command.exchange === null) return undefined;
    const read = await this.recordings.read(command.exchange, place.firstByte, place.firstByte + Math.min(place.bytes, ANSWER_BYTES));
    if (!read.ok) return { unreadable: WORDS[read.why] };
    return { ...readAnswer(read.bytes), ...(place.bytes > ANSWER_BYTES && { shownBytes: ANSWER_BYTES, ofBytes: place.bytes }) };
  }
}

function opening(row: SessionRow): Step {
  const { principal, principalKind, party, target, protocol, clientAddress, clientApplication } = row;
  return step(row.openedAt, 'opened', undefined, { session: row.session, principal, kind: principalKind, party, target, protocol, clientAddress, clientApplication });
}

function ending(row: SessionRow): Step {
  const { status, closeReason, closeDetail, commands, bytesToClient } = row;
  return step(row.closedAt!, 'closed', undefined, { status, reason: closeReason, detail: closeDetail, commands, bytesToClient });
}

function asked(command: CommandRow): Step[] {
  if (command.erased) return [step(command.askedAt, 'asked', command.command, { erased: true })];
  const { principal, target, verb, text, parameters, decision, reasons, bundleVersion, approvers } = command;
  const shown = text === null || text.length <= TEXT_SHOWN ? text : `${text.slice(0, TEXT_SHOWN)}… (${text.length} characters)`;
  const values = parameters?.map(({ value, omitted }) => omitted ?? (value !== null && value.length > TEXT_SHOWN ? `${value.slice(0, TEXT_SHOWN)}…` : value));
  return [
    step(command.askedAt, 'asked', command.command, { principal, target, verb, text: shown, ...(values?.length ? { parameters: values } : {}) }),
    step(command.decidedAt, 'decided', command.command, { decision, reasons, bundleVersion, ...(approvers && { approvers }) }),
  ];
}

function agreement(approval: ApprovalRow): Step[] {
  const { command, grant } = approval;
  const requested = step(approval.requestedAt, 'agreement asked', command ?? undefined, { grant, ask: approval.ask, reasons: approval.reasons, expiresAt: approval.expiresAt });
  const votes = approval.votes.map(({ approver, verdict, comment, at }) =>
    step(at, 'voted', command ?? undefined, { approver: approver.name, party: approver.party, verdict, ...(comment !== undefined && { comment }) }));
  const rejected = approval.rejected.map(({ at, ...why }) => step(at, 'vote refused', command ?? undefined, { ...why }));
  return [requested, ...[...votes, ...rejected].sort((a, b) => (a.at < b.at ? -1 : 1))];
}

function step(at: string, kind: string, command: string | undefined, data: Record<string, unknown>): Step {
  return { at, kind, ...(command !== undefined && { command }), data: Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null && value !== undefined)) };
}
