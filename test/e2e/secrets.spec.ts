import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readPrincipals } from '@interlock/deploy-local';
import { nodePg } from './system/clients.js';
import { processesOf, type Place } from './system/installation.js';
import { eventually } from './system/eventually.js';
import { readLedger } from './system/ledger.js';
import { token } from './system/people.js';
import { bareLogin, viewsLogin, withClient } from './system/server.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';

/** What must be found nowhere: the passwords of the target, and the tokens of who used them. */
interface Secret {
  readonly name: string;
  readonly text: string;
}

let place: Place;
let secrets: Secret[];

beforeAll(async () => {
  place = await sharedInstallation();
  const agentToken = await token(place, 'agent-etl');
  secrets = [
    ...(['standing', 'probe', 'superuser'] as const).map((kind) => ({ name: `password of ${kind}`, text: bareLogin(place, kind).password })),
    { name: 'token', text: agentToken }, { name: 'signature of the token', text: agentToken.split('.')[2]! },
    ...Object.entries((await readPrincipals(join(place.state, 'demo', 'principals.json'))).principals).map(([name, { clientSecret }]) => ({ name: `secret of ${name}`, text: clientSecret })),
  ];
  const client = await nodePg(place, 'agent-etl', 'shop', { password: agentToken });
  await client.query('select count(*) from orders');
  await client.query('select 1/0').catch(() => undefined);
  await client.query('drop table orders').catch(() => undefined);
  await client.end();
  await nodePg(place, 'agent-support', 'shop', { password: agentToken }).catch(() => undefined);
}, SHARED_START_MS);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Forms in which a secret would still be one. */
function forms({ text }: Secret): Buffer[] {
  const bytes = Buffer.from(text);
  return [text, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''), encodeURIComponent(text)].map((form) => Buffer.from(form));
}

function found(bytes: Buffer): string[] {
  return secrets.filter((secret) => forms(secret).some((form) => bytes.includes(form))).map(({ name }) => name);
}

/** Files come and go while they are looked at: a look in which one went is repeated as a whole. */
function foundIn(files: () => string[]): Promise<string[]> {
  return eventually('a look in which no file goes', () => files().flatMap((file) => found(readFileSync(file)).map((name) => `${name} in ${file}`)));
}

describe('no password and no token is found', () => {
  it('(a planted one would be)', () => {
    expect(found(Buffer.from(`x${Buffer.from(secrets[0]!.text).toString('hex')}x`))).toEqual([secrets[0]!.name]);
  });

  it('in any log', async () => {
    const files = (): string[] => [...filesBelow(join(place.state, 'logs')), join(place.folder, 'start.log')];
    expect(files().length).toBeGreaterThan(4);
    expect(await foundIn(files)).toEqual([]);
  });

  it('in the store of the bus', async () => {
    const files = (): string[] => filesBelow(join(place.state, 'bus'));
    expect(files().some((file) => file.includes('LEDGER'))).toBe(true);
    expect(await foundIn(files)).toEqual([]);
  });

  it('in what the services keep', async () => {
    expect(await foundIn(() => filesBelow(join(place.state, 'services')))).toEqual([]);
  });

  it('in any event, opened', async () => {
    const events = await readLedger(place);
    expect(events.some(({ metadata }) => metadata.type === 'credential.released.v1')).toBe(true);
    expect(events.flatMap((event) => found(Buffer.from(JSON.stringify(event))).map((name) => `${name} in ${event.metadata.type} ${event.metadata.id}`))).toEqual([]);
  }, 120_000);

  it('in the environment or the command line of any process', () => {
    const processes = Object.entries(processesOf(place));
    expect(processes.length).toBeGreaterThanOrEqual(6);
    expect(processes.flatMap(([name, pid]) => ['environ', 'cmdline'].flatMap((file) => found(readFileSync(`/proc/${pid}/${file}`)).map((secret) => `${secret} in ${file} of ${name}`)))).toEqual([]);
  });

  it('in the views', async () => {
    const rows = await withClient(viewsLogin(place), 'interlock_views', async (client) => {
      const { rows: tables } = await client.query<{ name: string }>("select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')");
      const contents: { name: string; text: string }[] = [];
      for (const { name } of tables) contents.push({ name, text: JSON.stringify((await client.query(`select * from ${name}`)).rows) });
      return contents;
    });
    expect(rows.length).toBeGreaterThan(2);
    expect(rows.flatMap(({ name, text }) => found(Buffer.from(text)).map((secret) => `${secret} in ${name}`))).toEqual([]);
  });
});
