import { createHmac, timingSafeEqual } from 'node:crypto';
import { accepted, refused, type Outcome } from '@interlock/kernel';

const PREFIX = 'whsec_';
/** Standard Webhooks: 24 to 64 bytes. */
const KEY_BYTES_MIN = 24;
const KEY_BYTES_MAX = 64;
/** How far the clocks of sender and receiver may be apart, and how late a message may be. */
const TOLERANCE_MS = 5 * 60_000;
const SIGNATURES_MAX = 10;

export type WebhookHeaders = Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>>;

/** The key that `whsec_<base64>` stands for. Refuses with `webhook_secret_invalid`. */
export function webhookKey(secret: string): Outcome<Buffer> {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : undefined;
  const key = Buffer.from(encoded ?? '', 'base64');
  const isSound = encoded !== undefined && key.toString('base64') === encoded && key.length >= KEY_BYTES_MIN && key.length <= KEY_BYTES_MAX;
  return isSound ? accepted(key) : refused('webhook_secret_invalid', `A webhook's secret is ${PREFIX} and ${KEY_BYTES_MIN} to ${KEY_BYTES_MAX} bytes in base64.`, { hint: `Make one with: echo ${PREFIX}$(head -c 32 /dev/urandom | base64)` });
}

/** Headers of one attempt to deliver `body` (Standard Webhooks 1.0, symmetric). `id` is the message's own and stays the same at every attempt. */
export function signWebhook(key: Uint8Array, id: string, atMs: number, body: string): WebhookHeaders {
  const timestamp = String(Math.floor(atMs / 1_000));
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature(key, id, timestamp, body).toString('base64')}` };
}

/**
 * Whether a message is its sender's, unchanged, and not late: what a receiver does, which then keeps the id and takes each once.
 *
 * Refuses with `webhook_forged` or `webhook_late`.
 */
export function verifyWebhook(key: Uint8Array, headers: WebhookHeaders, body: string, nowMs: number): Outcome<{ readonly id: string }> {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers;
  if (!/^\d{1,12}$/.test(timestamp) || id === '') return forged();
  const expected = signature(key, id, timestamp, body);
  const isSigned = signatures.split(' ').slice(0, SIGNATURES_MAX).some((one) => {
    const [version, encoded = ''] = one.split(',');
    const given = Buffer.from(encoded, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!isSigned) return forged();
  if (Math.abs(nowMs - Number(timestamp) * 1_000) > TOLERANCE_MS) return refused('webhook_late', 'The message was signed more than five minutes from now.');
  return accepted({ id });
}

function signature(key: Uint8Array, id: string, timestamp: string, body: string): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`, 'utf8').digest();
}

function forged() {
  return refused('webhook_forged', 'The message is not signed with this key, or was changed.');
}
