import type { Outcome, Refusal } from '@interlock/kernel';

/** What was waited for, or why it did not come. */
export async function awaited<T extends object>(work: Promise<Outcome<T>>): Promise<T | { readonly refusal: Refusal }> {
  const outcome = await work;
  return outcome.ok ? outcome.value : outcome;
}
