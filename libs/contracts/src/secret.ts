import { z } from 'zod';

/** What a secret is for: the commands of principals, the gateway's own reading of the catalog, or one command that people have signed. */
export const SecretKind = z.enum(['standing', 'probe', 'elevated']);
export type SecretKind = z.infer<typeof SecretKind>;

/** What a secret holds, inside boxes and wrappings only: how the gateway presents itself to a target. */
export const Credential = z.strictObject({
  user: z.string().min(1).max(128),
  password: z.string().max(4_096),
});
export type Credential = z.infer<typeof Credential>;

const StoredSecret = z.object({
  /** A {@link Credential} as JSON, encrypted at rest under the vault's key-encryption key, base64. */
  wrapped: z.string(),
  setBy: z.string(),
  setAt: z.string(),
});

/** The secrets of one target, as the last message on `secrets.<target>` of stream SECRETS holds them. */
export const SecretState = z.object({
  target: z.string(),
  standing: StoredSecret.optional(),
  probe: StoredSecret.optional(),
  elevated: StoredSecret.optional(),
});
export type SecretState = z.infer<typeof SecretState>;
