import { z } from 'zod';

const Base64url = (bytes: number) => z.string().regex(/^[A-Za-z0-9_-]+$/).max(Math.ceil(bytes * 4 / 3));

/** Signature algorithms of authenticators, as COSE numbers them: EdDSA (Ed25519), ES256, RS256. No others are taken. */
export const AuthenticatorAlgorithm = z.union([z.literal(-8), z.literal(-7), z.literal(-257)]);
export type AuthenticatorAlgorithm = z.infer<typeof AuthenticatorAlgorithm>;

/** What an authenticator answers to `navigator.credentials.get` (WebAuthn Level 3, section 7.2), each part as base64url of its bytes. */
export const Assertion = z.object({
  /** Id of the credential, as the authenticator chose it. */
  authenticator: Base64url(1_023),
  clientData: Base64url(4_096),
  authenticatorData: Base64url(1_024),
  signature: Base64url(1_024),
});
export type Assertion = z.infer<typeof Assertion>;

/** A person's authenticator: a passkey or security key that signs what they agree to. */
export const Authenticator = z.object({
  id: Base64url(1_023),
  person: z.object({ name: z.string(), issuer: z.string(), subject: z.string() }),
  /** What its owner calls it. */
  label: z.string().min(1).max(60),
  algorithm: AuthenticatorAlgorithm,
  /** SubjectPublicKeyInfo, DER, base64url. */
  publicKey: Base64url(1_024),
  /** Covers id, person, algorithm and key; its owner signs it, and whoever confirms it names it. */
  digest: z.string(),
});
export type Authenticator = z.infer<typeof Authenticator>;

/** Its life: proposed by its owner, confirmed by a second independent person, revoked by either. Only a confirmed one counts. */
export const AuthenticatorState = Authenticator.extend({ status: z.enum(['proposed', 'confirmed', 'revoked']), confirmedBy: z.string().optional() });
export type AuthenticatorState = z.infer<typeof AuthenticatorState>;
