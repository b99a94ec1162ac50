import { accepted, refused, unreachable, type Decider, type Outcome } from '@interlock/kernel';
import type { Decision, EventData } from '@interlock/contracts';
import { CommandSet } from './command-set.js';

/**
 * One session's life, and that of the commands in it:
 *
 *     new ─open─▶ open ─close─▶ closed
 *
 *     command:  ─decide─▶ allow ─settle─▶ (gone)
 *                       ├ deny           (gone)
 *                       └ ask ─▶ parked ─decide (phase forward)─▶ allow | anything else (gone)
 *                                      └─abandon─▶ (gone)
 *
 * Closing settles what runs as `unknown`: it was forwarded, and no answer was seen.
 */
export type SessionCommand =
  | { readonly kind: 'open'; readonly opened: EventData<'session.opened.v1'> }
  | { readonly kind: 'decide'; readonly command: string; readonly decided: EventData<'command.decided.v1'> }
  | { readonly kind: 'settle'; readonly command: string; readonly outcome: EventData<'command.outcome.v1'> }
  | { readonly kind: 'abandon'; readonly command: string }
  | { readonly kind: 'close'; readonly reason: EventData<'session.closed.v1'>['reason']; readonly detail?: string; readonly bytesToClient: number };

export type SessionEvent =
  | { readonly type: 'session.opened.v1'; readonly data: EventData<'session.opened.v1'> }
  | { readonly type: 'command.decided.v1'; readonly command: string; readonly data: EventData<'command.decided.v1'> }
  | { readonly type: 'command.outcome.v1'; readonly command: string; readonly data: EventData<'command.outcome.v1'> }
  | { readonly type: 'command.abandoned'; readonly command: string }
  | { readonly type: 'session.closed.v1'; readonly data: EventData<'session.closed.v1'> };

export interface SessionState {
  readonly status: 'new' | 'open' | 'closed';
  /** Commands decided so far, whatever the decision. */
  readonly commands: number;
  /** Allowed, and not settled. */
  readonly running: CommandSet;
  /** Waiting for people. */
  readonly parked: CommandSet;
}

export const NEW_SESSION: SessionState = { status: 'new', commands: 0, running: CommandSet.EMPTY, parked: CommandSet.EMPTY };

export const session: Decider<SessionCommand, SessionEvent, SessionState> = {
  initial: NEW_SESSION,
  decide(command, state) {
    if (command.kind === 'open') return state.status === 'new' ? accepted([{ type: 'session.opened.v1', data: command.opened }]) : refused('session_opened', 'The session is open already.');
    if (state.status !== 'open') return refused('session_not_open', `The session is ${state.status}.`);
    switch (command.kind) {
      case 'decide':
        return decide(command.command, command.decided, state);
      case 'settle':
        return state.running.has(command.command) ? accepted([{ type: 'command.outcome.v1', command: command.command, data: command.outcome }]) : notRunning(command.command);
      case 'abandon':
        return state.parked.has(command.command) ? accepted([{ type: 'command.abandoned', command: command.command }]) : refused('command_not_parked', `Command ${command.command} is not parked.`);
      case 'close':
        return accepted([...state.running.all().map(unknownOutcome), { type: 'session.closed.v1', data: closed(command, state) }]);
      default:
        return unreachable(command);
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'session.opened.v1':
        return { ...state, status: 'open' };
      case 'command.decided.v1':
        return afterDecision(state, event.command, event.data.phase, event.data.decision.outcome);
      case 'command.outcome.v1':
        return { ...state, running: state.running.without(event.command) };
      case 'command.abandoned':
        return { ...state, parked: state.parked.without(event.command) };
      case 'session.closed.v1':
        return { ...state, status: 'closed', parked: CommandSet.EMPTY };
      default:
        return unreachable(event);
    }
  },
};

function decide(command: string, decided: EventData<'command.decided.v1'>, state: SessionState): Outcome<readonly SessionEvent[]> {
  const parked = state.parked.has(command);
  if (decided.phase === 'forward' && !parked) return refused('command_not_parked', `Command ${command} is not parked.`);
  if (decided.phase === 'request' && (parked || state.running.has(command))) return refused('command_decided', `Command ${command} was decided already.`);
  return accepted([{ type: 'command.decided.v1', command, data: decided }]);
}

function afterDecision(state: SessionState, command: string, phase: 'request' | 'forward', outcome: Decision['outcome']): SessionState {
  const commands = phase === 'request' ? state.commands + 1 : state.commands;
  const parked = phase === 'forward' ? state.parked.without(command) : state.parked;
  switch (outcome) {
    case 'allow':
      return { ...state, commands, parked, running: state.running.with(command) };
    case 'deny':
      return { ...state, commands, parked };
    case 'ask':
      return { ...state, commands, parked: phase === 'request' ? parked.with(command) : parked };
    default:
      return unreachable(outcome);
  }
}

function notRunning(command: string): Outcome<readonly SessionEvent[]> {
  return refused('command_not_running', `Command ${command} was not allowed, or is settled already.`);
}

function unknownOutcome(command: string): SessionEvent {
  return { type: 'command.outcome.v1', command, data: { status: 'unknown', rows: 0, bytes: 0, masked: 0, durationMs: 0 } };
}

function closed(command: Extract<SessionCommand, { kind: 'close' }>, state: SessionState): EventData<'session.closed.v1'> {
  const { reason, detail, bytesToClient } = command;
  return { reason, ...(detail === undefined ? {} : { detail }), commands: state.commands, bytesToClient };
}
