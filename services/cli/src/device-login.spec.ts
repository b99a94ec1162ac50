import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './program.js';

type Answer = Record<string, unknown> | 'hang up' | { readonly redirect: string };

let server: Server;
let base: string;
let folder: string;
let asked: { readonly path: string; readonly form: URLSearchParams; readonly authorization: string | undefined }[];
let answers: { metadata: () => Answer; device: Answer; token: Answer[] };

beforeEach(async () => {
  [asked, folder] = [[], mkdtempSync(join(tmpdir(), 'interlock-login-'))];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const path = request.url ?? '';
      asked.push({ path, form: new URLSearchParams(body), authorization: request.headers.authorization });
      const answer = path === '/token' ? (answers.token.shift() ?? { error: 'authorization_pending' }) : path === '/device' ? answers.device : path.startsWith('/api/') ? { sessions: [] } : answers.metadata();
      if (answer === 'hang up') return void request.socket.destroy();
      if ('redirect' in answer) return void response.writeHead(307, { location: String(answer['redirect']) }).end();
      response.writeHead('error' in answer ? 400 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answers = {
    metadata: () => ({ issuer: base, device_authorization_endpoint: `${base}/device`, token_endpoint: `${base}/token` }),
    device: { device_code: 'the-device-code', user_code: 'ABCD', verification_uri: `${base}/verify`, expires_in: 600, interval: 0 },
    token: [{ access_token: 'the-token', expires_in: 3_600 }],
  };
});
afterEach(() => server.close());

async function cli(...line: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCli(line, { XDG_CONFIG_HOME: folder, INTERLOCK_STATE_DIR: folder, INTERLOCK_API: base }, folder, {
    write: (text) => (out += text), writeError: (text) => (err += text), readStandardInput: async () => '', standardInput: Readable.from([]), writeBytes: async () => undefined,
  });
  return { code, out, err };
}
const login = (issuer = base) => cli('login', '--issuer', issuer);
const file = (): string => join(folder, 'interlock', 'login.json');
const keep = (text: string): void => {
  mkdirSync(join(folder, 'interlock'), { recursive: true });
  writeFileSync(file(), text);
};

describe('interlock login', () => {
  it('waits until the person has agreed, and keeps the token where only its owner can read it', async () => {
    keep('{}');
    chmodSync(file(), 0o644);
    answers.token.unshift({ error: 'authorization_pending' }, { error: 'authorization_pending' });
    const { code, out, err } = await login();
    expect([code, err]).toEqual([0, `Open ${base}/verify and confirm the code ABCD.\n`]);
    expect(out).toMatch(/^Logged in until 20/);
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ issuer: base, token: 'the-token' });
    expect([statSync(file()).mode & 0o777, existsSync(`${file()}.${process.pid}`)]).toEqual([0o600, false]);
    expect(asked.filter(({ path }) => path === '/token').map(({ form }) => form.get('device_code'))).toEqual(Array(3).fill('the-device-code'));
    expect(out + err).not.toMatch(/the-token|the-device-code/);
  });

  it.each([
    ['speaks of another issuer', () => { answers.metadata = () => ({ issuer: 'https://other.example', device_authorization_endpoint: `${base}/device`, token_endpoint: `${base}/token` }); }, 1, 'another issuer'],
    ['offers no device flow', () => { answers.metadata = () => ({ issuer: base, token_endpoint: `${base}/token` }); }, 4, 'no issuer that offers the device flow'],
    ['wants the token asked for in clear', () => { answers.metadata = () => ({ issuer: base, device_authorization_endpoint: `${base}/device`, token_endpoint: 'http://login.example/token' }); }, 1, 'https://'],
    ['sends the code elsewhere', () => { answers.token = [{ redirect: `${base}/elsewhere` }, { error: 'expired_token' }]; }, 3, 'expired_token'],
    ['does not know the client', () => { answers.device = { error: 'invalid_client', error_description: 'who?' }; }, 3, 'who?'],
    ['was told no', () => { answers.token = [{ error: 'access_denied' }]; }, 3, 'access_denied'],
    ['saw nobody in time', () => { answers.device = { ...(answers.device as object), expires_in: 1 }; answers.token = [{ error: 'authorization_pending' }]; }, 3, 'in time'],
    ['writes to the terminal', () => { answers.device = { ...(answers.device as object), user_code: '\u001b[2J' }; }, 0, String.raw`\u{1b}[2J`],
  ])('an issuer that %s', async (_what, arrange, code, says) => {
    arrange();
    const said = await login();
    expect(said).toMatchObject({ code, err: expect.stringContaining(says) as string });
    expect(asked.filter(({ path }) => path === '/elsewhere')).toEqual([]);
    expect(existsSync(file())).toBe(code === 0);
  }, 15_000);

  it('asks an issuer that once did not answer again, later', async () => {
    answers.token.unshift('hang up');
    expect((await login()).code).toBe(0);
  }, 15_000);

  it('does not speak in clear to an issuer elsewhere', async () => {
    expect(await login('http://login.example')).toMatchObject({ code: 1, err: expect.stringContaining('https://') as string });
  });
});

describe('what login kept', () => {
  it('is used while it is valid', async () => {
    keep(JSON.stringify({ issuer: base, token: 'kept', expiresAt: new Date(Date.now() + 60_000).toISOString() }));
    expect((await cli('sessions', 'list')).code).toBe(0);
    expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer kept']);
  });
});
