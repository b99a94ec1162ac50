import { z } from 'zod';
import { Principal } from './principal.js';

/**
 * By it an approver lets one other human vote in their stead, on subject `control.delegation.<id>` of stream CONTROL. It stands from `from` until `until`,
 * or until it is revoked.
 */
export const VoteDelegation = z.object({
  id: z.string(),
  /** Whose vote it is, as they were when they gave it. */
  delegator: Principal,
  /** Who may cast it, as they were then. */
  delegate: Principal,
  /** Roles of the delegator that the vote may count for. */
  roles: z.array(z.string()).min(1),
  /** Only for requests at these targets; anywhere when absent. */
  targets: z.array(z.string()).min(1).optional(),
  /** Only for requests that these rules ask for, and no others; any when absent. */
  rules: z.array(z.string()).min(1).optional(),
  reason: z.string(),
  from: z.string(),
  until: z.string(),
});
export type VoteDelegation = z.infer<typeof VoteDelegation>;
