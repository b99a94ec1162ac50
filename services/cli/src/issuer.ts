import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CliError, EXIT } from './exit.js';
import { postForm } from './issuer-requests.js';
import type { Settings } from './settings.js';

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
