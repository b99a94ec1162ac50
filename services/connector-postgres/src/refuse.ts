import type { Refusal } from '@interlock/kernel';
import type { ApprovalRequest } from '@interlock/contracts';
import type { Wait } from '@interlock/gateway';
import { encodeBackend, SQLSTATE, type ReportFields } from '@interlock/protocol-postgres';

/** A refusal that knows its SQLSTATE, and where in the text it arose. */
export interface PostgresRefusal extends Refusal {
  readonly sqlState?: string;
  /** 1-based, in characters. */
  readonly position?: number;
  /** The target would say the same, word for word: the client hears nothing beyond that. */
  readonly isTargetsOwn?: boolean;
}

/** What the answer names beside the refusal itself. */
export interface RefusalPlace {
  readonly decision?: string;
  /** Id of the event that recorded it. */
  readonly event?: string | undefined;
  /** Id of the approval that was asked for. */
  readonly grant?: string | undefined;
}

/** What the client took back before anything of it was sent, in PostgreSQL's words. */
export const CANCELLED: PostgresRefusal = { reason: 'cancelled', sqlState: SQLSTATE.queryCanceled, detail: 'canceling statement due to user request', isTargetsOwn: true };

const ABORTED: PostgresRefusal = {
  reason: 'transaction_failed', sqlState: SQLSTATE.failedTransaction, detail: 'current transaction is aborted, commands ignored until end of transaction block', isTargetsOwn: true,
};

const ENDS = new Set<unknown>(['commit', 'rollback', 'rollback_to', 'prepare_transaction']);

/**
 * What a client hears whose transaction has failed: PostgreSQL then looks at the form of a message, and at statements that end the transaction
 * (`transactionControl` as the facts tell it), and at nothing else.
 */
export function inFailedTransaction(refusal: PostgresRefusal, transactionControl: unknown): PostgresRefusal {
  return refusal.isTargetsOwn || refusal.retryable || ENDS.has(transactionControl) ? refusal : ABORTED;
}

const BY_REASON: Readonly<Record<string, string>> = {
  ledger_unavailable: SQLSTATE.cannotConnectNow,
  recording_unavailable: SQLSTATE.cannotConnectNow,
  control_plane_silent: SQLSTATE.cannotConnectNow,
  not_configured: SQLSTATE.cannotConnectNow,
  unavailable: SQLSTATE.cannotConnectNow,
  busy: SQLSTATE.cannotConnectNow,
  approval_unavailable: SQLSTATE.cannotConnectNow,
  approvals_too_many: SQLSTATE.configurationLimitExceeded,
  approval_too_large: SQLSTATE.programLimitExceeded,
  catalog_unavailable: SQLSTATE.cannotConnectNow,
  context_unknown: SQLSTATE.cannotConnectNow,
  target_unreachable: SQLSTATE.connectionFailure,
  target_unanswered: SQLSTATE.cannotConnectNow,
  context_differs: SQLSTATE.cannotConnectNow,
  effect_bound_exceeded: SQLSTATE.effectBoundExceeded,
  not_counted: SQLSTATE.effectBoundExceeded,
  not_bounded: SQLSTATE.effectBoundExceeded,
  state_changed: SQLSTATE.stateChanged,
  effect_too_large: SQLSTATE.effectTooLarge,
  target_lost: SQLSTATE.connectionFailure,
  fault: SQLSTATE.internalError,
  withdrawn: SQLSTATE.queryCanceled,
  approval_expired: SQLSTATE.queryCanceled,
  approval_pending: SQLSTATE.queryCanceled,
  locked: SQLSTATE.adminShutdown,
  token_expired: SQLSTATE.adminShutdown,
  configuration_changed: SQLSTATE.adminShutdown,
  shutdown: SQLSTATE.adminShutdown,
  session_ended: SQLSTATE.adminShutdown,
  too_many_connections: SQLSTATE.tooManyConnections,
  statement_too_large: SQLSTATE.programLimitExceeded,
  literal_left_out: SQLSTATE.programLimitExceeded,
  statement_too_complex: SQLSTATE.statementTooComplex,
  event_too_large: SQLSTATE.programLimitExceeded,
  protocol_violation: SQLSTATE.protocolViolation,
  target_unknown: SQLSTATE.invalidDatabaseName,
};

/** The ErrorResponse for a refused command: the session lives on. */
export function refusalMessage(refusal: PostgresRefusal, place: RefusalPlace = {}): Buffer {
  return encodeBackend({ kind: 'errorResponse', fields: fieldsOf('ERROR', refusal, place) });
}

/** The ErrorResponse that ends a connection. */
export function fatalMessage(refusal: PostgresRefusal, place: RefusalPlace = {}): Buffer {
  return encodeBackend({ kind: 'errorResponse', fields: fieldsOf('FATAL', refusal, place) });
}

/** The NoticeResponse for a command that waits for people: who may agree, until when, how long it waits here, how it is taken back. */
export function waitingMessage({ id, ask, reasons, expiresAt }: ApprovalRequest, event: string | undefined, wait: Wait): Buffer {
  const rules = ask.rules.map((rule) => `"${rule}"`).join(', ');
  const people = ask.quorum.map(({ role, count }) => `${count} of role "${role}"`).join(' and ');
  const waitsUntil = new Date(wait.untilMs).toISOString();
  const comesBack = waitsUntil < expiresAt ? ` It waits here until ${waitsUntil}; after that, come back with the same command.` : '';
  return notice({
    message: `the command waits for approval by rule ${rules}: ${reasons.join(' ')}`,
    detail: JSON.stringify({ interlock: { reason: 'waiting_for_approval', rule: ask.rules[0], decision: 'ask', event, grant: id, rules: ask.rules, quorum: ask.quorum, expiresAt, waitsUntil, resumed: wait.isResumed || undefined, withdraw: 'cancel' } }),
    hint: `Approval ${id} is open to ${people} until ${expiresAt}, and the command runs once it is given.${comesBack} To withdraw it, cancel the statement or disconnect.`,
  });
}

/** The WARNING for a broken glass, whatever the client wants to hear: which rule it was, and what comes of it. Undefined where people decide. */
export function brokenMessage({ id, ask }: ApprovalRequest, { reviewBy }: Wait): Buffer | undefined {
  if (reviewBy === undefined || !ask.glass) return undefined;
  const { rules, glass: { reviewers } } = ask;
  return notice({
    severity: 'WARNING', message: `the glass of rule ${rules.map((rule) => `"${rule}"`).join(', ')} is broken: the command runs on your word alone`,
    detail: JSON.stringify({ interlock: { reason: 'glass_broken', rule: rules[0], grant: id, rules, reviewers, reviewBy } }),
    hint: `It is recorded as ${id}, and everyone concerned is told. Two people of role ${reviewers.join(' or ')} review it until ${reviewBy}; without that you are locked.`,
  });
}

/** Said again and again meanwhile, so that nothing in between takes the connection for a dead one. */
export function stillWaitingMessage({ id, expiresAt }: ApprovalRequest, wait: Wait): Buffer {
  const waitsUntil = new Date(wait.untilMs).toISOString();
  return notice({ message: `the command still waits for approval ${id}, until ${waitsUntil}`, detail: JSON.stringify({ interlock: { reason: 'waiting_for_approval', grant: id, expiresAt, waitsUntil, withdraw: 'cancel' } }) });
}

function notice({ message, detail, hint, severity = 'NOTICE' }: { readonly message: string; readonly detail: string; readonly hint?: string; readonly severity?: 'NOTICE' | 'WARNING' }): Buffer {
  const fields: ReportFields = { severity, severityCode: severity, code: severity === 'WARNING' ? SQLSTATE.warning : SQLSTATE.successfulCompletion, message: withoutNul(message), detail };
  return encodeBackend({ kind: 'noticeResponse', fields: { ...fields, ...(hint === undefined ? {} : { hint: withoutNul(hint) }) } });
}

/** For refusals before there is a session: nothing but the wrong or missing token is told apart by its code. */
export function loginRefusal(refusal: PostgresRefusal): PostgresRefusal {
  if (refusal.sqlState !== undefined || refusal.retryable || BY_REASON[refusal.reason] !== undefined) return refusal;
  return { ...refusal, sqlState: refusal.reason.startsWith('token_') ? SQLSTATE.invalidPassword : SQLSTATE.invalidAuthorization };
}

function fieldsOf(severity: 'ERROR' | 'FATAL', refusal: PostgresRefusal, place: RefusalPlace): ReportFields {
  const { detail, rule, hint, position, sqlState = BY_REASON[refusal.reason] ?? SQLSTATE.insufficientPrivilege } = refusal;
  const message = withoutNul(rule === undefined ? detail : `refused by rule "${rule}": ${detail}`);
  const fields: ReportFields = {
    severity, severityCode: severity, code: sqlState, message, ...(refusal.isTargetsOwn ? {} : { detail: machineReadable(refusal, place) }),
  };
  return { ...fields, ...(hint === undefined ? {} : { hint: withoutNul(hint) }), ...(position === undefined ? {} : { position: String(position) }) };
}

/** One JSON object, for agents: which rule, what was decided, which event says so. */
function machineReadable({ reason, rule, retryable }: Refusal, { decision = 'deny', event, grant }: RefusalPlace): string {
  return JSON.stringify({ interlock: { reason, rule, decision, event, grant, retryable } });
}

function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}
