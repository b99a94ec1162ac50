import { z } from 'zod';

/**
 * A connector may use that much more of a budget until its window ends. The command that this event is about was the first to need it;
 * later ones of any session of that connector may draw on it. Of a budget of subjects, so many were shown by this command that had not been: any
 * connector may show them again.
 */
export const BudgetLeased = z.object({
  budget: z.string(),
  /** Whose account of that budget. */
  account: z.string(),
  /** The connector's running instance. */
  lessee: z.string(),
  amount: z.number().int().positive(),
  /** What all connectors have leased of the window, this included. */
  leased: z.number().int().positive(),
  most: z.number().int().positive(),
  /** RFC 3339; of a rolling budget, when this lease counts no more. */
  windowEndsAt: z.string(),
  /** It is of a rolling budget. */
  rolling: z.literal(true).optional(),
});
