import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackendMessage } from '@interlock/protocol-postgres';
import { STANDING_ROLE } from '@interlock/deploy-local';
import { makeDatabase, protect } from '../e2e/system/fixture.js';
import type { Place } from '../e2e/system/installation.js';
import { gatewayLogin } from '../e2e/system/psql.js';
import { bareLogin, withClient } from '../e2e/system/server.js';
import { SHARED_START_MS, sharedInstallation } from '../e2e/system/shared.js';
import { rowsIn, Wire } from '../e2e/system/wire.js';
import { leaksIn } from './leaks.js';
import { answersTo, type Answers, type Protocol } from './sessions.js';
import { drawFrom, variantOf } from './variants.js';
import { readBenign, readWays, sqlOf, type Way } from './ways.js';

/** Another seed tries other variants, of other ways. */
const SEED = Number(process.env['INTERLOCK_SEED'] ?? 20_261);
/** How many ways there are for each one of which a variant is tried. */
const VARIED_ONE_IN = Number(process.env['INTERLOCK_VARIED_ONE_IN'] ?? 3);
const MASKED = [...['ssn', 'mail', 'card', 'pay', 'badge', 'berth', 'file', 'tags', 'scan', 'born'].map((column) => `public.crew.${column}`), 'public.payouts.iban'];
const SCHEMA = 'ways_schema';
/** Shorter values are found by chance; what identifies is longer, and has digits or an at-sign. */
const TELLING = /^(?=.*[\d@]).{5,}$/s;

/** Without a content net, which would hide that a value got so far. Two databases of the same schema and the same object ids that differ in their secrets alone; each twice, bare and behind the gateway. */
const SECRETS = ['one', 'two'] as const;
type Secret = (typeof SECRETS)[number];
const bareName = (secret: Secret): string => `ways_bare_${secret}`;
const gatewayName = (secret: Secret): string => `ways_${secret}`;

let place: Place;
const values = {} as Record<Secret, readonly string[]>;
const sessions = new Map<string, Wire>();

beforeAll(async () => {
  place = await sharedInstallation();
  const extensions = ['fuzzystrmatch', 'pg_trgm', 'dblink', 'tablefunc', 'pageinspect'].map((name) => `create extension ${name}`);
  await makeDatabase(place, SCHEMA, [`grant create, usage on schema public to ${STANDING_ROLE}`, ...extensions, `set role ${STANDING_ROLE}`, sqlOf('schema')]);
  for (const secret of SECRETS) {
    for (const database of [bareName(secret), gatewayName(secret)]) await fill(database, secret);
    values[secret] = await sensitiveValues(bareName(secret));
    await sitBeside(secret);
    await protect(place, gatewayName(secret), { masked: MASKED, content: [], policy: `@id("${gatewayName(secret)}-open")\npermit (principal == Agent::"agent-etl", action, resource in Target::"${gatewayName(secret)}");\n` });
  }
}, SHARED_START_MS);

afterAll(() => {
  for (const wire of sessions.values()) wire.end();
});

/** Somebody else's sessions, under the same role, whose last statement holds a value. */
async function sitBeside(secret: Secret): Promise<void> {
  for (const database of [bareName(secret), gatewayName(secret)]) {
    const wire = await Wire.login(bareLogin(place, 'standing'), database, { application_name: 'beside' });
    sessions.set(`beside ${database}`, wire);
    await wire.query(`select '${values[secret].find((value) => /^9\d\d-/.test(value))!}' is null`);
  }
}

async function fill(database: string, secret: Secret): Promise<void> {
  await withClient(bareLogin(place, 'superuser'), 'postgres', async (client) => {
    await client.query(`drop database if exists ${database} with (force)`);
    await client.query(`create database ${database} template ${SCHEMA}`);
    await client.query(`grant connect, temporary, create on database ${database} to ${STANDING_ROLE}; grant connect on database ${database} to interlock_probe`);
  });
  await atTarget(database, [`set role ${STANDING_ROLE}`, sqlOf(secret), sqlOf('filled')]);
}

async function atTarget(database: string, statements: readonly string[]): Promise<void> {
  await withClient(bareLogin(place, 'superuser'), database, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

/** Every value of the masked columns, in the words of the target, and every one inside of documents and arrays. */
async function sensitiveValues(database: string): Promise<string[]> {
  const found: unknown[] = [];
  await withClient(bareLogin(place, 'superuser'), database, async (client) => {
    for (const column of MASKED) {
      const [schema, table, name] = column.split('.');
      for (const { text, document } of (await client.query<{ text: string; document: unknown }>(`select "${name}"::text as text, to_jsonb("${name}") as document from "${schema}"."${table}"`)).rows) found.push(text, document);
    }
  });
  return [...new Set(found.flatMap(leaves))].filter((value) => TELLING.test(value));
}

function leaves(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  return typeof value === 'object' ? Object.values(value).flatMap(leaves) : [String(value)];
}

/** A session of its side, kept from way to way. */
async function session(database: string, as: 'superuser' | 'standing' | 'gateway'): Promise<Wire> {
  const kept = sessions.get(`${as} ${database}`);
  if (kept !== undefined && !kept.closed) return kept;
  const wire = await Wire.login(as === 'gateway' ? await gatewayLogin(place, 'agent-etl') : bareLogin(place, as), database);
  sessions.set(`${as} ${database}`, wire);
  return wire;
}

interface Told extends Answers {
  /** What the client saw, but for what differs with every session and event. */
  readonly seen: string;
  readonly ms: number;
}

/** What a side says to a way; its session is as before afterwards, and answers. */
async function tell(wire: Wire, steps: readonly string[], protocol: Protocol, database: string): Promise<Told> {
  const begun = performance.now();
  const answers = await answersTo(wire, steps, protocol);
  const ms = performance.now() - begun;
  const last = answers.messages.at(-1);
  if (last?.kind !== 'readyForQuery' || last.status !== 'idle') await wire.query('rollback');
  if (steps.some((step) => LEAVES.test(step))) await wire.query('discard all');
  expect(rowsIn(await wire.query('select 42')), 'the session is usable afterwards').toEqual([['42']]);
  return { ...answers, ms, seen: seenOf(answers.messages, database) };
}

/** What stays in a session when its transaction is over. */
const LEAVES = /prepare|declare|temp|\bset|listen|lock|nextval|setval/i;

function seenOf(messages: readonly BackendMessage[], database: string): string {
  const text = JSON.stringify(messages, (_key, value: unknown) => (isBytes(value) ? Buffer.from(value.data).toString('latin1') : value));
  return text.replaceAll(database, 'ways').replaceAll(/\\"event\\":\\"[^\\]*/g, '').replaceAll(/"processId":\d+/g, '');
}

function isBytes(value: unknown): value is { readonly data: readonly number[] } {
  return typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'Buffer';
}

/** Both secrets' answers at one side. */
async function both({ privileged, undo }: Way, steps: readonly string[], protocol: Protocol, at: 'bare' | 'gateway'): Promise<readonly [one: Told, two: Told]> {
  const as = at === 'gateway' ? 'gateway' : privileged === true ? 'superuser' : 'standing';
  const [one, two] = await Promise.all(SECRETS.map(async (secret) => {
    const database = at === 'bare' ? bareName(secret) : gatewayName(secret);
    const told = await tell(await session(database, as), steps, protocol, database);
    if (undo !== undefined) await atTarget(database, undo);
    return told;
  }));
  return [one!, two!];
}

/** What is in the answer, and was not in the question. */
function leaks({ bytes }: Answers, secret: Secret, steps: readonly string[]): ReturnType<typeof leaksIn> {
  const asked = steps.join('\n');
  return leaksIn(bytes, values[secret].filter((value) => !asked.includes(value)));
}

/** The bare target gives it away; through the gateway nothing comes, and two secrets look the same. */
async function holds(way: Way, steps: readonly string[], protocol: Protocol): Promise<void> {
  const [bare, gateway] = await Promise.all([both(way, steps, protocol, 'bare'), both(way, steps, protocol, 'gateway')]);
  const said = bare.flatMap(({ messages }) => messages).map((message) => (message.kind === 'errorResponse' ? message.fields.message : '')).filter((text) => text !== '').join(' / ');
  const what = `${protocol}: ${steps.join(' -- then -- ')}; the bare target said ${said === '' ? 'no error' : said}`;
  if (way.shows === 'time') expect(bare[0].ms, what).toBeGreaterThan(350);
  else expect(bare[0].seen === bare[1].seen, `two secrets look the same at the bare target, ${what}`).toBe(false);
  if (way.shows === 'value' && protocol === 'simple' && steps === way.steps) expect(leaks(bare[0], 'one', []), `no value leaks at the bare target, ${what}`).not.toEqual([]);

  expect(gateway.flatMap((told, index) => leaks(told, SECRETS[index]!, steps)), what).toEqual([]);
  expect(gateway[1].seen, what).toBe(gateway[0].seen);
  if (way.shows === 'time') expect(gateway[0].errors, what).toContain('42501');
}

const ways = readWays();

describe('there are enough of them', () => {
  it('ways and benign statements', () => {
    expect(ways.length).toBeGreaterThan(220);
    expect(readBenign().length).toBeGreaterThanOrEqual(60);
  });
});

describe.each([...new Set(ways.map(({ group }) => group))])('no masked value leaves: %s', (group) => {
  it.each(ways.filter((way) => way.group === group).map((way) => ({ way, title: `${way.id}: ${way.steps.join(' -- then -- ')}` })))('$title', async ({ way }) => {
    await holds(way, way.steps, 'simple');
    const draw = drawFrom(SEED ^ hashOf(way.id));
    if (draw(VARIED_ONE_IN) > 0) return;
    const variant = variantOf(way, draw);
    await holds(way, variant.steps, variant.protocol);
  }, 60_000);
});

/** So that a new way leaves the variants of the others as they are. */
function hashOf(text: string): number {
  return [...text].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0, 7);
}

describe('what has nothing to do with masked columns comes back byte for byte', () => {
  it.each(readBenign().map((one) => ({ one, title: `${one.id}: ${one.steps.join(' -- then -- ')}` })))('$title', async ({ one }) => {
    for (const protocol of one.simple === true ? ['simple'] as const : ['simple', 'extended', 'extended, binary'] as const) {
      const [bare] = await both({ ...one, role: '', channel: 'rows', shows: 'value' }, one.steps, protocol, 'bare');
      const [gateway] = await both({ ...one, role: '', channel: 'rows', shows: 'value' }, one.steps, protocol, 'gateway');
      expect(gateway.bytes.toString('latin1'), protocol).toBe(bare.bytes.toString('latin1'));
      expect(bare.bytes.length).toBeGreaterThan(0);
    }
  }, 60_000);
});
