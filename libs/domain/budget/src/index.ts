export { accountOf, accountsAt, isOfAnswers, isPaidAfter, MEASURES, rowsWrittenBy, spanOf, windowEndMs, windowOf, type Account } from './account.js';
export { lease, leasedOf, LISTED_LEASES, oldestOf, type LeaseCommand, type LeaseEvent } from './lease.js';
export { newlyShown, oldestShown, shown, type ShowCommand, type ShowEvent } from './shown.js';
