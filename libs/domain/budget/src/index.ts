export { accountOf, isOfAnswers, isPaidAfter, MEASURES, rowsWrittenBy, spanOf, windowEndMs, windowOf, type Account } from './account.js';
export { lease, leasedOf, LISTED_LEASES, oldestOf, type LeaseCommand, type LeaseEvent } from './lease.js';
