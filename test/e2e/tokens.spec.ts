import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectBus, JetStreamAggregate } from '@interlock/adapter-jetstream';
import { parseKek, ServiceKeys, unwrapAtRest } from '@interlock/adapter-sealing';
import { TokenKeyState } from '@interlock/contracts';
import { interlock } from './system/cli.js';
import { nodePg } from './system/clients.js';
import { changeConfiguration, likeShop, setSecret } from './system/configuration.js';
import { eventually } from './system/eventually.js';
import { makeDatabase } from './system/fixture.js';
import type { Place } from './system/installation.js';
import { eventAfter, lastSequence, readLedger } from './system/ledger.js';
import { api } from './system/people.js';
import { bareLogin } from './system/server.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';

const DATABASE = 'tokens';
const VALUE = 'needle-9417@example.org';
const REASON = 'ticket 4711';

let place: Place;
let token: string;

beforeAll(async () => {
  place = await sharedInstallation();
  await makeDatabase(place, DATABASE, ['create table readers (id int primary key, mail text not null)', `insert into readers values (1, '${VALUE}'), (2, 'bo@example.org')`, 'grant select on readers to public']);
  await changeConfiguration(place, (settings) => {
    settings.targets.push(likeShop(settings, DATABASE, DATABASE));
    settings.masking.columns.push({ id: 'reader-mail', target: DATABASE, column: 'public.readers.mail', transform: 'token', kind: 'reader-mail' });
    settings.masking.detokenise = [{ kind: 'reader-mail', roles: ['security'] }];
  }, [{ file: `policies/${DATABASE}.cedar`, text: `@id("tokens-reads")\npermit (principal == Agent::"agent-etl", action in Action::"read", resource in Target::"${DATABASE}");\n` }]);
  for (const kind of ['standing', 'probe'] as const) {
    const { user, password } = bareLogin(place, kind);
    await setSecret(place, { target: DATABASE, kind, user, password });
  }
  token = await eventually('the agent reads a token', async () => {
    const [row] = await asAgent('select mail from readers where id = 1');
    return /^reader-mail_t\d+_/.test(String(row?.['mail'])) && String(row?.['mail']);
  });
}, SHARED_START_MS);

async function asAgent(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = await nodePg(place, 'agent-etl', DATABASE);
  try {
    return (await client.query<Record<string, unknown>>({ text, values })).rows;
  } finally {
    await client.end();
  }
}

describe('a token', () => {
  it('finds its row again', async () => {
    expect(await asAgent('select id, mail from readers where mail = $1', [token])).toEqual([{ id: 1, mail: token }]);
    await expect(asAgent('select id from readers where mail = $1', [VALUE])).rejects.toThrow('may be compared with tokens alone');
  });

  it('is told to a person with the role, and the ledger knows why', async () => {
    const before = await lastSequence(place);
    expect(await interlock(place, 'security', ['masking', 'detokenise', token, '--reason', REASON])).toEqual({ said: `${VALUE}\n`, code: 0 });
    const { data } = await eventAfter(place, before, 'token.revealed.v1');
    expect(data).toEqual({ token, kind: 'reader-mail', by: 'security', reason: REASON });
  });

  it.each([
    ['dba', 'role_missing'], ['agent-etl', 'human_required'],
  ] as const)('is not told to %s', async (name, reason) => {
    expect(await api(place, name, 'POST', '/masking/detokenise', { masked: token, reason: REASON })).toMatchObject({ status: 403, body: { reason } });
  });

  it('is read after its key was followed by another', async () => {
    expect(await interlock(place, 'security', ['masking', 'rotate', 'reader-mail'])).toMatchObject({ code: 0 });
    expect((await interlock(place, 'auditor', ['masking', 'keys'])).said).toMatch(/reader-mail +2 +security/);
    expect((await interlock(place, 'security', ['masking', 'detokenise', token, '--reason', REASON])).said).toBe(`${VALUE}\n`);
  });
});

describe('no key of tokens, and no value of one that was told, is found', () => {
  let needles: Buffer[];
  beforeAll(async () => {
    const keys = await masterKeys();
    expect(keys.length).toBeGreaterThan(0);
    needles = [VALUE, ...keys.flatMap((key) => [key.toString('base64').replace(/=+$/, ''), key.toString('hex')])].map((text) => Buffer.from(text));
    needles.push(...keys);
  });

  /** As whoever holds the key-encryption key has them. */
  async function masterKeys(): Promise<Buffer[]> {
    const { nkeySeed } = await ServiceKeys.load(join(place.state, 'keys'), 'masking');
    const kek = parseKek(readFileSync(join(place.state, 'secrets', 'masking.kek'), 'utf8'));
    const bus = await connectBus({ url: `nats://127.0.0.1:${place.ports.nats}`, nkeySeed, name: 'test/masking' });
    try {
      const states = await new JetStreamAggregate(bus, { stream: 'TOKENS', schema: TokenKeyState }).list();
      return states.flatMap(({ value }) => value.keys.map(({ version, wrapped }) => {
        const opened = kek.ok ? unwrapAtRest(kek.value, Buffer.from(wrapped, 'base64'), `interlock-token-key/v1\ndefault\n${value.kind}\n${version}`) : kek;
        if (!opened.ok) throw new Error(opened.refusal.detail);
        return opened.value;
      }));
    } finally {
      await bus.close();
    }
  }

  const found = (bytes: Buffer): number => needles.filter((needle) => bytes.includes(needle)).length;
  const filesBelow = (folder: string): string[] => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));

  it('(a planted one would be)', () => expect(found(Buffer.concat([Buffer.from('x'), needles.at(-1)!, Buffer.from('x')]))).toBe(1));

  it.each(['logs', 'bus', 'services'])('in %s', async (folder) => {
    expect(await eventually('a look in which no file goes', () => filesBelow(join(place.state, folder)).filter((file) => found(readFileSync(file)) > 0))).toEqual([]);
  });

  it('in any event, opened', async () => {
    const events = await readLedger(place);
    expect(events.filter(({ metadata }) => metadata.type.startsWith('token')).length).toBeGreaterThan(3);
    expect(events.filter(({ metadata, data }) => metadata.type.startsWith('token') && found(Buffer.from(JSON.stringify(data))) > 0)).toEqual([]);
  }, 120_000);
});
