import { accepted, LIMITS, refused, type Outcome } from '@interlock/kernel';
import type { Bundle, Target } from '@interlock/contracts';
import { lockAgainst, refusedByLock } from '@interlock/domain-identity';
import type { Judge } from '@interlock/domain-policy';
import type { ControlPlanePort, ExchangeFacts, Surroundings } from './ports.js';

/** The word of the control plane by which a command is decided. */
export interface FreshWord {
  readonly judge: Judge;
  readonly bundle: Bundle;
  /** The target as the configuration in force has it. */
  readonly target: Target;
}

const LOOK_AGAIN_MS = 50;

/**
 * Whether this exchange may go on, by the control plane's word of this moment. Refuses with `locked`, `token_expired`,
 * `not_configured`, `target_unknown` or `control_plane_silent`.
 */
export function wordFor(exchange: ExchangeFacts, control: ControlPlanePort, nowMs: number): Outcome<FreshWord> {
  if (nowMs >= exchange.tokenExpiresAtMs) return refused('token_expired', 'The token this session was opened with has expired.', { hint: 'Connect again with a new token.' });
  if (silentForMs(control, nowMs) >= LIMITS.beaconRefuseMs) return silence();
  const { bundle, judge, locks } = control.view;
  const lock = lockAgainst({ principal: exchange.principal, target: exchange.target.name, session: exchange.session }, locks.values());
  if (lock) return refusedByLock(lock);
  if (!bundle || !judge) return refused('not_configured', 'No configuration is in force, so nothing is permitted.', { retryable: true });
  const target = bundle.configuration.targets.find((one) => one.name === exchange.target.name);
  if (!target) return refused('target_unknown', `The configuration in force has no target ${exchange.target.name}.`);
  return accepted({ judge, bundle, target });
}

/**
 * As {@link wordFor}, after waiting for a fresh word: when the beacon has been silent for {@link LIMITS.beaconWaitMs}, or names
 * changes that have not arrived yet, the command waits until it speaks, at most until {@link LIMITS.beaconRefuseMs}.
 */
export async function freshWordFor(exchange: ExchangeFacts, control: ControlPlanePort, surroundings: Surroundings, signal?: AbortSignal): Promise<Outcome<FreshWord>> {
  const deadlineMs = surroundings.nowMs() + LIMITS.beaconRefuseMs;
  while (!isFresh(control, surroundings.nowMs())) {
    if (signal?.aborted || surroundings.nowMs() >= deadlineMs) return silence();
    await surroundings.sleep(LOOK_AGAIN_MS, signal);
  }
  return wordFor(exchange, control, surroundings.nowMs());
}

/** True when a command need not wait: the common case, which costs no promise. */
export function isFresh(control: ControlPlanePort, nowMs: number): boolean {
  return silentForMs(control, nowMs) < LIMITS.beaconWaitMs && control.view.sequence >= control.beacon!.controlSequence;
}

function silentForMs(control: ControlPlanePort, nowMs: number): number {
  return control.beacon ? nowMs - control.beacon.arrivedAtMs : Number.POSITIVE_INFINITY;
}

function silence(): Outcome<never> {
  return refused('control_plane_silent', 'The control plane has not spoken for too long, so nothing is forwarded.', { retryable: true, hint: 'Try again; nothing of the command was sent.' });
}
