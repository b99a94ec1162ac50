import type { EventDraft } from '@interlock/kernel';
import { draft } from '@interlock/contracts';

const action = { protocol: 'postgres', verb: 'select', text: 'select 1', parameters: [], accesses: [], facts: {}, context: {} };

/** A recorded decision about a command. */
export function decided(command: string, outcome: 'allow' | 'deny' = 'allow', session = 's1'): EventDraft {
  const decision = { outcome, reasons: [{ rule: 'r', effect: 'permit' as const, message: 'm' }], bundleVersion: 1 };
  return draft('command.decided.v1', { principal: 'agent-etl', target: 'shop', action, actionDigest: 'd', decision, phase: 'request' }, { session, exchange: 'x1', command });
}

export function outcome(command: string, session = 's1'): EventDraft {
  return draft('command.outcome.v1', { status: 'completed', rows: 1, bytes: 1, masked: 0, durationMs: 1 }, { session, exchange: 'x1', command });
}

export function started(service: string, instance = '1'): EventDraft {
  return draft('service.started.v1', { service, instance, version: '1' });
}

export function closed(session = 's1'): EventDraft {
  return draft('session.closed.v1', { reason: 'client_closed', commands: 1, bytesToClient: 0 }, { session });
}
