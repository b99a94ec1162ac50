import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyFirstConfiguration, type FirstConfiguration } from './first-configuration.js';

interface Answer { readonly status: number; readonly body: object }
interface Seen { readonly line: string; readonly authorization: string; readonly body: string }

let folder: string;
let server: Server;
let seen: Seen[];
let answers: Record<string, Answer[]>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-first-'));
  [seen, answers] = [[], {}];
  server = createServer((request, response) => void (async () => {
    const line = `${request.method} ${request.url}`;
    seen.push({ line, authorization: request.headers.authorization ?? '', body: await bodyOf(request) });
    const queue = answers[line] ?? [];
    const { status, body } = (queue.length > 1 ? queue.shift() : queue[0]) ?? { status: 404, body: {} };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  })());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
  return text;
}

function first(): FirstConfiguration {
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const endpoints = { issuer: base, tokenEndpoint: `${base}/token`, deviceAuthorizationEndpoint: `${base}/device/auth`, login: { clientId: 'c', scope: 'openid' }, page: { clientId: 'p', origins: [] } };
  return {
    api: base, principals: { ...endpoints, principals: { security: { clientId: 'security', clientSecret: 's' } } },
    files: [{ file: 'interlock.yaml', text: 'version: 1' }], secrets: [{ target: 'shop', kind: 'standing', user: 'u', password: 'p' }], doneFile: join(folder, 'applied.json'),
  };
}

const token = { 'POST /token': [{ status: 200, body: { access_token: 'T' } }] };
const applied = { 'POST /api/v1/changes': [{ status: 202, body: { change: 'c-1', status: 'applied' } }] };
const secret = { 'PUT /api/v1/targets/shop/secret': [{ status: 200, body: {} }] };

describe('applyFirstConfiguration', () => {
  it('applies as the author, then sets the secrets, once', async () => {
    answers = { ...token, ...applied, ...secret };
    expect(await applyFirstConfiguration(first())).toBe('done');
    expect(seen.map(({ line }) => line)).toEqual(['POST /token', 'POST /api/v1/changes', 'PUT /api/v1/targets/shop/secret']);
    expect(seen.slice(1).every(({ authorization }) => authorization === 'Bearer T')).toBe(true);
    expect(JSON.parse(seen[2]?.body ?? '')).toEqual({ kind: 'standing', user: 'u', password: 'p' });
    expect(await applyFirstConfiguration(first())).toBe('was done');
    expect(seen).toHaveLength(3);
  });

  it('waits while the configuration spreads', async () => {
    answers = { ...token, ...applied, 'PUT /api/v1/targets/shop/secret': [{ status: 503, body: {} }, { status: 403, body: {} }, { status: 200, body: {} }] };
    expect(await applyFirstConfiguration(first())).toBe('done');
  });

  it('stops at once when the configuration itself is wrong, in the words of the API', async () => {
    answers = { ...token, 'POST /api/v1/changes': [{ status: 422, body: { title: 'The request is not valid', detail: 'interlock.yaml:3: expected a name' } }] };
    await expect(applyFirstConfiguration(first())).rejects.toThrow('interlock.yaml:3: expected a name');
    expect(existsSync(join(folder, 'applied.json'))).toBe(false);
  });

  it('does not take a change that waits for a second person for done', async () => {
    answers = { ...token, 'POST /api/v1/changes': [{ status: 202, body: { change: 'c-9', status: 'pending' } }] };
    await expect(applyFirstConfiguration(first())).rejects.toThrow('change c-9');
  });

  it('says so when the issuer gives no token, without its secret', async () => {
    answers = { 'POST /token': [{ status: 401, body: { error: 'invalid_client' } }] };
    await expect(applyFirstConfiguration(first())).rejects.toThrow('gave security no token (status 401)');
  });
});
