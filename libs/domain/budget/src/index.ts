export { accountOf, isOfAnswers, MEASURES, windowEndMs, windowOf, type Account } from './account.js';
export { lease, leasedOf, LISTED_LEASES, type LeaseCommand, type LeaseEvent } from './lease.js';
