import type { RpcResponse } from '@interlock/contracts';
import type { Undecidable } from './recorded.js';

type Told = RpcResponse<'policy.secondDecisions'>;
export type Mismatch = Told['mismatches'][number];
export type Tallied = Pick<Told, 'decided' | 'mismatched' | 'mismatches' | 'undecidable'>;

/** Mismatches kept to be told; all of them are in the ledger. */
const KEPT = 20;

/** What the second decision came to so far. */
export class Tally {
  #tallied: Tallied;

  constructor(tallied: Tallied = { decided: 0, mismatched: 0, mismatches: [], undecidable: [] }) {
    this.#tallied = tallied;
  }

  get now(): Tallied {
    return this.#tallied;
  }

  /** One batch is done with. */
  add(decided: number, mismatches: readonly Mismatch[], undecidable: readonly Undecidable[]): void {
    const before = this.#tallied;
    this.#tallied = {
      decided: before.decided + decided,
      mismatched: before.mismatched + mismatches.length,
      mismatches: [...mismatches.toReversed(), ...before.mismatches].slice(0, KEPT),
      undecidable: undecidable.reduce<Tallied['undecidable']>(counted, before.undecidable),
    };
  }

  /** One sentence about what could not be decided; undefined where there was nothing. */
  get gaps(): string | undefined {
    const { undecidable } = this.#tallied;
    if (undecidable.length === 0) return undefined;
    const last = undecidable.map((one) => one.last).reduce((newest, one) => (one.sequence > newest.sequence ? one : newest));
    return `${undecidable.map(({ reason, count }) => `${count} ${reason}`).join(', ')} could not be decided again, the last in batch ${last.sequence}: ${last.detail}`;
  }
}

function counted(known: Tallied['undecidable'], { reason, event, sequence, detail }: Undecidable): Tallied['undecidable'] {
  const before = known.find((one) => one.reason === reason)?.count ?? 0;
  return [...known.filter((one) => one.reason !== reason), { reason, count: before + 1, last: { event, sequence, detail } }];
}
