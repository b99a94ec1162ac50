import { describe, expect, it } from 'vitest';
import { countFailure, RESTART, restartDelayMs } from './restart-policy.js';

describe('restarting', () => {
  it('waits twice as long each time, up to a ceiling', () => {
    expect([1, 2, 3, 4, 5, 6, 60].map(restartDelayMs)).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
  });

  it('forgets failures of a part that ran for a while', () => {
    expect(countFailure(5, RESTART.settledMs)).toBe(1);
    expect(countFailure(5, RESTART.settledMs - 1)).toBe(6);
  });
});
