import type { Outcome } from '@interlock/kernel';
import type { ApprovalRequest } from '@interlock/contracts';
import type { Verdict } from './session.js';

/** What people are told of a command's effect, and agree to. */
export interface Impact extends Pick<ApprovalRequest, 'preview' | 'bound' | 'state'> {
  /** How long it may wait where it is, if that is shorter than its rule lets it wait. */
  readonly waitSeconds?: number;
}

/** What one command will do at its target; the connector's own, by its protocol: a plan, a server-side dry run, a diff. */
export interface Effect {
  /**
   * Before anyone is asked. Nothing of it stays at the target, and what it asks there is recorded first. What cannot be previewed says so, with
   * the reason. Refuses where people may not agree to it at all. Ends soon after `signal` aborts.
   */
  preview(verdict: Verdict, signal: AbortSignal): Promise<Outcome<Impact>>;
  /**
   * After people agreed, before the grant is used: makes ready whatever holds the command to what was agreed. Refuses where that is not to be had
   * any more; the grant is then not used. Whoever made it ready lets go of it when the command does not run.
   */
  prepare(request: ApprovalRequest, signal: AbortSignal): Promise<Outcome<unknown>>;
}

/** Where a connector knows nothing of effects. */
export const NO_EFFECT: Effect = {
  preview: () => Promise.resolve({ ok: true, value: {} }),
  prepare: () => Promise.resolve({ ok: true, value: undefined }),
};
