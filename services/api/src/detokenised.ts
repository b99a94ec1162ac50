import { isUtf8 } from 'node:buffer';
import { RPC } from '@interlock/contracts';
import { z } from 'zod';

/** What a person sends to be told what a token stands for. */
export const DetokeniseBody = RPC['masking.detokenise'].request.omit({ token: true });

/** And what it hears. */
export const Detokenised = z.object({
  kind: z.string(),
  value: z.string(),
  /** How `value` is written: as it is, or its bytes in base64 where they are no text. */
  encoding: z.enum(['utf8', 'base64']),
});

export function detokenised(kind: string, bytes: Buffer): z.infer<typeof Detokenised> {
  return isUtf8(bytes) ? { kind, value: bytes.toString('utf8'), encoding: 'utf8' } : { kind, value: bytes.toString('base64'), encoding: 'base64' };
}
