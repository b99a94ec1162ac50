/** How the supervisor brings back what died. */
export const RESTART = {
  /** Wait before the first restart. */
  firstMs: 100,
  /** Longest wait between two restarts; each failure doubles the wait up to here. */
  longestMs: 2_000,
  /** A part that ran this long is healthy again: its failures are forgotten. */
  settledMs: 5_000,
  /** Time a part has to become ready before it is ended and started again. */
  readyMs: 60_000,
  /** Failures during the very first start after which the start is given up. */
  firstStartFailures: 4,
  /** Time a part has to end after it was asked to, before it is killed. */
  stopMs: 25_000,
  /** Distance between two questions whether a part is ready. */
  pollMs: 50,
} as const;

/** The wait before restart number `failures` (1 is the first). */
export function restartDelayMs(failures: number): number {
  return Math.min(RESTART.longestMs, RESTART.firstMs * 2 ** Math.max(0, failures - 1));
}

/** Failures to count after one more, when the part had been ready for `livedMs`. */
export function countFailure(failures: number, livedMs: number): number {
  return livedMs >= RESTART.settledMs ? 1 : failures + 1;
}
