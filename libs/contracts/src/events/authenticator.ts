import { z } from 'zod';
import { Assertion, Authenticator } from '../authenticator.js';

/** Its owner named it and proved to hold it; it counts for nothing yet. */
export const AuthenticatorProposed = z.object({ authenticator: Authenticator, proof: Assertion });
/** A second independent person confirmed whose it is. */
export const AuthenticatorConfirmed = z.object({ id: z.string(), digest: z.string(), by: z.string() });
export const AuthenticatorRevoked = z.object({ id: z.string(), by: z.string() });
/** Someone may not do this with an authenticator, and tried. */
export const AuthenticatorRefused = z.object({ id: z.string().optional(), by: z.string(), attempt: z.enum(['propose', 'confirm', 'revoke']), reason: z.string(), detail: z.string() });
