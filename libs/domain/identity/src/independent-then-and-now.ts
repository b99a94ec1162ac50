import { accepted, type Outcome } from '@interlock/kernel';
import type { Configuration, Principal } from '@interlock/contracts';
import { asOfNow } from './as-of-now.js';
import { independent } from './independent.js';

/**
 * Whether two principals share no human, by what was known of each when they acted and by the configuration of now: owners
 * may have changed since. Whom the configuration no longer knows has nobody known behind them, which counts as shared.
 */
export function independentThenAndNow(first: Principal, second: Principal, configuration: Configuration): Outcome<unknown> {
  for (const one of [first, now(first, configuration)]) {
    for (const other of [second, now(second, configuration)]) {
      const apart = independent(one, other);
      if (!apart.ok) return apart;
    }
  }
  return accepted(undefined);
}

function now(principal: Principal, configuration: Configuration): Principal {
  return asOfNow(principal, configuration) ?? { ...principal, party: [] };
}
