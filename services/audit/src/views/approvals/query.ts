import { MoreThan, type Repository } from 'typeorm';
import type { ApprovalRow } from './row.js';

/** Approvals asked for in a session, in order. */
export function approvalsOf(repository: Repository<ApprovalRow>, session: string, most: number): Promise<ApprovalRow[]> {
  return repository.find({ where: { session }, order: { sequence: 'ASC', position: 'ASC' }, take: most });
}

/** Approvals of a session of which something lies behind a place in the ledger, in order. One session waits for one at a time, so they are few. */
export function approvalsBehind(repository: Repository<ApprovalRow>, session: string, place: number): Promise<ApprovalRow[]> {
  return repository.find({ where: { session, lastPlace: MoreThan(place) }, order: { sequence: 'ASC', position: 'ASC' } });
}

/** The members of a row that a list shows. */
export function approvalSummary(row: ApprovalRow) {
  const { grant, command, requester, target, reasons, status, requestedAt, decidedAt, consumedAt, glass } = row;
  return {
    grant, command, requester, target, reasons, status, requestedAt, decidedAt, consumedAt,
    votes: row.votes.map(({ approver, verdict, comment, at }) => ({ approver: approver.name, verdict, at, ...(comment !== undefined && { comment }) })),
    ...(glass && { glass }),
    rejected: row.rejected.map(({ place: _place, ...why }) => why),
  };
}
