import type { FuzzBudget } from './fuzz.js';

const ITERATIONS = 30_000;

/**
 * From the environment: `FUZZ_SECONDS` (2 for each decoder when absent; above that the number of inputs has no bound) and
 * `FUZZ_SEED` (fixed when absent, so that every run of the tests sees the same inputs).
 */
export function budgetFrom(env: NodeJS.ProcessEnv): FuzzBudget {
  const seconds = Number(env['FUZZ_SECONDS'] ?? 2);
  return { seed: Number(env['FUZZ_SEED'] ?? 1), seconds, iterations: env['FUZZ_SECONDS'] === undefined ? ITERATIONS : Number.MAX_SAFE_INTEGER };
}
