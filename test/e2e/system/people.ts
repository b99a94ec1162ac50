import { join } from 'node:path';
import { readPrincipals } from '@interlock/deploy-local';
import type { Place } from './installation.js';

export type Name = 'agent-etl' | 'agent-support' | 'owner-etl' | 'owner-support' | 'dba' | 'security' | 'auditor';

/** A fresh token of the demonstration's issuer, as `interlock token NAME` prints it. */
export async function token(place: Place, name: Name): Promise<string> {
  const { tokenEndpoint, principals } = await readPrincipals(join(place.state, 'demo', 'principals.json'));
  const client = principals[name];
  if (client === undefined) throw new Error(`there is no ${name} in the demonstration`);
  const form = { grant_type: 'client_credentials', client_id: client.clientId, client_secret: client.clientSecret };
  const answer = (await (await fetch(tokenEndpoint, { method: 'POST', body: new URLSearchParams(form) })).json()) as { readonly access_token?: string };
  if (answer.access_token === undefined) throw new Error(`no token for ${name}: ${JSON.stringify(answer)}`);
  return answer.access_token;
}

/** Answer of the API. */
export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** One request to the API as one person; whatever it answers is returned. */
export async function api(place: Place, as: Name, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${place.ports.api}/api/v1${path}`, {
    method, signal: AbortSignal.timeout(120_000),
    headers: { authorization: `Bearer ${await token(place, as)}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json().catch(() => ({}))) as Record<string, unknown> };
}

/** The same, where anything but success is a fault. */
export async function apiOk<T = Record<string, unknown>>(place: Place, as: Name, method: string, path: string, body?: object): Promise<T> {
  const answer = await api(place, as, method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path} as ${as}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as T;
}
