import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writePrivate } from '../state/secret-file.js';

/** Who exists in the demonstration. Roles and owners are the configuration's business, not the issuer's. */
export const DEMONSTRATION_PRINCIPALS = {
  'agent-etl': 'agent', 'agent-support': 'agent',
  'owner-etl': 'human', 'owner-support': 'human', dba: 'human', security: 'human', auditor: 'human',
} as const;

/** Public client of `interlock login`: the device flow of RFC 8628. */
export const LOGIN_CLIENT = 'interlock-cli';
/** The scope that `interlock login` asks for; the provider refuses a device flow that asks for none. */
export const LOGIN_SCOPE = 'openid';

/** Public client of the approval page: the authorization code flow with PKCE (RFC 7636). */
export const PAGE_CLIENT = 'interlock-page';

/** `demo/principals.json` in the state folder: how `interlock token NAME` asks the issuer. Readable by its owner only. */
export interface PrincipalsFile {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly deviceAuthorizationEndpoint: string;
  /** Client and scope for the device flow. */
  readonly login: { readonly clientId: string; readonly scope: string };
  /** Where the approval page may be; codes are sent nowhere else. */
  readonly page: { readonly clientId: string; readonly origins: readonly string[] };
  /** A person's secret is also what they type at the issuer's login page. */
  readonly principals: Readonly<Record<string, { readonly clientId: string; readonly clientSecret: string }>>;
}

/** Writes the file, keeping secrets that were made before. */
export async function ensurePrincipals(file: string, issuer: string, apiPort: number): Promise<PrincipalsFile> {
  const kept = await readPrincipals(file).catch(() => undefined);
  const principals = Object.fromEntries(Object.keys(DEMONSTRATION_PRINCIPALS).map((name) => [
    name, kept?.principals[name] ?? { clientId: name, clientSecret: randomBytes(24).toString('base64url') },
  ]));
  const content = { issuer, tokenEndpoint: `${issuer}/token`, deviceAuthorizationEndpoint: `${issuer}/device/auth`, login: { clientId: LOGIN_CLIENT, scope: LOGIN_SCOPE }, page: { clientId: PAGE_CLIENT, origins: [`http://localhost:${apiPort}`, `http://127.0.0.1:${apiPort}`] }, principals };
  await writePrivate(file, `${JSON.stringify(content, null, 2)}\n`);
  return content;
}

export async function readPrincipals(file: string): Promise<PrincipalsFile> {
  return JSON.parse(await readFile(file, 'utf8')) as PrincipalsFile;
}

/** Whether a name is one of the people who may sign in at the login page. */
export function isPerson(name: string): boolean {
  return Object.entries(DEMONSTRATION_PRINCIPALS).some(([known, kind]) => known === name && kind === 'human');
}
