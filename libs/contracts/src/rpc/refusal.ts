import { z } from 'zod';

/** The error every request between services may answer instead of its value. */
export const RpcRefusal = z.object({
  reason: z.string(),
  detail: z.string(),
  rule: z.string().optional(),
  hint: z.string().optional(),
  retryable: z.boolean().optional(),
});
