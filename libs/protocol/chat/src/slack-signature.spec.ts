import { describe, expect, it } from 'vitest';
import { isFresh, signSlack, verifySlack } from './slack-signature.js';

/** The example of Slack's documentation (Verifying requests from Slack). */
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const NOW_MS = 1_531_420_618_000;
const PUBLISHED = {
  timestamp: '1531420618',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
};

describe('a request of Slack', () => {
  it('is Slack\'s own as its documentation\'s example is', () => {
    expect(signSlack(SECRET, PUBLISHED.timestamp, PUBLISHED.body)).toBe(PUBLISHED.signature);
    for (const laterMs of [0, 300_000, -300_000]) expect(verifySlack(SECRET, PUBLISHED, NOW_MS + laterMs)).toEqual({ ok: true, value: true });
  });

  it.each([
    ['another secret', 'f'.repeat(32), PUBLISHED, 0, 'chat_forged'],
    ['no secret', '', { ...PUBLISHED, signature: signSlack('', PUBLISHED.timestamp, PUBLISHED.body) }, 0, 'chat_forged'],
    ['a changed body', SECRET, { ...PUBLISHED, body: PUBLISHED.body.replace('U2CERLKJA', 'U2CERLKJB') }, 0, 'chat_forged'],
    ['a body cut short', SECRET, { ...PUBLISHED, body: PUBLISHED.body.slice(0, -1) }, 0, 'chat_forged'],
    ['a newer time under the old signature', SECRET, { ...PUBLISHED, timestamp: '1531420619' }, 0, 'chat_forged'],
    ['another version', SECRET, { ...PUBLISHED, signature: PUBLISHED.signature.replace('v0', 'v1') }, 0, 'chat_forged'],
    ['half a signature', SECRET, { ...PUBLISHED, signature: PUBLISHED.signature.slice(0, 40) }, 0, 'chat_forged'],
    ['no signature', SECRET, { ...PUBLISHED, signature: '' }, 0, 'chat_forged'],
    ['a signature of capitals', SECRET, { ...PUBLISHED, signature: PUBLISHED.signature.toUpperCase() }, 0, 'chat_forged'],
    ['a time that is none', SECRET, { ...PUBLISHED, timestamp: ' 1531420618', signature: signSlack(SECRET, ' 1531420618', PUBLISHED.body) }, 0, 'chat_forged'],
    ['a time five minutes ago', SECRET, PUBLISHED, 300_001, 'chat_late'],
    ['a time in five minutes', SECRET, PUBLISHED, -300_001, 'chat_late'],
  ])('is refused with %s', (_what, secret, request, laterMs, reason) => {
    expect(verifySlack(secret, request, NOW_MS + laterMs)).toMatchObject({ ok: false, refusal: { reason } });
  });

  it('is looked at for its time before anything else', () => {
    expect([isFresh('1531420618', NOW_MS), isFresh('1531420618', NOW_MS + 300_001), isFresh('x', NOW_MS), isFresh('9'.repeat(400), NOW_MS)]).toEqual([true, false, false, false]);
  });
});
