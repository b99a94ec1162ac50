import { z } from 'zod';

const Count = z.number().int().nonnegative();

/** Rows of one object that a command changed, or would, whatever of it did that: the command itself, a cascade, a trigger. */
export const ObjectChanges = z.object({
  /** As the target names it, e.g. `public.orders`. */
  object: z.string(),
  inserted: Count,
  updated: Count,
  deleted: Count,
});
export type ObjectChanges = z.infer<typeof ObjectChanges>;

/** Some of the rows, as the requester might see them and no clearer; long values are cut. */
export const RowSample = z.object({ columns: z.array(z.string()), rows: z.array(z.array(z.string().nullable())) });
export type RowSample = z.infer<typeof RowSample>;

/**
 * What a command would do, found out before anyone is asked. `none`: nothing could be, and `reason` says why. `estimate`: the target's own
 * plan, nothing was run. `exact`: it was run in a transaction that was rolled back.
 */
export const ImpactPreview = z.object({
  kind: z.enum(['none', 'estimate', 'exact']),
  /** Why it is no more than that, where more was to be had: one sentence. */
  reason: z.string().optional(),
  /** Rows that the target expects to be changed, or read where nothing is. */
  estimatedRows: Count.optional(),
  /** The target's plan, a line a step, outermost first. */
  plan: z.array(z.string()).optional(),
  /** Rows that were changed, of all objects together. */
  rows: Count.optional(),
  changes: z.array(ObjectChanges).optional(),
  sample: RowSample.optional(),
  /** Why there is no sample of what was counted. */
  sampleWithheld: z.string().optional(),
  /** RFC 3339. */
  takenAt: z.string(),
});
export type ImpactPreview = z.infer<typeof ImpactPreview>;

/** What people agree to of a command's effect: it is kept within that, or it does not happen. */
export const EffectBound = z.object({
  /** Rows that may be changed, of all objects together, by whatever the command sets off. Absent where none can be held: `unbounded` says why. */
  maxRows: Count.optional(),
  unbounded: z.string().optional(),
  /** It runs inside a transaction that its requester has opened: whether what it does is committed is the requester's, and deferred constraints are checked only then. */
  openTransaction: z.boolean().optional(),
  /** What the number does not cover, one sentence each. */
  beside: z.array(z.string()).optional(),
});
export type EffectBound = z.infer<typeof EffectBound>;

/** What a bounded command did, and whether that was let stand. */
export const BoundedEffect = z.object({ rows: Count, maxRows: Count, changes: z.array(ObjectChanges), kept: z.boolean() });
export type BoundedEffect = z.infer<typeof BoundedEffect>;
