import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { InstallationFault } from '../fault.js';
import type { PrincipalsFile } from '../issuer/principals.js';
import { writePrivate } from '../state/secret-file.js';
import type { ConfigurationFile } from './effective-configuration.js';

/** Credential of one target, as `PUT /api/v1/targets/{name}/secret` takes it. */
export interface TargetSecret {
  readonly target: string;
  readonly kind: 'standing' | 'probe';
  readonly user: string;
  readonly password: string;
}

export interface FirstConfiguration {
  /** Base address of the API. */
  readonly api: string;
  readonly principals: PrincipalsFile;
  readonly files: readonly ConfigurationFile[];
  readonly secrets: readonly TargetSecret[];
  /** Written when all is done: a later start does not repeat it. */
  readonly doneFile: string;
}

/** Who applies the demonstration's configuration. */
const AUTHOR = 'security';
/** How long a step is repeated while the configuration spreads to the services. */
const SPREAD_MS = 20_000;
const RETRY_MS = 200;
/** Answers that no waiting changes: the request itself is wrong. */
const FINAL = new Set([400, 413, 422]);

/**
 * Applies the configuration as the recorded bootstrap and hands the vault the targets' credentials, over the same REST API
 * that people use. Does nothing when it was done before.
 */
export async function applyFirstConfiguration(first: FirstConfiguration): Promise<'done' | 'was done'> {
  if (existsSync(first.doneFile)) return 'was done';
  const token = await tokenFor(first.principals, AUTHOR);
  const change = await request(first.api, token, 'POST', '/api/v1/changes', { files: first.files });
  if (change['status'] === 'pending') throw new InstallationFault(`The configuration waits for a second person: change ${String(change['change'])}.`, 'Another configuration is in force already. Approve the change as another person, or begin anew with `npm run clean`.');
  for (const { target, ...secret } of first.secrets) await request(first.api, token, 'PUT', `/api/v1/targets/${target}/secret`, secret);
  await writePrivate(first.doneFile, `${JSON.stringify({ change: change['change'] })}\n`);
  return 'done';
}

async function tokenFor({ tokenEndpoint, principals }: PrincipalsFile, name: string): Promise<string> {
  const client = principals[name];
  const form = { grant_type: 'client_credentials', client_id: client?.clientId ?? name, client_secret: client?.clientSecret ?? '' };
  const response = await fetch(tokenEndpoint, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new InstallationFault(`The demonstration issuer gave ${name} no token (status ${response.status}).`, 'See issuer.log in the logs folder of the state.');
  return token;
}

/** Repeats what was refused for a passing reason; a refusal that stays is the fault, in the API's own words. */
async function request(api: string, token: string, method: string, path: string, body: object): Promise<Record<string, unknown>> {
  for (const deadline = Date.now() + SPREAD_MS; ; await sleep(RETRY_MS)) {
    const response = await fetch(`${api}${path}`, { method, body: JSON.stringify(body), headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (response.ok) return answer;
    if (FINAL.has(response.status) || Date.now() > deadline) {
      const words = [answer['title'], answer['detail'], answer['hint']].filter((text) => typeof text === 'string').join(' ');
      throw new InstallationFault(`${method} ${path} was refused (${response.status}): ${words}`, 'See the logs folder of the state, and `npm run clean` to begin anew.');
    }
  }
}
