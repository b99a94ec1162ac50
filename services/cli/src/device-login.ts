import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, EXIT } from './exit.js';
import { getJson, postForm, type Json } from './issuer-requests.js';
import { addressFrom, type Login } from './settings.js';

export interface LoginRequest {
  readonly issuer: string;
  readonly clientId: string;
  /** RFC 8707; the issuer's own choice when absent. */
  readonly resource: string | undefined;
}

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const SECONDS = { wait: 5, shortestWait: 0.25, slowDown: 5, codeLives: 600 } as const;

/**
 * The device authorization grant (RFC 8628): shows an address and a code, and waits until a person has agreed there. Nothing
 * listens here and nothing is redirected here, so there is no state to bind and no code to intercept: the device code never
 * leaves this program and the issuer.
 */
export async function deviceLogin(request: LoginRequest, say: (line: string) => void): Promise<Login> {
  const { issuer } = request;
  const endpoints = await discover(issuer);
  const about = { client_id: request.clientId, ...(request.resource && { resource: request.resource }) };
  const device = await postForm(endpoints.device, { ...about, scope: 'openid' });
  if (typeof device.device_code !== 'string') throw new CliError(EXIT.unauthenticated, `${issuer} does not let this client log in by code: ${reasonOf(device)}.`);
  say(`Open ${String(device.verification_uri_complete ?? device.verification_uri)} and confirm the code ${String(device.user_code)}.`);
  const token = await poll(endpoints.token, { ...about, grant_type: GRANT, device_code: device.device_code }, device);
  return { issuer, token: String(token.access_token), expiresAt: new Date(Date.now() + secondsOf(token.expires_in, 0) * 1_000).toISOString() };
}

/** What the issuer says of itself; it must speak of the issuer that was asked (OpenID Connect Discovery 1.0, section 4.3). */
async function discover(issuer: string): Promise<{ readonly device: string; readonly token: string }> {
  const base = addressFrom('--issuer', issuer);
  const metadata = await getJson(`${base}/.well-known/openid-configuration`);
  if (String(metadata.issuer ?? '').replace(/\/$/, '') !== base) throw new CliError(EXIT.refused, `${issuer} says that it is another issuer: ${String(metadata.issuer)}.`, 'Use the address that the configuration names.');
  const { device_authorization_endpoint: device, token_endpoint: token } = metadata;
  if (typeof device !== 'string' || typeof token !== 'string') throw new CliError(EXIT.unavailable, `${issuer} is no issuer that offers the device flow: its configuration names no device_authorization_endpoint.`, 'Check the address, or get a token from it otherwise and set INTERLOCK_TOKEN.');
  return { device, token };
}

/** An issuer that does not answer once is asked less often (RFC 8628, section 3.5). */
async function poll(endpoint: string, form: Record<string, string>, device: Json): Promise<Json> {
  const deadline = Date.now() + secondsOf(device.expires_in, SECONDS.codeLives) * 1_000;
  for (let wait = Math.max(SECONDS.shortestWait, secondsOf(device.interval, SECONDS.wait)); Date.now() < deadline;) {
    await sleep(wait * 1_000);
    const answer = await postForm(endpoint, form).catch((fault: unknown): Json => {
      if (fault instanceof CliError && fault.code === EXIT.unavailable) return { error: 'slow_down' };
      throw fault;
    });
    if (typeof answer.access_token === 'string') return answer;
    if (answer.error === 'slow_down') wait += SECONDS.slowDown;
    else if (answer.error !== 'authorization_pending') throw new CliError(EXIT.unauthenticated, `The login was not completed: ${reasonOf(answer)}.`);
  }
  throw new CliError(EXIT.unauthenticated, 'Nobody confirmed the code in time.', 'Run `interlock login` again.');
}

function reasonOf(answer: Json): string {
  return String(answer.error_description ?? answer.error ?? 'it gives no reason');
}

function secondsOf(value: unknown, otherwise: number): number {
  const seconds = Number(value ?? otherwise);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : otherwise;
}
