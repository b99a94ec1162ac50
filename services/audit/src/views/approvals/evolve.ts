import { unreachable } from '@interlock/kernel';
import { placeNumber } from '../place-number.js';
import type { EventOf, View } from '../view.js';
import type { ApprovalRow } from './row.js';

const HANDLED = ['approval.requested.v1', 'approval.voted.v1', 'approval.rejected.v1', 'approval.ended.v1', 'grant.consumed.v1'] as const;
type Handled = (typeof HANDLED)[number];

/** Who was asked to agree, who did, who tried and may not. */
export const approvals: View<ApprovalRow, Handled> = {
  name: 'approvals',
  handled: HANDLED,

  /** The grant's id is in the payload alone: of an erased event nothing can be said here. */
  keyOf: (event) => (event.type === 'approval.requested.v1' ? event.data?.request.id : event.data?.grant),

  evolve(row, event) {
    switch (event.type) {
      case 'approval.requested.v1':
        return row ?? requested(event);
      case 'approval.voted.v1':
        return row && voted(row, event);
      case 'approval.rejected.v1':
        return row && rejected(row, event);
      case 'approval.ended.v1':
        return row && event.data ? { ...row, status: event.data.status, decidedAt: event.metadata.time, endedPlace: placeNumber(event.place), lastPlace: placeNumber(event.place) } : row;
      case 'grant.consumed.v1':
        return row && { ...row, status: 'consumed', consumedAt: event.metadata.time };
      default:
        return unreachable(event);
    }
  },
};

function requested({ metadata, place, data }: EventOf<'approval.requested.v1'>): ApprovalRow | undefined {
  if (!data) return undefined;
  const { request } = data;
  return {
    grant: request.id, tenant: metadata.tenant, session: request.session, command: request.command, requester: request.requester.name, party: [...request.requester.party],
    target: request.target, text: request.action.text, reasons: [...request.reasons], ask: request.ask, status: data.planned ? 'approved' : 'pending', votes: [], rejected: [],
    requestedAt: request.requestedAt, expiresAt: request.expiresAt, decidedAt: null, consumedAt: null,
    actionDigest: request.actionDigest, grantDigest: request.grantDigest, endedPlace: null, lastPlace: placeNumber(place), erased: false, sequence: place.sequence, position: place.position,
  };
}

function voted(row: ApprovalRow, { metadata, place: at, data }: EventOf<'approval.voted.v1'>): ApprovalRow {
  if (!data) return row;
  const place = placeNumber(at);
  return {
    ...row, status: data.status, votes: [...row.votes, { ...data.vote, place }], decidedAt: data.status === 'pending' ? row.decidedAt : metadata.time,
    endedPlace: data.status === 'denied' ? place : row.endedPlace, lastPlace: place,
  };
}

function rejected(row: ApprovalRow, { metadata, place: at, data }: EventOf<'approval.rejected.v1'>): ApprovalRow {
  if (!data) return row;
  const { approver, reason, detail } = data;
  const place = placeNumber(at);
  return { ...row, rejected: [...row.rejected, { approver, reason, detail, at: metadata.time, place }], lastPlace: place };
}
