import { z } from 'zod';
import { TokenKind } from '../bundle.js';
import { SealedBox } from '../control.js';
import { TokenKeyLabel } from '../token-key.js';

/** A person's token, sealed to masking (purpose `token`). */
const Token = SealedBox;

/** Requests to masking. */
export const MASKING_RPC = {
  'masking.compile': {
    request: z.object({ configuration: z.unknown() }),
    response: z.object({ problems: z.array(z.object({ path: z.string(), detail: z.string() })) }),
  },
  /**
   * Keys of tokens for a connector, sealed to it (purpose `token-keys`): `ReleasedTokenKeys` as JSON. Of the kinds asked for, those that rules in force
   * name; the first key of one is made when it is first asked for.
   */
  'masking.releaseKeys': {
    request: z.object({ connector: z.string(), kinds: z.array(TokenKind).min(1).max(200) }),
    response: z.object({ keys: SealedBox }),
  },
  'masking.keys': { request: z.object({ token: Token }), response: z.object({ keys: z.array(TokenKeyLabel) }) },
  /** A new key for new tokens; older tokens are still read. */
  'masking.rotateKey': { request: z.object({ token: Token, kind: TokenKind }), response: z.object({ key: TokenKeyLabel }) },
  /** What a token stands for. `value` is sealed to api (purpose `detokenised`). */
  'masking.detokenise': {
    request: z.object({ token: Token, masked: z.string().min(1).max(2_000), reason: z.string().trim().min(8, 'a reason that others will understand, of eight characters or more').max(500) }),
    response: z.object({ kind: TokenKind, value: SealedBox }),
  },
} as const;
