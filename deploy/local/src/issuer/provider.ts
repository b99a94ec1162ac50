import Provider, { type OidcContext } from 'oidc-provider';
import { codePage, confirmPage, donePage } from './pages.js';
import { isPerson, LOGIN_CLIENT, PAGE_CLIENT, type PrincipalsFile } from './principals.js';
import type { SigningKey } from './signing-keys.js';

/** The audience that tokens for Interlock name. */
export const AUDIENCE = 'interlock';
/** The resource of RFC 8707 that stands for Interlock; clients need not name it. */
const RESOURCE = 'urn:interlock';
/** Seconds an access token lives. */
const TOKEN_SECONDS = 3_600;

/** oidc-provider set up for the demonstration: client credentials for every principal; the device flow, and the code flow of the approval page, for people. */
export function demonstrationProvider(file: PrincipalsFile, keys: readonly SigningKey[], cookieKey: string): Provider {
  return new Provider(file.issuer, {
    clients: clients(file),
    jwks: { keys },
    enabledJWA: { idTokenSigningAlgValues: ['EdDSA'] },
    cookies: { keys: [cookieKey] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: deviceFlow(),
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: '', audience: AUDIENCE, accessTokenTTL: TOKEN_SECONDS, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'EdDSA' } } }),
      },
    },
    ttl: { AccessToken: TOKEN_SECONDS, ClientCredentials: TOKEN_SECONDS, DeviceCode: 600, Grant: TOKEN_SECONDS, Interaction: 600, Session: TOKEN_SECONDS, IdToken: TOKEN_SECONDS },
    interactions: { url: (_context: OidcContext, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
    findAccount: (_context: OidcContext, name: string) => (isPerson(name) ? { accountId: name, claims: () => ({ sub: name }) } : undefined),
    loadExistingGrant: ownGrant,
    clientBasedCORS: (_context: OidcContext, origin: string, client: { clientId: string }) => client.clientId === PAGE_CLIENT && file.page.origins.includes(origin),
  });
}

function clients(file: PrincipalsFile): object[] {
  const principals = Object.values(file.principals).map(({ clientId, clientSecret }) => ({
    client_id: clientId, client_secret: clientSecret, token_endpoint_auth_method: 'client_secret_post', grant_types: ['client_credentials'], response_types: [], redirect_uris: [],
    id_token_signed_response_alg: 'EdDSA',
  }));
  const login = {
    client_id: LOGIN_CLIENT, token_endpoint_auth_method: 'none', grant_types: ['urn:ietf:params:oauth:grant-type:device_code'], response_types: [], redirect_uris: [],
    id_token_signed_response_alg: 'EdDSA',
  };
  const page = {
    client_id: file.page.clientId, token_endpoint_auth_method: 'none', grant_types: ['authorization_code'], response_types: ['code'], redirect_uris: file.page.origins.map((origin) => `${origin}/`),
    id_token_signed_response_alg: 'EdDSA',
  };
  return [...principals, login, page];
}

function deviceFlow(): object {
  return {
    enabled: true,
    userCodeInputSource: (context: OidcContext, form: string, _out: unknown, problem: Error | undefined) => {
      show(context, codePage(form, problem === undefined ? undefined : 'That code is not known or no longer valid.'));
    },
    userCodeConfirmSource: (context: OidcContext, form: string, _client: unknown, _device: unknown, code: string) => show(context, confirmPage(form, code)),
    successSource: (context: OidcContext) => show(context, donePage()),
  };
}

function show(context: OidcContext, html: string): void {
  context.type = 'html';
  context.body = html;
}

/** Interlock's own client needs no consent page: signing in and confirming the code is the consent. */
async function ownGrant(context: OidcContext): Promise<object> {
  const { client, session, provider } = context.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid');
  grant.addResourceScope(RESOURCE, '');
  await grant.save();
  return grant;
}
