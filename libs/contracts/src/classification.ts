import { z } from 'zod';
import { ColumnTag } from './bundle.js';

/** One column of a target, as a connector found it. Nothing of its values is in it. */
export const SurveyedColumn = z.object({
  schema: z.string(),
  table: z.string(),
  column: z.string(),
  /** The name of its type. */
  type: z.string(),
  /** Values that were looked at, NULL left out. */
  values: z.number().int(),
  /** By kind of content: in how many of these it was found. */
  found: z.record(z.string(), z.number().int()),
  /** Why none was looked at, where that was not for want of rows. */
  unread: z.string().optional(),
});
export type SurveyedColumn = z.infer<typeof SurveyedColumn>;

/** What a column may hold, for a person to decide. */
export const TagProposal = z.object({ tag: z.string(), sure: z.number().min(0).max(1), because: z.string() });
export type TagProposal = z.infer<typeof TagProposal>;

/** A column, what was said of it, and what may be said beside. */
export const ClassifiedColumn = SurveyedColumn.extend({ tags: z.array(ColumnTag), proposals: z.array(TagProposal) });
export type ClassifiedColumn = z.infer<typeof ClassifiedColumn>;
