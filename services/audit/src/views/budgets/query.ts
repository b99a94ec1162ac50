import type { Repository } from 'typeorm';
import type { BudgetRow } from './row.js';

/** The windows that end last, of every account. */
export function latestWindows(repository: Repository<BudgetRow>, most: number): Promise<BudgetRow[]> {
  return repository.find({ order: { windowEndsAt: 'DESC', budget: 'ASC', account: 'ASC' }, take: most });
}

/** The members of a row that a list shows. */
export function budgetSummary({ budget, account, leased, most, windowEndsAt, leasedAt }: BudgetRow) {
  return { budget, account, leased, most, left: Math.max(0, most - leased), windowEndsAt, leasedAt };
}
