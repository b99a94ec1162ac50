import { z } from 'zod';
import { TokenKind } from './bundle.js';

const TokenKeyAt = z.object({
  /** 1 is the first of its kind. */
  version: z.number().int().min(1),
  madeAt: z.string(),
  /** Absent where masking made it itself, because a rule asked for the first of its kind. */
  madeBy: z.string().optional(),
});

/** Every key of one kind, as the last message on `tokens.<tenant>.<kind>` of stream TOKENS holds them. The last one makes new tokens, all read them. */
export const TokenKeyState = z.object({
  tenant: z.string(),
  kind: TokenKind,
  keys: z.array(TokenKeyAt.extend({
    /** 32 bytes, encrypted at rest under masking's key-encryption key, base64. */
    wrapped: z.string(),
  })).min(1),
});
export type TokenKeyState = z.infer<typeof TokenKeyState>;

/** What is known of a key without opening it. */
export const TokenKeyLabel = TokenKeyAt.extend({ kind: TokenKind });
export type TokenKeyLabel = z.infer<typeof TokenKeyLabel>;

/** Keys on their way to a connector, inside boxes only. */
export const ReleasedTokenKeys = z.array(z.object({
  tenant: z.string(), kind: TokenKind, version: z.number().int().min(1),
  /** 32 bytes, base64. */
  key: z.string(),
}));
export type ReleasedTokenKeys = z.infer<typeof ReleasedTokenKeys>;
