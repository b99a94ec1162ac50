import { createHmac, timingSafeEqual } from 'node:crypto';
import { accepted, refused, type Outcome } from '@interlock/kernel';

/** Beyond this a request is late, or its clock or ours is wrong (https://docs.slack.dev/authentication/verifying-requests-from-slack). */
export const SLACK_WINDOW_MS = 5 * 60_000;

export interface SlackSigned {
  /** Header `x-slack-request-timestamp`: seconds. */
  readonly timestamp: string;
  /** Header `x-slack-signature`: `v0=` and hexadecimal digits. */
  readonly signature: string;
  /** The body, byte for byte as it came. */
  readonly body: string;
}

/** Whether Slack signed this with the app's secret, within five minutes of now. Refuses with `chat_forged` or `chat_late`. */
export function verifySlack(secret: string, { timestamp, signature, body }: SlackSigned, nowMs: number): Outcome<true> {
  if (secret === '' || !/^\d{1,12}$/.test(timestamp)) return forged();
  const expected = Buffer.from(signSlack(secret, timestamp, body), 'latin1');
  const given = Buffer.from(signature, 'latin1');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return forged();
  return isFresh(timestamp, nowMs) ? accepted(true) : refused('chat_late', 'The request was signed more than five minutes from now.', { hint: 'Press the button again, or compare the clocks.' });
}

/** Whether a timestamp as Slack sends it is within five minutes of now. It proves nothing by itself. */
export function isFresh(timestamp: string, nowMs: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(nowMs - Number(timestamp) * 1_000) <= SLACK_WINDOW_MS;
}

/** The signature Slack gives `v0:<timestamp>:<body>`. */
export function signSlack(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`, 'utf8').digest('hex')}`;
}

function forged() {
  return refused('chat_forged', 'The request is not signed with the secret of the Slack app, or was changed.');
}
