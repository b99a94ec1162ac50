import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PORTS } from './settings.js';

const { takenPorts, USUAL } = (await import(new URL('../early-ports.mjs', import.meta.url).href)) as {
  takenPorts: (env: NodeJS.ProcessEnv, checkout: string) => Promise<string[]>; USUAL: Record<string, [string, number]>;
};

describe('ports that are taken', () => {
  let server: Server;
  let checkout: string;
  let taken: number;
  /** Ports that nobody listens at, so that what runs on this machine does not matter. */
  const elsewhere = Object.fromEntries(Object.values(PORTS).map(({ variable }, index) => [variable, String(20_100 + index)]));

  beforeEach(async () => {
    server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    taken = (server.address() as AddressInfo).port;
    checkout = mkdtempSync(join(tmpdir(), 'interlock-ports-'));
  });
  afterEach(() => {
    server.close();
    rmSync(checkout, { recursive: true });
  });

  it('are looked for by the table of the start', () => expect(USUAL).toEqual(Object.fromEntries(Object.entries(PORTS).map(([name, { variable, usual }]) => [name, [variable, usual]]))));

  it('are named with their variable', async () => {
    expect(await takenPorts({ ...elsewhere, INTERLOCK_API_PORT: String(taken) }, checkout)).toEqual([`Port ${taken} is taken by another program (INTERLOCK_API_PORT).`]);
  });

  it('are those of the last start, unless a variable moves them', async () => {
    mkdirSync(join(checkout, '.interlock'));
    writeFileSync(join(checkout, '.interlock', 'ports.json'), JSON.stringify({ nats: taken }));
    const { INTERLOCK_NATS_PORT: _moved, ...others } = elsewhere;
    expect(await takenPorts(others, checkout)).toEqual([`Port ${taken} is taken by another program (INTERLOCK_NATS_PORT).`]);
    expect(await takenPorts(elsewhere, checkout)).toEqual([]);
  });

  it('are its own where an installation is at work', async () => {
    mkdirSync(join(checkout, '.interlock', 'run'), { recursive: true });
    writeFileSync(join(checkout, '.interlock', 'run', 'lock'), '');
    expect(await takenPorts({ ...elsewhere, INTERLOCK_API_PORT: String(taken) }, checkout)).toEqual([]);
  });
});
