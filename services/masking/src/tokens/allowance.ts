import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Principal } from '@interlock/contracts';

/** Tokens that one person may be told in one hour. */
export const TOKENS_PER_HOUR = 30;
const HOUR_MS = 3_600_000;

/** How often one person may ask, over the hour before: looking one up is work, reading a table so is a leak. It begins anew with the service. */
export class Allowance {
  readonly #asked = new Map<string, number[]>();

  constructor(private readonly nowMs: () => number) {}

  /** Refuses with `detokenise_rate`, retryable. What is refused does not count. */
  take({ issuer, subject, name }: Pick<Principal, 'issuer' | 'subject' | 'name'>): Outcome<true> {
    const now = this.nowMs();
    const key = JSON.stringify([issuer, subject]);
    const recent = (this.#asked.get(key) ?? []).filter((at) => at > now - HOUR_MS);
    if (recent.length >= TOKENS_PER_HOUR) {
      return refused('detokenise_rate', `${name} was told ${TOKENS_PER_HOUR} tokens within the last hour, which is as many as one person may be.`, { hint: 'Ask again later.', retryable: true });
    }
    this.#asked.set(key, [...recent, now]);
    return accepted(true);
  }
}
