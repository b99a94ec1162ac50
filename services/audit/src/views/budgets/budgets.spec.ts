import { describe, expect, it } from 'vitest';
import { event } from '../../../spec/events.js';
import { rowsAfter } from '../../../spec/memory-view.js';
import { budgets } from './evolve.js';
import { budgetSummary } from './query.js';

const [NINE, TEN] = ['2026-01-01T09:00:00.000Z', '2026-01-01T10:00:00.000Z'];
const leased = (total: number, windowEndsAt: string, more: { account?: string; erased?: boolean; rolling?: true } = {}) =>
  event('budget.leased.v1', { budget: 'b', account: more.account ?? 'principal a', lessee: 'c', amount: 1, leased: total, most: 10, windowEndsAt, ...(more.rolling && { rolling: true }) }, { session: 's1', command: 'c1', ...(more.erased && { erased: true }) });

describe('the view of budgets', () => {
  it('holds what is leased of each account in each window', () => {
    const rows = rowsAfter(budgets, [leased(2, NINE), leased(4, NINE), leased(1, TEN), leased(3, NINE, { account: 'share of d' })]);
    expect([...rows.values()].map(({ account, leased: total, windowEndsAt }) => [account, total, windowEndsAt])).toEqual([['principal a', 4, NINE], ['principal a', 1, TEN], ['share of d', 3, NINE]]);
  });

  it('holds the highest total, in whatever order leases were recorded', () => {
    const [row] = rowsAfter(budgets, [leased(7, NINE), leased(5, NINE)]).values();
    expect(budgetSummary(row!)).toMatchObject({ budget: 'b', leased: 7, most: 10, left: 3, windowEndsAt: NINE });
  });

  it('holds one row of a rolling account: of its latest part, and of that the highest total', () => {
    const rolling = { rolling: true } as const;
    const rows = rowsAfter(budgets, [leased(7, NINE, rolling), leased(3, TEN, rolling), leased(5, TEN, rolling), leased(4, TEN, rolling), leased(9, NINE, rolling)]);
    expect([...rows.values()].map(({ windowEndsAt, leased: total }) => [windowEndsAt, total])).toEqual([[TEN, 5]]);
  });

  it('has no row for what can no longer be read', () => expect(rowsAfter(budgets, [leased(1, NINE, { erased: true })]).size).toBe(0));
});
