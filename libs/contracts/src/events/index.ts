import type { z } from 'zod';
import * as access from './access.js';
import * as administration from './administration.js';
import * as approval from './approval.js';
import * as authenticator from './authenticator.js';
import * as budget from './budget.js';
import * as chat from './chat.js';
import * as command from './command.js';
import * as delegation from './delegation.js';
import * as glass from './glass.js';
import * as masking from './masking.js';
import * as object from './object.js';
import * as session from './session.js';

/**
 * Every event the ledger may hold, by type and version. Contracts grow by addition; a break is a new version with an
 * upcaster.
 */
export const EVENTS = {
  'session.opened.v1': session.SessionOpened,
  'session.closed.v1': session.SessionClosed,
  'authentication.refused.v1': session.AuthenticationRefused,
  'strangers.unrecorded.v1': session.StrangersUnrecorded,
  'protocol.violation.v1': session.ProtocolViolation,
  'command.decided.v1': command.CommandDecided,
  'decision.mismatch.v1': command.DecisionMismatch,
  'command.refused.v1': command.CommandRefused,
  'command.outcome.v1': command.CommandOutcome,
  'input.chunk.v1': command.InputChunk,
  'probe.ran.v1': command.ProbeRan,
  'recording.chunk.v1': command.RecordingChunk,
  'approval.requested.v1': approval.ApprovalRequested,
  'approval.voted.v1': approval.ApprovalVoted,
  'approval.rejected.v1': approval.ApprovalRejected,
  'approval.ended.v1': approval.ApprovalEnded,
  'approval.resumed.v1': approval.ApprovalResumed,
  'plan.drawn.v1': approval.PlanDrawn,
  'grant.consumed.v1': approval.GrantConsumed,
  'glass.broken.v1': glass.GlassBroken,
  'glass.reviewed.v1': glass.GlassReviewed,
  'glass.objected.v1': glass.GlassObjected,
  'glass.overdue.v1': glass.GlassOverdue,
  'glass.settled.v1': glass.GlassSettled,
  'glass.refused.v1': glass.GlassRefused,
  'chat.decided.v1': chat.ChatDecided,
  'chat.refused.v1': chat.ChatRefused,
  'notification.abandoned.v1': chat.NotificationAbandoned,
  'delegation.made.v1': delegation.DelegationMade,
  'delegation.revoked.v1': delegation.DelegationRevoked,
  'delegation.refused.v1': delegation.DelegationRefused,
  'access.requested.v1': access.AccessRequested,
  'access.voted.v1': access.AccessVoted,
  'access.ended.v1': access.AccessEnded,
  'access.refused.v1': access.AccessRefused,
  'object.claimed.v1': object.ObjectClaimed,
  'object.bound.v1': object.ObjectBound,
  'object.released.v1': object.ObjectReleased,
  'budget.leased.v1': budget.BudgetLeased,
  'tokenkey.made.v1': masking.TokenKeyMade,
  'tokenkey.released.v1': masking.TokenKeyReleased,
  'token.revealed.v1': masking.TokenRevealed,
  'token.refused.v1': masking.TokenRefused,
  'authenticator.proposed.v1': authenticator.AuthenticatorProposed,
  'authenticator.confirmed.v1': authenticator.AuthenticatorConfirmed,
  'authenticator.revoked.v1': authenticator.AuthenticatorRevoked,
  'authenticator.refused.v1': authenticator.AuthenticatorRefused,
  'change.proposed.v1': administration.ChangeProposed,
  'change.decided.v1': administration.ChangeDecided,
  'change.rejected.v1': administration.ChangeRejected,
  'change.refused.v1': administration.ChangeRefused,
  'bundle.published.v1': administration.BundlePublished,
  'secret.set.v1': administration.SecretSet,
  'credential.released.v1': administration.CredentialReleased,
  'credential.refused.v1': administration.CredentialRefused,
  'lock.set.v1': administration.LockSet,
  'lock.lifted.v1': administration.LockLifted,
  'unlock.proposed.v1': administration.UnlockProposed,
  'lock.refused.v1': administration.LockRefused,
  'service.started.v1': administration.ServiceStarted,
  'service.stopped.v1': administration.ServiceStopped,
  'record.read.v1': administration.RecordRead,
} as const;

export type EventType = keyof typeof EVENTS;
export type EventData<T extends EventType> = z.infer<(typeof EVENTS)[T]>;

/** An event ready for the ledger, its payload typed by its name. */
export function draft<T extends EventType>(
  type: T,
  data: EventData<T>,
  about: { readonly session?: string; readonly exchange?: string; readonly command?: string } = {},
): { readonly type: T; readonly data: EventData<T> & object; readonly session?: string; readonly exchange?: string; readonly command?: string } {
  return { type, data, ...about };
}
