/** How a person signs in here, as `GET /page/sign-in.json` says. */
interface Issuer {
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
}

/** What must outlast the way to the issuer and back; never a token. */
interface Pending {
  readonly state: string;
  readonly verifier: string;
  readonly issuer: Issuer;
  readonly tokenEndpoint: string;
  readonly returnTo: string;
}

const PENDING = 'interlock-sign-in';

export async function issuers(): Promise<readonly Issuer[]> {
  const answer = (await (await fetch('/page/sign-in.json')).json()) as { readonly issuers: readonly Issuer[] };
  return answer.issuers;
}

/** Leaves for the issuer: authorization code with PKCE (RFC 7636), the code in the fragment, so that no server's log has it. */
export async function leaveForSignIn(issuer: Issuer): Promise<void> {
  const { authorization, token } = await endpointsOf(issuer.issuer);
  const pending: Pending = { state: random(), verifier: random(), issuer, tokenEndpoint: token, returnTo: location.hash };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const challenge = base64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(pending.verifier)));
  const about = {
    client_id: issuer.clientId, response_type: 'code', response_mode: 'fragment', scope: 'openid', redirect_uri: redirectUri(), state: pending.state, code_challenge: challenge, code_challenge_method: 'S256',
  };
  location.assign(`${authorization}?${new URLSearchParams(about).toString()}`);
}

/**
 * The token of whoever has just come back from the issuer; undefined when nobody has. The code is taken out of the address before anything else
 * happens.
 */
export async function tokenFromReturn(): Promise<string | undefined> {
  const answer = new URLSearchParams(location.hash.slice(1));
  if (!answer.has('state')) return undefined;
  const pending = takePending();
  history.replaceState(null, '', `${location.pathname}${pending?.returnTo ?? ''}`);
  if (!pending || answer.get('state') !== pending.state || (answer.get('iss') ?? pending.issuer.issuer) !== pending.issuer.issuer) {
    throw new Error('This sign-in was not begun here.');
  }
  const code = answer.get('code');
  if (code === null) throw new Error(`The issuer did not sign you in: ${answer.get('error_description') ?? answer.get('error') ?? 'it gives no reason'}.`);
  const form = { grant_type: 'authorization_code', client_id: pending.issuer.clientId, redirect_uri: redirectUri(), code, code_verifier: pending.verifier };
  const response = await fetch(pending.tokenEndpoint, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token } = (await response.json()) as { readonly access_token?: string };
  if (!token) throw new Error(`The issuer gave no token (${response.status}).`);
  return token;
}

function takePending(): Pending | undefined {
  const kept = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  return kept === null ? undefined : (JSON.parse(kept) as Pending);
}

/** What the issuer says of itself; it must speak of the issuer that was asked (OpenID Connect Discovery 1.0, section 4.3). */
async function endpointsOf(issuer: string): Promise<{ readonly authorization: string; readonly token: string }> {
  const about = (await (await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)).json()) as Readonly<Record<string, unknown>>;
  const { issuer: said, authorization_endpoint: authorization, token_endpoint: token } = about;
  if (said !== issuer || typeof authorization !== 'string' || typeof token !== 'string') throw new Error(`${issuer} does not say where people sign in.`);
  return { authorization, token };
}

function redirectUri(): string {
  return `${location.origin}/`;
}

function random(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)).buffer);
}

function base64url(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
