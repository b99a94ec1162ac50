import { z } from 'zod';
import { Lock } from '../control.js';

export const ChangeProposed = z.object({ change: z.string(), author: z.string(), summary: z.array(z.string()), contentHash: z.string(), bootstrap: z.boolean() });
export const ChangeDecided = z.object({
  change: z.string(), approver: z.string(), verdict: z.enum(['approve', 'deny']),
  /** What was agreed to: the hash of the files that `change.proposed.v1` names. */
  contentHash: z.string().optional(),
});
export const ChangeRejected = z.object({ change: z.string(), approver: z.string(), reason: z.string(), detail: z.string() });
/** Someone proposed a configuration that was not taken: it does not read, does not compile, or they may not. */
export const ChangeRefused = z.object({ author: z.string().optional(), contentHash: z.string(), reason: z.string(), detail: z.string() });
export const BundlePublished = z.object({ version: z.number().int(), change: z.string(), hash: z.string() });
/** A secret was set; the event names it and never holds it. */
export const SecretSet = z.object({ target: z.string(), by: z.string(), kind: z.string() });
/** The vault sealed a credential to one connector for one session. */
export const CredentialReleased = z.object({
  target: z.string(), connector: z.string(), principal: z.string(), kind: z.enum(['standing', 'elevated', 'probe']),
  /** The one grant that an elevated credential is released for. */
  grant: z.string().optional(),
});
export const CredentialRefused = z.object({ target: z.string(), connector: z.string(), reason: z.string(), detail: z.string() });
export const LockSet = z.object({ lock: Lock });
export const LockLifted = z.object({ lock: z.string(), by: z.array(z.string()) });
/** The first of the two words that lift a lock. */
export const UnlockProposed = z.object({ lock: z.string(), by: z.string() });
/** Someone may not lock or unlock, and tried. */
export const LockRefused = z.object({ by: z.string(), attempt: z.enum(['lock', 'unlock']), subject: z.string(), reason: z.string(), detail: z.string() });
export const ServiceStarted = z.object({ service: z.string(), instance: z.string(), version: z.string() });
export const ServiceStopped = z.object({ service: z.string(), instance: z.string() });
/** Reading a recording or a view is itself recorded. */
export const RecordRead = z.object({ reader: z.string(), what: z.string(), subject: z.string() });
