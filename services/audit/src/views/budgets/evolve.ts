import type { View } from '../view.js';
import type { BudgetRow } from './row.js';

const HANDLED = ['budget.leased.v1'] as const;

/** What is leased of each account in each window. Leases of different connectors may reach the ledger in another order than they were given: the highest total stands. */
export const budgets: View<BudgetRow, (typeof HANDLED)[number]> = {
  name: 'budgets',
  handled: HANDLED,

  keyOf: ({ data }) => data && `${data.budget}/${data.account}/${data.windowEndsAt}`,

  evolve(row, { metadata, data }) {
    if (!data) return row;
    const { budget, account, windowEndsAt, leased, most } = data;
    return { window: `${budget}/${account}/${windowEndsAt}`, budget, account, windowEndsAt, leased: Math.max(leased, row?.leased ?? 0), most, leasedAt: metadata.time };
  },
};
