import type { Refusal } from '@interlock/kernel';
import type { Decision } from '@interlock/contracts';

/** The refusals that every connector gives alike. */
export const REFUSALS = {
  ledgerUnavailable: {
    reason: 'ledger_unavailable', detail: 'The ledger did not acknowledge the command in time, so nothing of it was sent.', retryable: true,
    hint: 'Send the command again.',
  },
  eventTooLarge: {
    reason: 'event_too_large', detail: 'The command is too long to be recorded, so nothing of it was sent.', hint: 'Send it in smaller parts.',
  },
  fault: { reason: 'fault', detail: 'The connector failed; the session is over.', hint: 'Connect again.' },
  recordingUnavailable: {
    reason: 'recording_unavailable', detail: 'The recording of this session cannot be stored.', retryable: true, hint: 'Connect again.',
  },
  controlPlaneSilent: {
    reason: 'control_plane_silent', detail: 'There is no fresh word from the control plane, so nothing is allowed.', retryable: true,
    hint: 'Send the command again; if this lasts, tell whoever runs Interlock.',
  },
  notConfigured: {
    reason: 'not_configured', detail: 'There is no configuration in force that this connector can decide by.', retryable: true,
    hint: 'Apply one with `interlock apply`.',
  },
  configurationChanged: {
    reason: 'configuration_changed', detail: 'What the configuration says about this principal, this target or what is kept apart in a session has changed.', retryable: true, hint: 'Connect again.',
  },
  sessionEnded: { reason: 'session_ended', detail: 'The session has ended; the command was not sent.', retryable: true, hint: 'Connect again.' },
  tokenExpired: { reason: 'token_expired', detail: 'The token that opened this session has expired.', hint: 'Get a new token and connect again.' },
  shutdown: { reason: 'shutdown', detail: 'This connector is being stopped.', retryable: true, hint: 'Connect again.' },
} as const satisfies Record<string, Refusal>;

/** A denial in words for whoever is refused: the first rule that refused, or the first of those named, with its reason and its hint. */
export function refusalOf(decision: Decision, named?: readonly string[]): Refusal {
  const refusing = decision.reasons.filter(({ effect }) => effect !== 'permit');
  const reason = refusing.find(({ rule }) => named?.includes(rule)) ?? refusing[0] ?? decision.reasons[0]!;
  return {
    reason: reason.effect === 'default' ? reason.rule.replaceAll('-', '_') : 'refused_by_rule',
    detail: reason.message,
    rule: reason.rule,
    ...(reason.hint === undefined ? {} : { hint: reason.hint }),
  };
}
