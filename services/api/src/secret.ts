import { z } from 'zod';

const PASSWORD_MAX_CHARACTERS = 4_096;

/** The body of a secret: what Interlock presents at the target. */
export const SecretBody = z.strictObject({
  user: z.string().min(1).max(63),
  password: z.string().min(1).max(PASSWORD_MAX_CHARACTERS),
  /** `standing` runs the agents' commands; `probe` reads the catalog; `elevated` runs one command that people have signed. */
  kind: z.enum(['standing', 'probe', 'elevated']).default('standing'),
});
export type SecretBody = z.infer<typeof SecretBody>;
