import { z } from 'zod';

/** A key of tokens was made; without `by` because a rule asked for the first of its kind. */
export const TokenKeyMade = z.object({ kind: z.string(), version: z.number().int(), by: z.string().optional() });
/** Masking sealed keys to a connector: of each kind, all up to this version. */
export const TokenKeyReleased = z.object({ connector: z.string(), keys: z.array(z.object({ kind: z.string(), version: z.number().int() })) });
/** A person was told what a token stands for. The event holds the token, never that. */
export const TokenRevealed = z.object({ token: z.string(), kind: z.string(), by: z.string(), reason: z.string() });
/** A person asked what a token stands for, and was not told. */
export const TokenRefused = z.object({ token: z.string(), by: z.string(), reason: z.string(), detail: z.string() });
