import { z } from 'zod';
import { Name } from './name.js';

/**
 * What a budget counts: commands that are sent to a target, those of them that may change something there, the rows that these write, rows and their
 * bytes on the way back, as the target sends them, or the different subjects (persons, say) whose rows are shown.
 */
export const BudgetMeasure = z.enum(['commands', 'mutations', 'rowsWritten', 'rowsReturned', 'bytes', 'subjects']);
export type BudgetMeasure = z.infer<typeof BudgetMeasure>;

/** A part of a budget for one sub-agent alone. Nobody else draws on it, and its agent draws on nothing else of that budget. */
export const BudgetShare = z.strictObject({ principal: Name, most: z.number().int().min(1) });
export type BudgetShare = z.infer<typeof BudgetShare>;

/**
 * How much of something may be done in one window, over all connectors.
 *
 * Windows are fixed: they begin at multiples of `windowSeconds` since the epoch, by the clock of the connector that the command came
 * through. `most` is exact for each of them, so around the edge between two there may be up to twice as much within one window's length. Of a
 * rolling budget every stretch of that length is a window; what was leased counts for up to a 24th of it longer.
 */
export const Budget = z.strictObject({
  name: Name,
  /** Whose it is: that principal's, its acting for others included; each principal's of that role, one account each; or one account of all behind whom that human stands. */
  of: z.union([z.strictObject({ principal: Name }), z.strictObject({ role: Name }), z.strictObject({ party: Name })]),
  /** At that target alone; anywhere when absent. */
  target: Name.optional(),
  what: BudgetMeasure,
  /** Of `subjects`: the columns whose values say of whom a row is, `schema.table.column` each. Equal values are the same subject, in whichever of them they stand. */
  subjects: z.array(z.string().regex(/^[^.]+\.[^.]+\.[^.]+$/, 'schema.table.column')).min(1).max(32).optional(),
  most: z.number().int().min(1).max(1_000_000_000_000),
  windowSeconds: z.number().int().min(1).max(31 * 86_400),
  /** Every stretch of `windowSeconds` is a window, and not only those that begin at its multiples. */
  rolling: z.literal(true).optional(),
  /** Taken out of `most`; what is left of it is for whoever has no share. */
  divide: z.array(BudgetShare).max(100).default([]),
});
export type Budget = z.infer<typeof Budget>;

/** What is leased of one account in one window. */
export const LeasedWindow = z.object({
  /** Counted from the epoch in the budget's own length; of a rolling budget, in 24ths of it. */
  window: z.number().int().nonnegative(),
  /** By connector instance, what it holds or has used. */
  leases: z.array(z.object({ lessee: z.string(), amount: z.number().int().positive() })),
  /** Leases that are listed no more, in sum; nothing of them comes back. */
  earlier: z.number().int().nonnegative(),
});
export type LeasedWindow = z.infer<typeof LeasedWindow>;

/**
 * What connectors have leased of one account, as the last message on its subject `budgets.<hash>` of stream BUDGETS holds it. Every change
 * appends the new state by compare-and-set. The lease of a later window replaces it, but for the windows of a rolling budget that still count: with its window a lease ends.
 */
export const BudgetState = LeasedWindow.extend({
  budget: z.string(),
  account: z.string(),
  /** Of a rolling budget, what was leased in 24ths before, the latest first. */
  past: z.array(LeasedWindow).optional(),
});
export type BudgetState = z.infer<typeof BudgetState>;

/** A budget of subjects allows so many at most: what is stored of an account then fits one message of its stream, twice. */
export const SUBJECTS_MOST = 2_000;

/** Subjects that were shown in one window, and in no later one: keyed hashes, from which nobody but the connector that has the key could find a value again. */
export const ShownSubjects = z.object({
  /** Counted as in {@link LeasedWindow}. */
  window: z.number().int().nonnegative(),
  subjects: z.array(z.string()),
});
export type ShownSubjects = z.infer<typeof ShownSubjects>;

/**
 * Which subjects were shown of one account, as the last message on its subject `budgets.subjects.<hash>` of stream BUDGETS holds it. Every change appends
 * the new state by compare-and-set; a subject is in it before it is shown.
 */
export const SubjectsState = z.object({
  budget: z.string(),
  account: z.string(),
  /** The latest first; windows that count no more are let go of. */
  windows: z.array(ShownSubjects),
});
export type SubjectsState = z.infer<typeof SubjectsState>;
