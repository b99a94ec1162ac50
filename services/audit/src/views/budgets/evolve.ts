import type { EventData } from '@interlock/contracts';
import type { View } from '../view.js';
import type { BudgetRow } from './row.js';

const HANDLED = ['budget.leased.v1'] as const;

/** What is leased of each account in each window; of a rolling one, as of its latest part. Leases of different connectors may reach the ledger in another order than they were given: the highest total stands. */
export const budgets: View<BudgetRow, (typeof HANDLED)[number]> = {
  name: 'budgets',
  handled: HANDLED,

  keyOf: ({ data }) => data && keyOf(data),

  evolve(row, { metadata, data }) {
    if (!data) return row;
    const { budget, account, windowEndsAt, leased, most } = data;
    if (row && row.windowEndsAt > windowEndsAt) return row;
    const before = row?.windowEndsAt === windowEndsAt ? row.leased : 0;
    return { window: keyOf(data), budget, account, windowEndsAt, leased: Math.max(leased, before), most, leasedAt: metadata.time };
  },
};

function keyOf({ budget, account, windowEndsAt, rolling }: EventData<'budget.leased.v1'>): string {
  return `${budget}/${account}/${rolling ? 'rolling' : windowEndsAt}`;
}
