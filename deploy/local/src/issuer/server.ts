import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type Provider from 'oidc-provider';
import { keptSecret } from '../state/secret-file.js';
import { loginPage } from './pages.js';
import { isPerson, readPrincipals, type PrincipalsFile } from './principals.js';
import { ensureSigningKeys, rotateSigningKeys } from './signing-keys.js';

export interface RunningIssuer {
  /** Signs with a new key from now on; tokens of the former key stay valid until they expire. */
  rotate(): Promise<void>;
  close(): Promise<void>;
}

/** Bytes of a login form; more is refused. */
const FORM_BYTES = 4_096;

/** Starts the demonstration issuer on loopback. `folder` holds principals.json and the keys. */
export async function startIssuer(folder: string, port: number): Promise<RunningIssuer> {
  // Loaded here, so that whoever only knows of the issuer does not load all of it.
  const { demonstrationProvider } = await import('./provider.js');
  const principals = await readPrincipals(join(folder, 'principals.json'));
  const keysFile = join(folder, 'issuer-keys.json');
  const cookieKey = await keptSecret(join(folder, 'issuer-cookie.key'), 'base64url');
  let provider = demonstrationProvider(principals, await ensureSigningKeys(keysFile), cookieKey);
  const server = createServer((request, response) => void answer(provider, principals, request, response).catch((fault: unknown) => fail(response, fault)));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    rotate: async () => { provider = demonstrationProvider(principals, await rotateSigningKeys(keysFile), cookieKey); },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(provider: Provider, principals: PrincipalsFile, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url?.startsWith('/interaction/') !== true) return provider.callback()(request, response);
  await provider.interactionDetails(request, response);
  if (request.method !== 'POST') return html(response, 200, loginPage(request.url));
  const form = await readForm(request);
  const name = form.get('name') ?? '';
  if (!isPerson(name) || !same(principals.principals[name]?.clientSecret, form.get('secret') ?? '')) {
    return html(response, 401, loginPage(request.url, 'That name and secret do not belong together.'));
  }
  return provider.interactionFinished(request, response, { login: { accountId: name } });
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > FORM_BYTES) throw new Error(`a login form is at most ${FORM_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

function same(secret: string | undefined, given: string): boolean {
  const [expected, actual] = [Buffer.from(secret ?? ''), Buffer.from(given)];
  return expected.length > 0 && expected.length === actual.length && timingSafeEqual(expected, actual);
}

function html(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' http://127.0.0.1:* http://localhost:*; frame-ancestors 'none'" });
  response.end(text);
}

function fail(response: ServerResponse, fault: unknown): void {
  const detail = fault instanceof Error ? fault.message : String(fault);
  if (!response.headersSent) response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`The sign-in cannot go on: ${detail}. Start again with \`interlock login\`.\n`);
}
