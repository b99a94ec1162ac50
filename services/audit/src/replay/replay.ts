import { accepted, refused, unreachable, type Outcome } from '@interlock/kernel';
import type { RpcResponse } from '@interlock/contracts';
import type { ApprovalRow } from '../views/approvals/row.js';
import type { CommandRow } from '../views/commands/row.js';
import { placeOfNumber } from '../views/place-number.js';
import type { SessionRow } from '../views/sessions/row.js';
import type { Views } from '../views/views.js';
import { AnswerPlaces } from './answer-places.js';
import { readAnswer } from './answer.js';
import { WORDS, type Recordings } from './recorded-bytes.js';
import { timeline, type Entry } from './timeline.js';

type Page = RpcResponse<'audit.replay'>;
type Step = Omit<Page['steps'][number], 'sequence' | 'position'>;

/** What one answer may bring of its bytes. A page must fit a message of the bus. */
const ANSWER_BYTES = 64 * 1024;
const PAGE_CHARACTERS = 600_000;
const TEXT_SHOWN = 50_000;

/** Tells a session again in the order of the ledger: who asked, what was decided and by whom, what ran, what came back. */
export class Replay {
  constructor(private readonly views: Views, private readonly recordings: Recordings) {}

  /** A page of the session, behind the place `after`; its own last place is `next`, null on the last page. */
  async page(session: string, after: number): Promise<Outcome<Page>> {
    const row = await this.views.repository('sessions').findOneBy({ session });
    if (!row) return refused('not_found', `No session ${session} is in the views.`, { hint: 'The views follow the ledger by a moment; check the id, or ask again.' });
    const { entries, isLast } = await timeline(this.views, row, after);
    const places = new AnswerPlaces(this.views, this.recordings);
    const steps: Page['steps'] = [];
    let characters = 0;
    let next = after;
    for (const entry of entries) {
      const told = await this.#tell(entry, row, places);
      characters += JSON.stringify(told).length;
      if (characters > PAGE_CHARACTERS && steps.length > 0) return accepted({ steps, next });
      for (const step of told) steps.push({ ...step, ...placeOfNumber(entry.place) });
      next = entry.place;
    }
    return accepted({ steps, next: isLast ? null : next });
  }

  /** The steps of one event: a decision comes with what was asked, an outcome with what came back. */
  async #tell(entry: Entry, session: SessionRow, places: AnswerPlaces): Promise<Step[]> {
    switch (entry.kind) {
      case 'opened':
        return [opening(session)];
      case 'closed':
        return [ending(session)];
      case 'asked':
        return [...asked(entry.command), ...(isRefusedAtOnce(entry) ? await this.#answer(entry.command, places, entry.command.decidedAt) : [])];
      case 'decided again':
        return [decided(entry.command), ...(isRefusal(entry.command) ? await this.#answer(entry.command, places, entry.command.decidedAt) : [])];
      case 'ended':
        return [...(await this.#answer(entry.command, places, entry.command.endedAt!)), outcome(entry.command)];
      case 'agreement asked':
        return [agreementAsked(entry.approval)];
      case 'voted': {
        const { approver, verdict, comment, at } = entry.vote;
        return [step(at, 'voted', entry.approval.command, { approver: approver.name, party: approver.party, verdict, comment })];
      }
      case 'vote refused': {
        const { at, place: _place, ...why } = entry.rejected;
        return [step(at, 'vote refused', entry.approval.command, why)];
      }
      case 'agreement ended':
        return this.#disagreement(entry.approval, places);
      default:
        return unreachable(entry);
    }
  }

  /** Without agreement the client hears of it in answer to its command. */
  async #disagreement(approval: ApprovalRow, places: AnswerPlaces): Promise<Step[]> {
    const { status, grant, decidedAt } = approval;
    const command = approval.command === null ? null : await this.views.repository('commands').findOneBy({ command: approval.command });
    const answer = command?.decision === 'ask' ? await this.#answer(command, places, decidedAt!) : [];
    return [step(decidedAt!, 'agreement ended', approval.command, { grant, status }), ...answer];
  }

  async #answer(command: CommandRow, places: AnswerPlaces, at: string): Promise<Step[]> {
    const answer = await this.#recorded(command, places);
    return answer ? [step(at, 'answer', command.command, answer)] : [];
  }

  async #recorded(command: CommandRow, places: AnswerPlaces): Promise<Record<string, unknown> | undefined> {
    const place = await places.of(command);
    if (!place || place.bytes === 0 || command.exchange === null) return undefined;
    const read = await this.recordings.read(command.exchange, place.firstByte, place.firstByte + Math.min(place.bytes, ANSWER_BYTES));
    if (!read.ok) return { unreadable: WORDS[read.why] };
    const { notShown, ...answer } = readAnswer(read.bytes);
    const isCut = place.bytes > ANSWER_BYTES;
    if (!isCut && notShown === undefined) return answer;
    const shownRows = answer.rows.length + (answer.copied?.length ?? 0);
    // What was cut off cannot be counted here; the outcome tells how many there were.
    const ofRows = command.rows ?? (isCut ? undefined : shownRows + (notShown ?? 0));
    return { ...answer, shownRows, ...(ofRows !== undefined && { ofRows }), ...(isCut && { shownBytes: ANSWER_BYTES, ofBytes: place.bytes }) };
  }
}

function isRefusal({ decision }: CommandRow): boolean {
  return decision === 'deny' || decision === 'refused';
}

/** Refused when it was asked: by its rule, or because it could not wait where it stood. */
function isRefusedAtOnce({ command, waits }: Extract<Entry, { kind: 'asked' }>): boolean {
  return command.asking === null ? isRefusal(command) : command.decision === 'ask' && !waits;
}

function opening(row: SessionRow): Step {
  const { principal, principalKind, party, target, protocol, clientAddress, clientApplication, purpose } = row;
  return step(row.openedAt, 'opened', null, { session: row.session, principal, kind: principalKind, party, target, protocol, clientAddress, clientApplication, ...(purpose !== null && { purpose }) });
}

function ending(row: SessionRow): Step {
  const { status, closeReason, closeDetail, commands, bytesToClient } = row;
  return step(row.closedAt!, 'closed', null, { status, reason: closeReason, detail: closeDetail, commands, bytesToClient });
}

/** What was asked, and what was decided about it first. */
function asked(command: CommandRow): Step[] {
  if (command.erased) return [step(command.askedAt, 'asked', command.command, { erased: true })];
  const { principal, target, verb, text, parameters, asking } = command;
  const shown = text === null || text.length <= TEXT_SHOWN ? text : `${text.slice(0, TEXT_SHOWN)}… (${text.length} characters)`;
  const values = parameters?.map(({ value, omitted }) => omitted ?? (value !== null && value.length > TEXT_SHOWN ? `${value.slice(0, TEXT_SHOWN)}…` : value));
  return [
    step(command.askedAt, 'asked', command.command, { principal, target, verb, text: shown, ...(values?.length ? { parameters: values } : {}) }),
    asking ? step(asking.at, 'decided', command.command, { decision: 'ask', reasons: asking.reasons, bundleVersion: asking.bundleVersion }) : decided(command),
  ];
}

function decided({ command, decidedAt, decision, reasons, bundleVersion, approvers }: CommandRow): Step {
  return step(decidedAt, 'decided', command, { decision, reasons, bundleVersion, approvers });
}

function outcome({ command, endedAt, status, summary, errorCode, rows, masked, durationMs }: CommandRow): Step {
  return step(endedAt!, 'outcome', command, { status, summary, errorCode, rowsReturned: rows, masked, durationMs });
}

function agreementAsked({ requestedAt, command, grant, ask, reasons, expiresAt }: ApprovalRow): Step {
  return step(requestedAt, 'agreement asked', command, { grant, ask, reasons, expiresAt });
}

function step(at: string, kind: string, command: string | null, data: Record<string, unknown>): Step {
  return { at, kind, ...(command !== null && { command }), data: Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null && value !== undefined)) };
}
