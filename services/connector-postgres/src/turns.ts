import type { Clock } from '@interlock/gateway';
import { POSTGRES_LIMITS } from './limits.js';

/** What one principal has used of the thread that understands everyone's statements. */
interface Account {
  /** Milliseconds used and not yet made up for, as of `atMs`. */
  owedMs: number;
  atMs: number;
  readonly waiting: (() => void)[];
  isWaking: boolean;
}

/** One segment being understood. */
export interface Spell {
  /** Whether the rest of the segment is to wait for another turn. */
  isLong(this: void): boolean;
  end(this: void): void;
}

/** Accounts that are kept before those are forgotten that owe nothing. */
const ACCOUNTS = 1_024;

/**
 * Who may have statements understood now. One thread does it for all sessions; a principal whose segments have taken long waits, with all of
 * its sessions, until it has made up for it, one of them at a time and in the order in which they came. What a segment takes within
 * POSTGRES_LIMITS.segmentFreeMs is free: the event loop shares that out by itself.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #accounts = new Map<string, Account>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when it is this principal's turn; undefined when it is at once. */
  of(principal: string): Promise<void> | undefined {
    const account = this.#accounts.get(principal);
    if (!account || (account.waiting.length === 0 && !account.isWaking && this.#waitMs(account) === 0)) return undefined;
    return new Promise((resolve) => {
      account.waiting.push(resolve);
      this.#wake(account);
    });
  }

  /** A segment begins to be understood. */
  begin(principal: string): Spell {
    const startedAtMs = this.#clock.nowMs();
    const elapsedMs = (): number => this.#clock.nowMs() - startedAtMs;
    return { isLong: () => elapsedMs() > POSTGRES_LIMITS.segmentTurnMs, end: () => this.spent(principal, elapsedMs()) };
  }

  /** A segment has been understood, in so many milliseconds. */
  spent(principal: string, ms: number): void {
    const counted = ms - POSTGRES_LIMITS.segmentFreeMs;
    if (!(counted > 0)) return;
    if (this.#accounts.size >= ACCOUNTS) this.#forgetSettled();
    const account = this.#accounts.get(principal) ?? { owedMs: 0, atMs: this.#clock.nowMs(), waiting: [], isWaking: false };
    this.#settle(account);
    account.owedMs += counted;
    this.#accounts.set(principal, account);
  }

  /** One at a time: whoever is woken uses its turn before the next one's is reckoned. */
  #wake(account: Account): void {
    if (account.isWaking || account.waiting.length === 0) return;
    account.isWaking = true;
    this.#clock.after(this.#waitMs(account), () => {
      account.isWaking = false;
      if (this.#waitMs(account) === 0) account.waiting.shift()?.();
      this.#wake(account);
    });
  }

  #waitMs(account: Account): number {
    this.#settle(account);
    return Math.ceil(Math.max(0, account.owedMs - POSTGRES_LIMITS.understandingMs) / POSTGRES_LIMITS.understandingShare);
  }

  #settle(account: Account): void {
    const now = this.#clock.nowMs();
    account.owedMs = Math.max(0, account.owedMs - Math.max(0, now - account.atMs) * POSTGRES_LIMITS.understandingShare);
    account.atMs = now;
  }

  #forgetSettled(): void {
    for (const [principal, account] of this.#accounts) {
      this.#settle(account);
      if (account.owedMs === 0 && account.waiting.length === 0 && !account.isWaking) this.#accounts.delete(principal);
    }
  }
}
