import { describe, expect, it } from 'vitest';
import { signWebhook, verifyWebhook, webhookKey } from './standard-webhook.js';

/** The example of the specification (standard-webhooks, spec/standard-webhooks.md). */
const PUBLISHED = { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', atMs: 1_614_265_330_000, body: '{"test": 2432232314}', signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=' };

function keyOf(secret: string): Buffer {
  const key = webhookKey(secret);
  if (!key.ok) throw new Error(key.refusal.detail);
  return key.value;
}

const key = keyOf(PUBLISHED.secret);
const other = keyOf(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
const signed = signWebhook(key, PUBLISHED.id, PUBLISHED.atMs, PUBLISHED.body);

describe('a signed webhook', () => {
  it('is signed as the specification\'s example is', () => {
    expect(signed).toEqual({ 'webhook-id': PUBLISHED.id, 'webhook-timestamp': '1614265330', 'webhook-signature': PUBLISHED.signature });
  });

  it('is its sender\'s while it is not late, under one of several keys', () => {
    const two = { ...signed, 'webhook-signature': `${signWebhook(other, PUBLISHED.id, PUBLISHED.atMs, PUBLISHED.body)['webhook-signature']} ${signed['webhook-signature']}` };
    for (const headers of [signed, two]) expect(verifyWebhook(key, headers, PUBLISHED.body, PUBLISHED.atMs + 299_000)).toEqual({ ok: true, value: { id: PUBLISHED.id } });
  });

  it.each([
    ['another key', other, signed, PUBLISHED.body, 0, 'webhook_forged'],
    ['another body', key, signed, `${PUBLISHED.body} `, 0, 'webhook_forged'],
    ['a body cut short', key, signed, PUBLISHED.body.slice(0, -1), 0, 'webhook_forged'],
    ['another id', key, { ...signed, 'webhook-id': 'msg_x' }, PUBLISHED.body, 0, 'webhook_forged'],
    ['another time', key, { ...signed, 'webhook-timestamp': '1614265331' }, PUBLISHED.body, 0, 'webhook_forged'],
    ['another version', key, { ...signed, 'webhook-signature': PUBLISHED.signature.replace('v1', 'v2') }, PUBLISHED.body, 0, 'webhook_forged'],
    ['no signature', key, { ...signed, 'webhook-signature': '' }, PUBLISHED.body, 0, 'webhook_forged'],
    ['a time that is none', key, { ...signed, 'webhook-timestamp': '1e9' }, PUBLISHED.body, 0, 'webhook_forged'],
    ['more than five minutes late', key, signed, PUBLISHED.body, 301_000, 'webhook_late'],
    ['more than five minutes early', key, signed, PUBLISHED.body, -301_000, 'webhook_late'],
  ])('is refused with %s', (_what, by, headers, body, laterMs, reason) => {
    expect(verifyWebhook(by, headers, body, PUBLISHED.atMs + laterMs)).toMatchObject({ ok: false, refusal: { reason } });
  });

  it.each(['', 'whsec_', 'whsec_short', PUBLISHED.secret.slice(6), `whsec_${Buffer.alloc(65).toString('base64')}`, `${PUBLISHED.secret} `])('has no secret %j', (secret) => {
    expect(webhookKey(secret)).toMatchObject({ ok: false, refusal: { reason: 'webhook_secret_invalid' } });
  });
});
