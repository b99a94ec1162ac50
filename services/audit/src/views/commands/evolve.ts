import { unreachable } from '@interlock/kernel';
import { placeNumber } from '../place-number.js';
import type { EventOf, View } from '../view.js';
import type { Asking, CommandRow } from './row.js';

const HANDLED = ['command.decided.v1', 'command.refused.v1', 'command.outcome.v1', 'grant.consumed.v1'] as const;
type Handled = (typeof HANDLED)[number];

/** What was asked, decided and done. */
export const commands: View<CommandRow, Handled> = {
  name: 'commands',
  handled: HANDLED,

  /** A refused command has an identifier of its own only where its connector gave it one. */
  keyOf: ({ type, metadata }) => metadata.command ?? (type === 'command.refused.v1' ? metadata.id : undefined),

  evolve(row, event) {
    switch (event.type) {
      case 'command.decided.v1':
        return decided(row, event);
      case 'command.refused.v1':
        return row ?? refusedCommand(event);
      case 'command.outcome.v1':
        return row && ended(row, event);
      case 'grant.consumed.v1':
        return row && { ...row, grant: event.data?.grant ?? row.grant, approvers: event.data ? [...event.data.approvers] : row.approvers };
      default:
        return unreachable(event);
    }
  },
};

/** The place of a command is that of its first decision: what was asked, when it was asked. */
function decided(row: CommandRow | undefined, event: EventOf<'command.decided.v1'>): CommandRow {
  const { metadata, place, data } = event;
  return {
    ...(row ?? blank(metadata, place)), erased: data === undefined, event: metadata.id, decidedAt: metadata.time, decidedPlace: placeNumber(place),
    asking: askingOf(event) ?? row?.asking ?? null,
    ...(data && {
      principal: data.principal, target: data.target, verb: data.action.verb, text: data.action.text, parameters: data.action.parameters,
      accesses: data.action.accesses, facts: data.action.facts, actionDigest: data.actionDigest,
      decision: data.decision.outcome, reasons: data.decision.reasons, bundleVersion: data.decision.bundleVersion, risk: data.decision.risk ?? null, gathered: data.gathered ?? null,
    }),
    ...(data?.grant && { grant: data.grant.id, approvers: [...data.grant.approvers] }),
  };
}

function askingOf({ metadata, data }: EventOf<'command.decided.v1'>): Asking | undefined {
  const ask = data?.decision.ask;
  return data && ask && { event: metadata.id, at: metadata.time, reasons: data.decision.reasons, bundleVersion: data.decision.bundleVersion, ask, ...(data.decision.risk && { risk: data.decision.risk }), ...(data.gathered && { gathered: data.gathered }) };
}

function refusedCommand({ metadata, place, data }: EventOf<'command.refused.v1'>): CommandRow {
  return {
    ...blank(metadata, place), erased: data === undefined, decision: 'refused',
    ...(data && {
      principal: data.principal, target: data.target, text: data.text,
      reasons: [{ rule: data.rule ?? data.reason, effect: 'forbid', message: data.detail, ...(data.hint !== undefined && { hint: data.hint }) }], bundleVersion: data.bundleVersion ?? null,
    }),
  };
}

/** The first outcome stands: one that came late does not rewrite what was told. An unknown one gives way to a known one. */
function ended(row: CommandRow, { metadata, place, data }: EventOf<'command.outcome.v1'>): CommandRow {
  if (row.status !== null && row.status !== 'unknown') return row;
  return {
    ...row, endedAt: metadata.time, endedPlace: placeNumber(place), status: data?.status ?? 'erased', summary: data?.summary ?? null, errorCode: data?.errorCode ?? null,
    rows: data?.rows ?? null, bytes: data?.bytes ?? null, masked: data?.masked ?? null, durationMs: data?.durationMs ?? null, firstByte: data?.firstByte ?? null,
  };
}

function blank(metadata: EventOf<Handled>['metadata'], place: EventOf<Handled>['place']): CommandRow {
  return {
    command: metadata.command ?? metadata.id, tenant: metadata.tenant, session: metadata.session ?? null, exchange: metadata.exchange ?? null,
    principal: null, target: null, verb: null, text: null, parameters: null, accesses: null, facts: null, actionDigest: null, decision: null, reasons: null,
    bundleVersion: null, risk: null, gathered: null, asking: null, grant: null, approvers: null, askedAt: metadata.time, decidedAt: metadata.time, status: null, endedAt: null, summary: null,
    errorCode: null, rows: null, bytes: null, masked: null, durationMs: null, firstByte: null, erased: false, event: metadata.id,
    decidedPlace: placeNumber(place), endedPlace: null, sequence: place.sequence, position: place.position,
  };
}
