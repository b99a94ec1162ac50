import { z } from 'zod';
import { PolicyFile } from './bundle.js';
import { Principal } from './principal.js';

/** The whole state of one proposed change, as the last message on `changes.change-<id>` of stream CHANGES holds it. */
export const ChangeState = z.object({
  kind: z.literal('change'),
  change: z.string(),
  /** `approved`: decided and on its way into force; `applied`: its bundle is published. */
  status: z.enum(['pending', 'approved', 'applied', 'denied']),
  author: Principal,
  /** Every file of the proposed configuration, as proposed. */
  files: z.array(PolicyFile),
  contentHash: z.string(),
  summary: z.array(z.string()),
  proposedAt: z.string(),
  /** Version of the configuration it was compared with; 0 for the first one. */
  baseVersion: z.number().int().nonnegative(),
  /** The first configuration of an installation, which nobody approves. */
  bootstrap: z.boolean(),
  decidedBy: Principal.optional(),
  decidedAt: z.string().optional(),
  /** Version it becomes, once approved. */
  version: z.number().int().positive().optional(),
  /** Whether the ledger has acknowledged the decision. */
  recorded: z.boolean(),
});
export type ChangeState = z.infer<typeof ChangeState>;

/** Which change took a version: `changes.version-<n>`, written once, so that no version is given twice. */
export const VersionTaken = z.object({ kind: z.literal('version'), version: z.number().int().positive(), change: z.string() });
export type VersionTaken = z.infer<typeof VersionTaken>;

/** What a message of stream CHANGES holds. */
export const ChangeRecord = z.discriminatedUnion('kind', [ChangeState, VersionTaken]);
export type ChangeRecord = z.infer<typeof ChangeRecord>;
