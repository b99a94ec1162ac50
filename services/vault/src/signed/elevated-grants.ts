import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Lock } from '@interlock/contracts';
import type { Recognised } from '@interlock/domain-identity';
import type { LedgerBook } from './ledger-book.js';

export interface ElevatedGrantsPorts {
  readonly ledgerBook: Pick<LedgerBook, 'upToDate'>;
  readonly locks: () => Iterable<Lock>;
  readonly nowMs: () => number;
}

/** Lets an elevated credential go for one grant, once. What was taken and then not given (a crash, no ledger) is lost with its grant. */
export class ElevatedGrants {
  readonly #ports: ElevatedGrantsPorts;

  constructor(ports: ElevatedGrantsPorts) {
    this.#ports = ports;
  }

  async take(wish: { readonly grant?: string | undefined; readonly target: string; readonly connector: string }, { principal, configuration }: Recognised): Promise<Outcome<unknown>> {
    const { grant, target, connector } = wish;
    if (grant === undefined) return refused('grant_required', 'An elevated credential is released for a grant only, and none is named.');
    const { ledgerBook, locks, nowMs } = this.#ports;
    const book = await ledgerBook.upToDate();
    if (!book.ok) return book;
    const usable = book.value.usable({ grant, target, connector, principal }, { configuration, locks: locks() }, nowMs());
    if (!usable.ok) return usable;
    return book.value.claim(grant) ? accepted(undefined) : refused('grant_not_usable', 'A credential was released for this grant already.');
  }
}
