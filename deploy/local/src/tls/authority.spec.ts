import { mkdtemp, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureLocalTls } from './authority.js';

let folder: string;
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'interlock-tls-')); });
afterEach(() => rm(folder, { recursive: true, force: true }));

async function dial(port: number, servername: string, ca: string): Promise<true | string> {
  const socket = connect({ port, host: '127.0.0.1', servername, ca: [ca] });
  const result = await new Promise<true | string>((resolve) => {
    socket.on('secureConnect', () => resolve(true));
    socket.on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? error.message));
  });
  socket.destroy();
  return result;
}

describe('ensureLocalTls', () => {
  it('makes a certificate that a client verifies for localhost, and for no other name', async () => {
    const tls = await ensureLocalTls(folder);
    const other = await ensureLocalTls(join(folder, 'other'));
    const server = createServer({ cert: tls.certificate, key: tls.key }, (socket: TLSSocket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await dial(port, 'localhost', tls.authority)).toBe(true);
    expect(await dial(port, 'elsewhere.example.test', tls.authority)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await dial(port, 'localhost', other.authority)).not.toBe(true);
    server.close();
  });

  it('keeps what it made, readable by its owner only', async () => {
    const first = await ensureLocalTls(folder);
    expect(await ensureLocalTls(folder)).toEqual(first);
    expect((await stat(first.keyFile)).mode & 0o777).toBe(0o600);
  });
});
