import { describe, expect, it } from 'vitest';
import { fold } from '@interlock/kernel';
import type { Decision, EventData } from '@interlock/contracts';
import { session, type SessionCommand, type SessionEvent } from './session.js';

const opened: SessionEvent = {
  type: 'session.opened.v1',
  data: {
    principal: { name: 'agent-etl', kind: 'agent', issuer: 'i', subject: 's', roles: ['etl'], party: ['owner-etl'] },
    target: 'shop', protocol: 'postgres', clientAddress: '127.0.0.1', tokenExpiresAt: '2026-01-01T00:00:00.000Z', bundleVersion: 1,
  },
};

function decided(outcome: Decision['outcome'], phase: 'request' | 'forward' = 'request'): EventData<'command.decided.v1'> {
  return {
    principal: 'agent-etl', target: 'shop', actionDigest: 'd', phase, decision: { outcome, reasons: [{ rule: 'r', effect: 'permit', message: 'm' }], bundleVersion: 1 },
    action: { protocol: 'postgres', verb: 'select', text: 'select 1', parameters: [], accesses: [], facts: {}, context: {} },
  };
}

const outcome: EventData<'command.outcome.v1'> = { status: 'completed', rows: 1, bytes: 2, masked: 0, durationMs: 3 };
const was = (command: string, result: Decision['outcome'], phase: 'request' | 'forward' = 'request'): SessionEvent => ({ type: 'command.decided.v1', command, data: decided(result, phase) });
const settled = (command: string): SessionEvent => ({ type: 'command.outcome.v1', command, data: outcome });
const close: SessionCommand = { kind: 'close', reason: 'client_closed', bytesToClient: 9 };

function given(history: readonly SessionEvent[], command: SessionCommand): unknown {
  const result = session.decide(command, fold(session, history));
  return result.ok ? result.value : result.refusal.reason;
}

describe('a session', () => {
  it.each<[string, readonly SessionEvent[], SessionCommand, string]>([
    ['decides nothing before it is open', [], { kind: 'decide', command: '1', decided: decided('allow') }, 'session_not_open'],
    ['opens once', [opened], { kind: 'open', opened: opened.data as EventData<'session.opened.v1'> }, 'session_opened'],
    ['decides a running command once', [opened, was('1', 'allow')], { kind: 'decide', command: '1', decided: decided('allow') }, 'command_decided'],
    ['decides a parked command once', [opened, was('1', 'ask')], { kind: 'decide', command: '1', decided: decided('ask') }, 'command_decided'],
    ['does not forward what was not parked', [opened, was('1', 'deny')], { kind: 'decide', command: '1', decided: decided('allow', 'forward') }, 'command_not_parked'],
    ['asks once: what would have to be asked again is gone', [opened, was('1', 'ask'), was('1', 'ask', 'forward')], { kind: 'abandon', command: '1' }, 'command_not_parked'],
    ['settles no refused command', [opened, was('1', 'deny')], { kind: 'settle', command: '1', outcome }, 'command_not_running'],
    ['settles no parked command', [opened, was('1', 'ask')], { kind: 'settle', command: '1', outcome }, 'command_not_running'],
    ['settles once', [opened, was('1', 'allow'), settled('1')], { kind: 'settle', command: '1', outcome }, 'command_not_running'],
    ['abandons only what is parked', [opened, was('1', 'allow')], { kind: 'abandon', command: '1' }, 'command_not_parked'],
    ['closes once', [opened, { type: 'session.closed.v1', data: { reason: 'shutdown', commands: 0, bytesToClient: 0 } }], close, 'session_not_open'],
  ])('%s', (_, history, command, reason) => {
    expect(given(history, command)).toBe(reason);
  });

  it('forwards a parked command after the second decision', () => {
    const history = [opened, was('1', 'ask'), was('1', 'allow', 'forward')];
    expect(given(history, { kind: 'settle', command: '1', outcome })).toEqual([settled('1')]);
  });

  it('closes with what runs unknown, and what is parked let go', () => {
    const history = [opened, was('1', 'allow'), was('2', 'deny'), was('3', 'ask'), was('4', 'allow'), settled('1')];
    expect(given(history, close)).toEqual([
      { type: 'command.outcome.v1', command: '4', data: { status: 'unknown', rows: 0, bytes: 0, masked: 0, durationMs: 0 } },
      { type: 'session.closed.v1', data: { reason: 'client_closed', commands: 4, bytesToClient: 9 } },
    ]);
  });
});
