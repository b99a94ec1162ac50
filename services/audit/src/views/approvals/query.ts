import { In, type Repository } from 'typeorm';
import type { ApprovalRow } from './row.js';

/** Approvals asked for in a session, in order. */
export function approvalsOf(repository: Repository<ApprovalRow>, session: string, most: number): Promise<ApprovalRow[]> {
  return repository.find({ where: { session }, order: { sequence: 'ASC', position: 'ASC' }, take: most });
}

/** Approvals asked for by these commands. */
export function approvalsOfCommands(repository: Repository<ApprovalRow>, commands: readonly string[]): Promise<ApprovalRow[]> {
  return repository.find({ where: { command: In([...commands]) }, order: { sequence: 'ASC', position: 'ASC' } });
}

/** The members of a row that a list shows. */
export function approvalSummary(row: ApprovalRow) {
  const { grant, command, requester, target, reasons, status, requestedAt, decidedAt, consumedAt } = row;
  return {
    grant, command, requester, target, reasons, status, requestedAt, decidedAt, consumedAt,
    votes: row.votes.map(({ approver, verdict, comment, at }) => ({ approver: approver.name, verdict, at, ...(comment !== undefined && { comment }) })),
    rejected: row.rejected,
  };
}
