import type { Refusal } from '@interlock/kernel';
import { windowEndMs, type Account } from '@interlock/domain-budget';

/** When what counts with a window counts no more, RFC 3339. */
export function endOf({ budget }: Account, window: number): string {
  return new Date(windowEndMs(budget, window)).toISOString();
}

/** A refusal of a budget's decider, for whoever sent the command; any other as it is. `window` is the one that is in the way, and the first to end. */
export function inWords(refusal: Refusal, account: Account, window: number): Refusal {
  const { reason, detail } = refusal;
  const { budget: { name, what, windowSeconds, rolling } } = account;
  const end = endOf(account, window);
  if (reason === 'budget_used_up') {
    const [any, ends] = rolling ? ['any ', `Some of it counts no more from ${end} on.`] : ['', `Its window ends at ${end}.`];
    return { reason, detail: `Budget ${name} limits the ${what} of ${account.name} in ${any}${windowSeconds} s. ${detail} ${ends}`, retryable: true, hint: `Send the command again after ${end}.` };
  }
  if (reason === 'budget_window_over') {
    return { reason, detail: `What budget ${name} counts now is over by the clock of another connector.`, retryable: true, hint: 'Send the command again in a moment.' };
  }
  return refusal;
}
