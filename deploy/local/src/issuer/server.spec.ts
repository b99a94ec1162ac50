import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMONSTRATION_PRINCIPALS, ensurePrincipals, LOGIN_CLIENT, LOGIN_SCOPE, PAGE_CLIENT, type PrincipalsFile } from './principals.js';
import { startIssuer, type RunningIssuer } from './server.js';

const API_PORT = 8_899;
const PAGE = `http://localhost:${API_PORT}`;

let folder: string;
let port: number;
let base: string;
let issuer: RunningIssuer;
let file: PrincipalsFile;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-issuer-'));
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  port = (probe.address() as AddressInfo).port;
  probe.close();
  base = `http://127.0.0.1:${port}`;
  file = await ensurePrincipals(join(folder, 'principals.json'), base, API_PORT);
  issuer = await startIssuer(folder, port);
});
afterAll(async () => {
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

async function requestToken(name: string, secret = file.principals[name]?.clientSecret ?? ''): Promise<{ status: number; token: string }> {
  const response = await fetch(file.tokenEndpoint, {
    method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_id: name, client_secret: secret }),
  });
  const body = (await response.json()) as { access_token?: string };
  return { status: response.status, token: body.access_token ?? '' };
}

function part(token: string, place: number): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[place] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

async function verifies(token: string): Promise<boolean> {
  const { keys } = (await (await fetch(`${base}/jwks`)).json()) as { keys: { kid: string }[] };
  const key = keys.find(({ kid }) => kid === part(token, 0)['kid']);
  if (key === undefined) return false;
  const [head, body, signature] = token.split('.');
  return verify(null, Buffer.from(`${head}.${body}`), createPublicKey({ key, format: 'jwk' }), Buffer.from(signature ?? '', 'base64url'));
}

describe('the demonstration issuer', () => {
  it.each(Object.keys(DEMONSTRATION_PRINCIPALS))('gives %s a short token that its published key verifies', async (name) => {
    const { token } = await requestToken(name);
    expect(token.length).toBeLessThan(1_000);
    expect(part(token, 0)).toMatchObject({ alg: 'EdDSA' });
    expect(part(token, 1)).toMatchObject({ iss: base, aud: 'interlock', sub: name });
    expect(Number(part(token, 1)['exp']) - Number(part(token, 1)['iat'])).toBe(3_600);
    expect(await verifies(token)).toBe(true);
  });

  it('refuses a wrong secret and an unknown principal', async () => {
    expect((await requestToken('agent-etl', 'wrong')).status).toBe(401);
    expect((await requestToken('nobody', 'x')).status).toBe(401);
  });

  it('keeps secrets where only their owner can read them, and keeps them', async () => {
    expect((await stat(join(folder, 'principals.json'))).mode & 0o777).toBe(0o600);
    expect(await ensurePrincipals(join(folder, 'principals.json'), base, API_PORT)).toEqual(file);
  });

  it('signs with a new key after a rotation; the former token stays valid for one rotation more', async () => {
    const { token: before } = await requestToken('dba');
    await issuer.rotate();
    const { token: after } = await requestToken('dba');
    expect(part(after, 0)['kid']).not.toBe(part(before, 0)['kid']);
    expect([await verifies(before), await verifies(after)]).toEqual([true, true]);
    await issuer.rotate();
    expect([await verifies(before), await verifies(after)]).toEqual([false, true]);
  });

  it('has the same key after a restart', async () => {
    const { token } = await requestToken('auditor');
    await issuer.close();
    issuer = await startIssuer(folder, port);
    expect(await verifies(token)).toBe(true);
  });
});

/** A browser of few words: keeps cookies, follows redirects. */
class Browser {
  private readonly cookies = new Map<string, string>();

  async open(url: string, form?: Record<string, string>): Promise<{ status: number; url: string; text: string }> {
    const response = await fetch(url, {
      redirect: 'manual', headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      this.cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const next = response.headers.get('location');
    return next === null || next.startsWith(PAGE) ? { status: response.status, url: next ?? url, text: await response.text() } : this.open(new URL(next, url).href);
  }
}

describe('signing in as a person', () => {
  const begin = async (): Promise<{ device_code: string; verification_uri_complete: string }> => {
    const response = await fetch(file.deviceAuthorizationEndpoint, { method: 'POST', body: new URLSearchParams({ client_id: LOGIN_CLIENT, scope: LOGIN_SCOPE }) });
    return (await response.json()) as { device_code: string; verification_uri_complete: string };
  };
  const poll = async (device_code: string): Promise<{ access_token?: string; error?: string }> => {
    const body = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: LOGIN_CLIENT, device_code });
    return (await (await fetch(file.tokenEndpoint, { method: 'POST', body })).json()) as { access_token?: string; error?: string };
  };
  const hidden = (text: string): Record<string, string> => Object.fromEntries([...text.matchAll(/name="(\w+)" value="([^"]*)"/g)].filter(([, name]) => name !== 'abort').map(([, name = '', value = '']) => [name, value]));

  it('takes a code, a name and the person\'s secret, and gives a token for that person', async () => {
    const device = await begin();
    expect(await poll(device.device_code)).toMatchObject({ error: 'authorization_pending' });
    const browser = new Browser();
    const code = await browser.open(device.verification_uri_complete);
    const confirm = code.text.includes('op.deviceConfirmForm') ? code : await browser.open(`${base}/device`, hidden(code.text));
    const login = await browser.open(`${base}/device`, { ...hidden(confirm.text), confirm: 'yes' });
    expect(login.text).toContain('Secret');
    expect((await browser.open(login.url, { name: 'dba', secret: 'wrong' })).status).toBe(401);
    expect((await browser.open(login.url, { name: 'agent-etl', secret: file.principals['agent-etl']?.clientSecret ?? '' })).status).toBe(401);
    const done = await browser.open(login.url, { name: 'dba', secret: file.principals['dba']?.clientSecret ?? '' });
    expect(done.text).toContain('Signed in');
    const { access_token: token = '' } = await poll(device.device_code);
    expect(part(token, 1)).toMatchObject({ sub: 'dba', aud: 'interlock' });
    expect(await verifies(token)).toBe(true);
  });
});

describe('signing in at the approval page', () => {
  const verifier = randomBytes(32).toString('base64url');
  const about = (redirect: string): Record<string, string> => ({
    client_id: PAGE_CLIENT, response_type: 'code', response_mode: 'fragment', scope: 'openid', redirect_uri: redirect, state: 's', code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  });
  const redeem = async (code: string, code_verifier: string): Promise<Response> => fetch(file.tokenEndpoint, {
    method: 'POST', headers: { origin: PAGE }, body: new URLSearchParams({ grant_type: 'authorization_code', client_id: PAGE_CLIENT, redirect_uri: `${PAGE}/`, code, code_verifier }),
  });
  const codeFor = async (): Promise<string> => {
    const browser = new Browser();
    const login = await browser.open(`${base}/auth?${new URLSearchParams(about(`${PAGE}/`)).toString()}`);
    const done = await browser.open(login.url, { name: 'dba', secret: file.principals['dba']?.clientSecret ?? '' });
    return new URLSearchParams(new URL(done.url).hash.slice(1)).get('code') ?? '';
  };

  it('gives a token for the person, to the page alone, for its own verifier', async () => {
    const answer = await redeem(await codeFor(), verifier);
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
    const { access_token: token = '' } = (await answer.json()) as { access_token?: string };
    expect(part(token, 1)).toMatchObject({ sub: 'dba', aud: 'interlock' });
    expect((await redeem(await codeFor(), 'x'.repeat(43))).status).toBe(400);
  });

  it('sends codes nowhere else, and none without PKCE', async () => {
    expect((await fetch(`${base}/auth?${new URLSearchParams(about('http://localhost:1/')).toString()}`, { redirect: 'manual' })).status).toBe(400);
    const { code_challenge: _challenge, code_challenge_method: _method, ...without } = about(`${PAGE}/`);
    const refused = await fetch(`${base}/auth?${new URLSearchParams(without).toString()}`, { redirect: 'manual' });
    expect(refused.headers.get('location')).toContain('error=invalid_request');
  });
});
