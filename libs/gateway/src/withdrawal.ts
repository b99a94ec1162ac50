import type { Outcome } from '@interlock/kernel';
import type { ApprovalRequest, RpcClient } from '@interlock/contracts';
import type { Clock } from './ports.js';

/** How often, and how far apart, a withdrawal that approval did not take is sent. */
export const WITHDRAW_ATTEMPTS = 10;
const PAUSE_MS = 1_000;

export interface WithdrawalPorts {
  readonly rpc: RpcClient;
  readonly clock: Clock;
  readonly onProblem: (problem: string) => void;
  /** Who takes back, as approval knows whoever holds a request. */
  readonly connector: string;
  readonly instance: string;
}

/** Takes back requests that nobody waits for any more, so that people are not asked to decide about them. */
export class Withdrawal {
  readonly #ports: WithdrawalPorts;

  constructor(ports: WithdrawalPorts) {
    this.#ports = ports;
  }

  /** Resolves after the first attempt: the others go on behind it, so that no client waits for them. Never rejects. */
  async withdraw(request: ApprovalRequest): Promise<void> {
    const { onProblem } = this.#ports;
    const first = await this.#attempt(request);
    if (first.ok) return;
    const { retryable, reason } = first.refusal;
    if (!retryable) return onProblem(`Approval ${request.id} cannot be withdrawn (${reason}): it stays open to its voters until ${request.expiresAt}.`);
    onProblem(`Approval ${request.id} could not be withdrawn (${reason}) and stays open to its voters meanwhile; it is tried again.`);
    void this.#again(request);
  }

  async #again(request: ApprovalRequest): Promise<void> {
    for (let attempt = 1; attempt < WITHDRAW_ATTEMPTS; attempt += 1) {
      await new Promise<void>((resolve) => void this.#ports.clock.after(PAUSE_MS, resolve));
      if ((await this.#attempt(request)).ok) return;
    }
    this.#ports.onProblem(`Approval ${request.id} could not be withdrawn in ${WITHDRAW_ATTEMPTS} attempts: it stays open to its voters until ${request.expiresAt}.`);
  }

  /** What approval does not know is open to nobody. */
  async #attempt({ id }: ApprovalRequest): Promise<Outcome<unknown>> {
    const { connector, instance } = this.#ports;
    const outcome = await this.#ports.rpc.call('approval.withdraw', { id, connector, instance });
    return outcome.ok || outcome.refusal.reason !== 'approval_unknown' ? outcome : { ok: true, value: undefined };
  }
}
