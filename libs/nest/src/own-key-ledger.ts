import { LedgerUnavailable, LIMITS, type EventDraft, type Ledger, type Outcome, type Receipt } from '@interlock/kernel';
import type { Logger } from './logger.js';

/** Makes the key under which a service's own events are encrypted known to the recorder. */
export type KeyRegistration = () => Promise<Outcome<unknown>>;

const RETRY_MS = 200;

/**
 * The ledger of one service's run. Its own event key is registered before its first event is appended: until then every
 * append waits, in order, and is refused after {@link LIMITS.ledgerAckMs} like any other that the ledger did not take.
 *
 * Registration is asked for by the first append and not at start, because the recorder is itself a service that may
 * start later; the recorder registers its own key without the bus. So no two services wait for each other.
 */
export class OwnKeyLedger implements Ledger {
  #registered: Promise<void> | undefined;
  #isRegistered = false;

  constructor(private readonly ledger: Ledger, private readonly register: KeyRegistration, private readonly logger: Logger, private readonly nowMs: () => number) {}

  append(drafts: readonly EventDraft[]): Promise<Receipt> {
    if (this.#isRegistered) return this.ledger.append(drafts);
    this.#registered ??= this.#registerInTime();
    return this.#registered.then(() => this.ledger.append(drafts));
  }

  async #registerInTime(): Promise<void> {
    const untilMs = this.nowMs() + LIMITS.ledgerAckMs;
    for (;;) {
      const problem = await this.#attempt();
      if (problem === undefined) {
        this.#isRegistered = true;
        return;
      }
      if (this.nowMs() + RETRY_MS >= untilMs) {
        this.#registered = undefined;
        throw new LedgerUnavailable(`the recorder did not take this service's event key: ${problem}`);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  async #attempt(): Promise<string | undefined> {
    try {
      const outcome = await this.register();
      return outcome.ok ? undefined : outcome.refusal.reason;
    } catch (fault) {
      this.logger.debug('the event key could not be registered', { error: fault });
      return fault instanceof Error ? fault.name : 'fault';
    }
  }
}
