import type { Ledger } from '@interlock/kernel';
import { draft, type Decision, type RpcClient } from '@interlock/contracts';
import type { RecordedDecision } from './recorded.js';
import type { Review } from './second-judge.js';
import type { Mismatch } from './tally.js';

export interface Differing {
  readonly decision: RecordedDecision;
  readonly review: Extract<Review, { kind: 'differs' }>;
}

/** Identity, or the ledger, did not take an incident; it is to be raised again. */
export class NotRaised extends Error {
  override readonly name = 'NotRaised';
}

/** What follows when a connector decided otherwise: it is locked first, and then it is told to the ledger. */
export class Incidents {
  constructor(private readonly rpc: Pick<RpcClient, 'call'>, private readonly ledger: Ledger) {}

  /**
   * Raises those of one batch: one connector, one lock. Raised again after a fault in between, it locks no second time.
   *
   * @throws NotRaised, or LedgerUnavailable
   */
  async raise(differing: readonly [Differing, ...Differing[]]): Promise<readonly Mismatch[]> {
    const lock = await this.#lock(differing[0]);
    const mismatches = differing.map((one) => mismatchOf(one, lock));
    await this.ledger.append(mismatches.map(({ command, at: _at, ...data }, index) => draft('decision.mismatch.v1', data, { session: differing[index]!.decision.session, command })));
    return mismatches;
  }

  async #lock({ decision, review }: Differing): Promise<string | undefined> {
    const [connector = '', instance = ''] = decision.connector.split('/');
    const reason = `It decided otherwise than its rules, event ${decision.event}: ${review.differences[0]!}`.slice(0, 500).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ');
    const answer = await this.rpc.call('identity.lockConnector', { connector, instance, event: decision.event, reason });
    if (!answer.ok) throw new NotRaised(`identity did not lock ${decision.connector}: ${answer.refusal.detail}`);
    return answer.value.lock?.id;
  }
}

function mismatchOf({ decision: { event, sequence, connector, command, at, data }, review: { differences, again } }: Differing, lock: string | undefined): Mismatch {
  return {
    event, sequence, connector, command, at, principal: data.principal, target: data.target, bundleVersion: data.decision.bundleVersion,
    differences: [...differences], recorded: judged(data.decision), ...(again && { again: judged(again) }), ...(lock !== undefined && { lock }),
  };
}

function judged({ outcome, reasons }: Decision) {
  return { outcome, rules: reasons.map(({ rule }) => rule) };
}
