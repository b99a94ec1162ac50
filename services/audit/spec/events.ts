import type { EventMetadata } from '@interlock/kernel';
import { EVENTS, type EventData, type EventType, type Principal, type Risk } from '@interlock/contracts';
import type { EventPlace, KnownEvent } from '../src/ledger/ledger-event.js';

export const agent: Principal = { name: 'agent-etl', kind: 'agent', issuer: 'https://issuer.example', subject: 'etl', roles: ['etl'], party: ['owner-etl'] };
export const dba: Principal = { name: 'dba', kind: 'human', issuer: 'https://issuer.example', subject: 'dba', roles: ['dba'], party: ['dba'] };

type About = Partial<Pick<EventMetadata, 'session' | 'exchange' | 'command'>> & Partial<EventPlace> & { readonly erased?: boolean };

let count = 0;

/** An event as the ledger gives it; `data` is checked against its contract. */
export function event<T extends EventType>(type: T, data: EventData<T>, about: About = {}): KnownEvent {
  count += 1;
  const { session, exchange, command, sequence = count, position = 0, instance = 'ledger.connector-postgres.1', run = 'connector-postgres/1-a', erased = false } = about;
  const metadata = {
    specversion: '1.0', id: `event-${count}`, source: 'interlock/connector-postgres/1', type, time: new Date(Date.UTC(2026, 0, 1) + count * 1_000).toISOString(), tenant: 'default', keyid: 'k', keyoffset: 0,
    ...(session && { session }), ...(exchange && { exchange }), ...(command && { command }),
  };
  return { type, metadata, place: { sequence, position, instance, run }, data: erased ? undefined : EVENTS[type].parse(data) } as KnownEvent;
}

export const opened = (session: string, about: About = {}): KnownEvent => event('session.opened.v1', {
  principal: agent, target: 'shop', protocol: 'postgres', clientAddress: '127.0.0.1', clientApplication: 'psql', tokenExpiresAt: '2026-01-01T01:00:00.000Z', bundleVersion: 3,
}, { session, ...about });

export const closed = (session: string, about: About = {}): KnownEvent => event('session.closed.v1', { reason: 'client_closed', commands: 2, bytesToClient: 99 }, { session, ...about });

export const started = (run: string, instance = 'ledger.connector-postgres.1'): KnownEvent =>
  event('service.started.v1', { service: 'connector-postgres', instance: '1', version: '0.1.0' }, { run, instance });

export function decided(command: string, outcome: 'allow' | 'deny' | 'ask', about: About & { text?: string; phase?: 'request' | 'forward'; grant?: EventData<'command.decided.v1'>['grant']; gathered?: EventData<'command.decided.v1'>['gathered']; risk?: Risk } = {}): KnownEvent {
  const { text = 'select 1', phase = 'request', grant, gathered, risk, ...rest } = about;
  return event('command.decided.v1', {
    principal: agent.name, target: 'shop', actionDigest: 'd1', phase, ...(grant && { grant }), ...(gathered && { gathered }),
    action: { protocol: 'postgres', verb: 'select', text, parameters: [], accesses: [{ verb: 'select', duty: 'read', object: { kind: 'table', path: ['shop', 'public', 'orders'] } }], facts: { hasWhere: true }, context: {} },
    decision: { outcome, reasons: [{ rule: 'reads', effect: outcome === 'allow' ? 'permit' : 'forbid', message: 'reading is allowed' }], bundleVersion: 3, ...(outcome === 'ask' && { ask: { quorum: [{ role: 'dba', count: 1 }], rules: ['reads'], ruleHash: 'h', windowSeconds: 900 } }), ...(risk && { risk }) },
  }, { session: 's1', exchange: 'x1', command, ...rest });
}

export const outcome = (command: string, status: EventData<'command.outcome.v1'>['status'], about: About = {}, more: Partial<EventData<'command.outcome.v1'>> = {}): KnownEvent =>
  event('command.outcome.v1', { status, summary: 'SELECT 1', rows: 1, bytes: 40, masked: 1, durationMs: 1.5, ...more }, { session: 's1', exchange: 'x1', command, ...about });

export const requested = (grant: string, command: string): KnownEvent => event('approval.requested.v1', { request: {
  id: grant, session: 's1', command, connector: 'connector-postgres', instance: '1', requester: agent, target: 'shop', actionDigest: 'd1', grantDigest: 'g1',
  action: { protocol: 'postgres', verb: 'delete', text: 'delete from orders where id = 7', parameters: [], accesses: [], facts: {}, context: {} },
  ask: { quorum: [{ role: 'dba', count: 1 }], rules: ['deletes'], ruleHash: 'h', windowSeconds: 900 }, reasons: ['deleting orders takes a dba'],
  requestedAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-01T00:15:00.000Z',
} });

export const voted = (grant: string, verdict: 'approve' | 'deny', status: 'pending' | 'approved' | 'denied'): KnownEvent =>
  event('approval.voted.v1', { grant, status, vote: { approver: dba, verdict, grantDigest: 'g1', at: '2026-01-01T00:01:00.000Z' } });

export const chunk = (exchange: string, index: number, about: About = {}): KnownEvent =>
  event('recording.chunk.v1', { index, firstByte: index * 100, bytes: 100, hash: 'c'.repeat(64), sequence: index + 1, offset: 0, keyOffset: index * 100 }, { session: 's1', exchange, ...about });
