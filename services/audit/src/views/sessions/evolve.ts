import { unreachable } from '@interlock/kernel';
import { placeNumber } from '../place-number.js';
import type { EventOf, View } from '../view.js';
import type { SessionRow } from './row.js';

const HANDLED = ['session.opened.v1', 'session.closed.v1', 'service.started.v1'] as const;
type Handled = (typeof HANDLED)[number];

/** Who was at which target, and how it ended. */
export const sessions: View<SessionRow, Handled> = {
  name: 'sessions',
  handled: HANDLED,

  keyOf: (event) => (event.type === 'service.started.v1' ? undefined : event.metadata.session),

  /** A connector that starts anew has lost the sessions it did not close. */
  concerned: (event) => (event.type === 'service.started.v1' ? { status: 'open', instance: event.place.instance } : undefined),

  evolve(row, event) {
    switch (event.type) {
      case 'session.opened.v1':
        return row ?? opened(event);
      case 'session.closed.v1':
        return row && closed(row, event);
      case 'service.started.v1':
        return row && row.status === 'open' && row.run !== event.place.run ? { ...row, status: 'lost', closedAt: event.metadata.time, closedPlace: placeNumber(event.place) } : row;
      default:
        return unreachable(event);
    }
  },
};

function opened({ metadata, place, data }: EventOf<'session.opened.v1'>): SessionRow {
  return {
    session: metadata.session ?? metadata.id, tenant: metadata.tenant,
    principal: data?.principal.name ?? null, principalKind: data?.principal.kind ?? null, party: data ? [...data.principal.party] : null,
    target: data?.target ?? null, protocol: data?.protocol ?? null,
    status: 'open', openedAt: metadata.time, closedAt: null, closeReason: null, closeDetail: null, commands: null, bytesToClient: null,
    clientAddress: data?.clientAddress ?? null, clientApplication: data?.clientApplication ?? null, purpose: data?.purpose ?? null,
    tokenExpiresAt: data?.tokenExpiresAt ?? null, bundleVersion: data?.bundleVersion ?? null,
    erased: data === undefined, instance: place.instance, run: place.run, closedPlace: null, sequence: place.sequence, position: place.position,
  };
}

function closed(row: SessionRow, { metadata, place, data }: EventOf<'session.closed.v1'>): SessionRow {
  return {
    ...row, status: 'closed', closedAt: metadata.time, closedPlace: placeNumber(place), closeReason: data?.reason ?? null, closeDetail: data?.detail ?? null,
    commands: data?.commands ?? null, bytesToClient: data?.bytesToClient ?? null,
  };
}
