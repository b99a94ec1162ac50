import { MoreThan, type Repository, type SelectQueryBuilder } from 'typeorm';
import { placeOfNumber } from '../place-number.js';
import type { CommandRow } from './row.js';

const TEXT_SHOWN = 400;

/** Commands of a session in the order they were asked, a page of them. */
export function commandsOf(repository: Repository<CommandRow>, session: string, page: { readonly skip: number; readonly take: number }): Promise<CommandRow[]> {
  return repository.find({ where: { session }, order: { sequence: 'ASC', position: 'ASC' }, ...page });
}

/** The command of this id, or that an event of this id decided about. */
export function commandNamed(repository: Repository<CommandRow>, id: string): Promise<CommandRow | null> {
  return repository.createQueryBuilder('c').where(`c.command = :id OR c.event = :id OR (c.asking IS NOT NULL AND c.asking->>'event' = :id)`, { id }).getOne();
}

/** Commands of a session that were asked behind a place in the ledger; the first so many, in order. */
export function askedBehind(repository: Repository<CommandRow>, session: string, place: number, most: number): Promise<CommandRow[]> {
  return inSession(repository, session).andWhere('(c.sequence, c.position) > (:sequence, :position)', placeOfNumber(place))
    .orderBy('c.sequence').addOrderBy('c.position').limit(most).getMany();
}

/** Those that were decided again there, after people had been asked. */
export function decidedAgainBehind(repository: Repository<CommandRow>, session: string, place: number, most: number): Promise<CommandRow[]> {
  return inSession(repository, session).andWhere("c.asking IS NOT NULL AND c.decision <> 'ask' AND c.decidedPlace > :place", { place }).orderBy('c.decidedPlace').limit(most).getMany();
}

/** Those whose outcome lies there. */
export function endedBehind(repository: Repository<CommandRow>, session: string, place: number, most: number): Promise<CommandRow[]> {
  return repository.find({ where: { session, endedPlace: MoreThan(place) }, order: { endedPlace: 'ASC' }, take: most });
}

function inSession(repository: Repository<CommandRow>, session: string): SelectQueryBuilder<CommandRow> {
  return repository.createQueryBuilder('c').where('c.session = :session', { session });
}

export type Ending = Pick<CommandRow, 'command' | 'decision' | 'status' | 'firstByte' | 'bytes'>;

/** What is known of how the commands of an exchange ended, in order. */
export function endingsIn(repository: Repository<CommandRow>, exchange: string, most: number): Promise<Ending[]> {
  return repository.find({ select: { command: true, decision: true, status: true, firstByte: true, bytes: true }, where: { exchange }, order: { sequence: 'ASC', position: 'ASC' }, take: most });
}

/** The members of a row that a list shows; long texts are cut, and say so. */
export function commandSummary(row: CommandRow) {
  const { command, askedAt, verb, text, decision, reasons, approvers, status, summary, errorCode, rows, masked, durationMs } = row;
  return {
    command, askedAt, verb, text: text === null ? null : cut(text), decision, rules: reasons?.map(({ rule }) => rule) ?? null, approvers, status, summary, errorCode, rows, masked, durationMs,
    ...(row.erased && { erased: true }),
  };
}

function cut(text: string): string {
  return text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}… (${text.length} characters)` : text;
}
