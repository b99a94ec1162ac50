import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, EXIT } from './exit.js';
import { addressFrom, type Login, type Settings } from './settings.js';

interface DemonstrationPrincipals {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly audience?: string;
  readonly principals: Readonly<Record<string, { readonly clientId: string; readonly clientSecret: string }>>;
}

/** A token of the demonstration's issuer for one of its principals (OAuth 2.0 client credentials, RFC 6749 section 4.4). */
export async function demonstrationToken(settings: Settings, name: string): Promise<string> {
  const known = readDemonstration(settings);
  const principal = known.principals[name];
  if (!principal) throw new CliError(EXIT.refused, `The demonstration has no principal ${name}.`, `It has ${Object.keys(known.principals).join(', ')}.`);
  const answer = await postForm(known.tokenEndpoint, {
    grant_type: 'client_credentials', client_id: principal.clientId, client_secret: principal.clientSecret, resource: known.audience ?? 'urn:interlock',
  });
  if (typeof answer.access_token !== 'string') throw new CliError(EXIT.unauthenticated, `The demonstration issuer gave no token: ${String(answer.error_description ?? answer.error)}.`);
  return answer.access_token;
}

function readDemonstration(settings: Settings): DemonstrationPrincipals {
  const file = join(settings.stateDir, 'demo', 'principals.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DemonstrationPrincipals;
  } catch {
    throw new CliError(EXIT.refused, `There is no demonstration here: ${file} cannot be read.`, 'Run `npm start` first, in this checkout, or set INTERLOCK_STATE_DIR to its state folder.');
  }
}

/** The device authorization grant (RFC 8628): shows an address and a code, and waits until a person has agreed there. */
export async function deviceLogin(issuer: string, clientId: string, resource: string | undefined, say: (line: string) => void): Promise<Login> {
  const metadata = await getJson(`${addressFrom('--issuer', issuer)}/.well-known/openid-configuration`);
  const { device_authorization_endpoint: deviceEndpoint, token_endpoint: tokenEndpoint } = metadata;
  if (typeof deviceEndpoint !== 'string' || typeof tokenEndpoint !== 'string') throw new CliError(EXIT.unavailable, `${issuer} is no issuer that offers the device flow: its configuration names no device_authorization_endpoint.`, 'Check the address, or get a token from it otherwise and set INTERLOCK_TOKEN.');
  const device = await postForm(deviceEndpoint, { client_id: clientId, scope: 'openid', ...(resource && { resource }) });
  if (typeof device.device_code !== 'string') throw new CliError(EXIT.unauthenticated, `${issuer} does not offer the device flow: ${String(device.error_description ?? device.error)}.`);
  say(`Open ${String(device.verification_uri_complete ?? device.verification_uri)} and confirm the code ${String(device.user_code)}.`);
  const deadline = Date.now() + Number(device.expires_in ?? 600) * 1_000;
  for (let waitSeconds = Number(device.interval ?? 5); Date.now() < deadline;) {
    await sleep(waitSeconds * 1_000);
    const answer = await postForm(tokenEndpoint, {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: device.device_code, client_id: clientId, ...(resource && { resource }),
    });
    if (typeof answer.access_token === 'string') {
      return { issuer, token: answer.access_token, expiresAt: new Date(Date.now() + Number(answer.expires_in ?? 0) * 1_000).toISOString() };
    }
    if (answer.error === 'slow_down') waitSeconds += 5;
    else if (answer.error !== 'authorization_pending') throw new CliError(EXIT.unauthenticated, `The login was not completed: ${String(answer.error_description ?? answer.error)}.`);
  }
  throw new CliError(EXIT.unauthenticated, 'Nobody confirmed the code in time.', 'Run `interlock login` again.');
}

async function getJson(url: string): Promise<Record<string, unknown>> {
  return readJson(url, await reach(url, {}));
}

async function postForm(url: string, form: Record<string, string>): Promise<Record<string, unknown>> {
  return readJson(url, await reach(url, { method: 'POST', body: new URLSearchParams(form) }));
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  } catch {
    throw new CliError(EXIT.unavailable, `The issuer does not answer at ${url}.`, 'Is it running? `npm start` runs the demonstration issuer.');
  }
}

async function readJson(url: string, response: Response): Promise<Record<string, unknown>> {
  try {
    return (await response.json()) as Record<string, unknown>;
  } catch {
    throw new CliError(EXIT.unavailable, `${url} answered ${response.status} and no JSON.`);
  }
}
