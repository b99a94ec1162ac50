import { headers, RequestError, type Msg, type MsgHdrs } from '@nats-io/nats-core';
import type { Bus } from './bus.js';

/** What one request to the bus came to. `unanswered`: nobody knows whether it was done. */
export type Asked =
  | { readonly kind: 'answered'; readonly message: Msg }
  | { readonly kind: 'unserved' }
  | { readonly kind: 'unanswered' };

/**
 * One request. It ends at once when the connection is lost, because the client would otherwise wait for an answer that
 * cannot come any more; and it is not sent at all without a connection, because the client would keep it and send it later.
 */
export async function busRequest(bus: Bus, subject: string, payload: Uint8Array | string, timeoutMs: number, more?: MsgHdrs): Promise<Asked> {
  if (!bus.connected) return { kind: 'unserved' };
  const answer = bus.connection.request(subject, payload, { timeout: Math.max(1, timeoutMs), ...(more ? { headers: more } : {}) });
  let end: () => void = () => undefined;
  const lost = new Promise<undefined>((resolve) => {
    end = bus.onConnectedChange((connected) => {
      if (!connected) resolve(undefined);
    });
  });
  try {
    const message = await Promise.race([answer, lost]);
    return message ? { kind: 'answered', message } : { kind: 'unanswered' };
  } catch (fault) {
    return { kind: fault instanceof RequestError && fault.isNoResponders() ? 'unserved' : 'unanswered' };
  } finally {
    end();
    answer.catch(() => undefined);
  }
}

/** Headers from pairs. */
export function headersOf(pairs: Readonly<Record<string, string>>): MsgHdrs {
  const made = headers();
  for (const [name, value] of Object.entries(pairs)) made.set(name, value);
  return made;
}
