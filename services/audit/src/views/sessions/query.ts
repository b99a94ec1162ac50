import type { Repository } from 'typeorm';
import type { SessionRow } from './row.js';

export interface SessionFilter {
  readonly principal?: string | undefined;
  readonly target?: string | undefined;
  readonly limit: number;
  /** A session: those opened before it. */
  readonly before?: string | undefined;
}

/** Sessions, newest first. */
export async function listSessions(repository: Repository<SessionRow>, filter: SessionFilter): Promise<SessionRow[]> {
  const query = repository.createQueryBuilder('s').orderBy('s.sequence', 'DESC').addOrderBy('s.position', 'DESC').limit(filter.limit);
  if (filter.principal !== undefined) query.andWhere('s.principal = :principal', { principal: filter.principal });
  if (filter.target !== undefined) query.andWhere('s.target = :target', { target: filter.target });
  if (filter.before !== undefined) {
    const place = repository.createQueryBuilder('b').select(['b.sequence', 'b.position']).where('b.session = :before');
    query.andWhere(`(s.sequence, s.position) < (${place.getQuery()})`, { before: filter.before });
  }
  return query.getMany();
}

/** The members of a row that a list shows. */
export function sessionSummary(row: SessionRow) {
  const { session, principal, target, status, openedAt, closedAt, closeReason, commands } = row;
  return { session, principal, target, status, openedAt, closedAt, closeReason, commands, ...(row.erased && { erased: true }) };
}
