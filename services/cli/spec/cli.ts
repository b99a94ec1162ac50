import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { runCli } from '../src/program.js';

interface Seen { readonly method: string; readonly url: string; readonly authorization: string | undefined; readonly body: string }

/** An API that answers by path and remembers what it was asked. It keeps no process from ending. */
export async function api(answers: Record<string, { status?: number; body: unknown }>): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ method: request.method!, url: request.url!, authorization: request.headers.authorization, body });
      const answer = answers[`${request.method} ${request.url}`] ?? { status: 404, body: { status: 404, detail: 'There is none.', reason: 'not_found', hint: 'Look elsewhere.' } };
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((done) => server.unref().listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** Runs the command as a process would, with everything of its own. */
export async function cli(line: string[], env: NodeJS.ProcessEnv = {}, input = '', cwd = mkdtempSync(join(tmpdir(), 'interlock-cli-'))): Promise<{ code: number; out: string; err: string; cwd: string }> {
  let out = '';
  let err = '';
  const code = await runCli(line, { INTERLOCK_TOKEN: 'tok', HOME: cwd, XDG_CONFIG_HOME: cwd, INTERLOCK_STATE_DIR: cwd, ...env }, cwd, {
    write: (text) => (out += text), writeError: (text) => (err += text), readStandardInput: async () => input, standardInput: Readable.from([Buffer.from(input)]), writeBytes: async (bytes) => void (out += Buffer.from(bytes).toString()),
  });
  return { code, out, err, cwd };
}
