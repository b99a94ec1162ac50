import { unreachable } from '@interlock/kernel';
import type { ApprovalRequest } from '@interlock/contracts';
import { waitEndsAtMs } from '@interlock/domain-approval';
import { placeNumber } from '../place-number.js';
import type { EventOf, View } from '../view.js';
import type { ApprovalRow, GlassColumn, RejectedVote } from './row.js';

const HANDLED = ['approval.requested.v1', 'approval.voted.v1', 'approval.rejected.v1', 'approval.ended.v1', 'approval.resumed.v1', 'grant.consumed.v1', 'glass.broken.v1', 'glass.reviewed.v1', 'glass.refused.v1', 'glass.overdue.v1', 'glass.settled.v1'] as const;
type Handled = (typeof HANDLED)[number];

/** Who was asked to agree, who did, who tried and may not; and who broke a glass, and what people said of that. */
export const approvals: View<ApprovalRow, Handled> = {
  name: 'approvals',
  handled: HANDLED,

  /** The grant's id is in the payload alone: of an erased event nothing can be said here. */
  keyOf: (event) => (event.type === 'approval.requested.v1' || event.type === 'glass.broken.v1' ? event.data?.request.id : event.data?.grant),

  evolve(row, event) {
    switch (event.type) {
      case 'approval.requested.v1':
        return row ?? (event.data && asked(event, event.data.request, event.data.planned ? 'approved' : 'pending'));
      case 'glass.broken.v1':
        return row ?? (event.data && { ...asked(event, event.data.request, 'approved'), glass: { dueAt: event.data.dueAt, status: 'due', reviews: [] } });
      case 'glass.reviewed.v1':
        return row && reviewed(row, event);
      case 'glass.refused.v1':
        return row && event.data ? refused(row, event, { ...event.data, approver: event.data.by }) : row;
      case 'glass.overdue.v1':
        return row && onGlass(row, event, { overdueAt: event.metadata.time });
      case 'glass.settled.v1':
        return row && onGlass(row, event, { settledAt: event.metadata.time });
      case 'approval.resumed.v1':
        return row && event.data ? { ...row, waitsUntil: event.data.holder.until, lastPlace: placeNumber(event.place) } : row;
      case 'approval.voted.v1':
        return row && voted(row, event);
      case 'approval.rejected.v1':
        return row && event.data ? refused(row, event, event.data) : row;
      case 'approval.ended.v1':
        return row && event.data ? { ...row, status: event.data.status, decidedAt: event.metadata.time, endedPlace: placeNumber(event.place), lastPlace: placeNumber(event.place) } : row;
      case 'grant.consumed.v1':
        return row && { ...row, status: 'consumed', consumedAt: event.metadata.time };
      default:
        return unreachable(event);
    }
  },
};

function asked({ metadata, place }: Pick<EventOf<Handled>, 'metadata' | 'place'>, request: ApprovalRequest, status: string): ApprovalRow {
  return {
    grant: request.id, tenant: metadata.tenant, session: request.session, command: request.command, requester: request.requester.name, party: [...request.requester.party],
    target: request.target, text: request.action.text, reasons: [...request.reasons], ask: request.ask, status, votes: [], rejected: [], glass: null,
    requestedAt: request.requestedAt, expiresAt: request.expiresAt, waitsUntil: request.plan ? null : new Date(waitEndsAtMs(request, Date.parse(request.requestedAt))).toISOString(), decidedAt: null, consumedAt: null,
    actionDigest: request.actionDigest, grantDigest: request.grantDigest, endedPlace: null, lastPlace: placeNumber(place), erased: false, sequence: place.sequence, position: place.position,
  };
}

function onGlass(row: ApprovalRow, { place }: Pick<EventOf<Handled>, 'place'>, more: Partial<GlassColumn>): ApprovalRow {
  return row.glass ? { ...row, glass: { ...row.glass, ...more }, lastPlace: placeNumber(place) } : row;
}

function reviewed(row: ApprovalRow, event: EventOf<'glass.reviewed.v1'>): ApprovalRow {
  const { data } = event;
  if (!data || !row.glass) return row;
  const { reviewer, verdict, note, at } = data.review;
  return onGlass(row, event, { status: data.status, reviews: [...row.glass.reviews, { reviewer: reviewer.name, verdict, note, at }] });
}

function voted(row: ApprovalRow, { metadata, place: at, data }: EventOf<'approval.voted.v1'>): ApprovalRow {
  if (!data) return row;
  const place = placeNumber(at);
  return {
    ...row, status: data.status, votes: [...row.votes, { ...data.vote, place }], decidedAt: data.status === 'pending' ? row.decidedAt : metadata.time,
    endedPlace: data.status === 'denied' ? place : row.endedPlace, lastPlace: place,
  };
}

function refused(row: ApprovalRow, { metadata, place: at }: Pick<EventOf<Handled>, 'metadata' | 'place'>, { approver, reason, detail }: Omit<RejectedVote, 'at' | 'place'>): ApprovalRow {
  const place = placeNumber(at);
  return { ...row, rejected: [...row.rejected, { approver, reason, detail, at: metadata.time, place }], lastPlace: place };
}
