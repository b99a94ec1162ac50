import type { ApprovalRequest, GrantState, RoleEntry } from '@interlock/contracts';
import { belowCeilings, shortEnough } from '@interlock/domain-approval';
import type { AggregateStore, Outcome } from '@interlock/kernel';

/** Lets requests for approval in below the ceilings. Those on their way in count, so that many at once are no way around. */
export class Admission {
  readonly #entering = new Set<ApprovalRequest>();

  constructor(private readonly grants: AggregateStore<GrantState>, private readonly nowMs: () => number, private readonly roles: () => readonly RoleEntry[]) {}

  async enter<T>(asked: ApprovalRequest, store: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const short = shortEnough(asked);
    if (!short.ok) return short;
    const before = [...this.#entering];
    this.#entering.add(asked);
    try {
      const admitted = belowCeilings(asked, await this.#others(before), this.nowMs(), this.roles());
      return admitted.ok ? await store() : admitted;
    } finally {
      this.#entering.delete(asked);
    }
  }

  async #others(entering: readonly ApprovalRequest[]): Promise<readonly GrantState[]> {
    const states = new Map<string, GrantState>(entering.map((request) => [request.id, { status: 'pending', request, votes: [] }]));
    for (const { key, value } of await this.grants.list()) states.set(key, value);
    return [...states.values()];
  }
}
