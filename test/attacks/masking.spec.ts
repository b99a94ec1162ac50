import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { STANDING_ROLE } from '@interlock/deploy-local';
import { makeDatabase, protect } from '../e2e/system/fixture.js';
import type { Place } from '../e2e/system/installation.js';
import { gatewayLogin } from '../e2e/system/psql.js';
import { bareLogin, withClient } from '../e2e/system/server.js';
import { SHARED_START_MS, sharedInstallation } from '../e2e/system/shared.js';
import { rowsIn, Wire } from '../e2e/system/wire.js';
import { leaksIn } from './leaks.js';
import { readSuite, type MaskingCase } from './masking-cases.js';
import { answersTo, type Answers, type Protocol } from './sessions.js';

/** Another file of attacks by INTERLOCK_ATTACKS, its schema beside it. */
const suite = readSuite(process.env['INTERLOCK_ATTACKS'] ?? fileURLToPath(new URL('./masking/clinic.jsonl', import.meta.url)));

/** The same database three times, with the same object ids: protected, bare, and untouched to make the others anew. */
const PROTECTED = 'attacks';
const BARE = 'attacks_bare';
const UNTOUCHED = 'attacks_untouched';

let place: Place;
let values: string[];

beforeAll(async () => {
  place = await sharedInstallation();
  await makeDatabase(place, UNTOUCHED, [`grant create, usage on schema public to ${STANDING_ROLE}; set role ${STANDING_ROLE}`, suite.schema, 'reset role']);
  await remake(PROTECTED);
  await remake(BARE);
  values = await sensitiveValues();
  await protect(place, PROTECTED, { policy: `@id("attacks-are-open")\npermit (principal == Agent::"agent-etl", action, resource in Target::"${PROTECTED}");\n`, masked: suite.masked });
}, SHARED_START_MS);

/** The bare side keeps its session from case to case, emptied in between; at the gateway every case has its own. */
let bareWire: Wire | undefined;
let gatewayWire: Wire | undefined;
afterEach(() => gatewayWire?.end());
afterAll(() => bareWire?.end());

async function remake(database: string): Promise<void> {
  await withClient(bareLogin(place, 'superuser'), 'postgres', async (client) => {
    await client.query(`drop database if exists ${database} with (force)`);
    await client.query(`create database ${database} template ${UNTOUCHED}`);
    await client.query(`grant connect, temporary, create on database ${database} to ${STANDING_ROLE}; grant connect on database ${database} to interlock_probe`);
  });
}

/** Every value of the masked columns, and for documents and arrays every text and number inside. */
async function sensitiveValues(): Promise<string[]> {
  const found: unknown[] = [];
  await withClient(bareLogin(place, 'superuser'), UNTOUCHED, async (client) => {
    for (const column of suite.masked) {
      const [schema, table, name] = column.split('.');
      found.push(...(await client.query<{ value: unknown }>(`select "${name}" as value from "${schema}"."${table}"`)).rows.map(({ value }) => value));
    }
  });
  // Short words of documents and arrays ("vip") are found by chance; what identifies is longer, and has digits or an at-sign.
  return [...new Set(found.flatMap(leaves))].filter((value) => value.length >= 5 && /[\d@]/.test(value));
}

function leaves(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  return typeof value === 'object' ? Object.values(value).flatMap(leaves) : [String(value)];
}

async function atBare({ steps }: MaskingCase, protocol: Protocol): Promise<Answers> {
  if (bareWire === undefined || bareWire.closed) bareWire = await Wire.login(bareLogin(place, 'standing'), BARE);
  const answers = await answersTo(bareWire, steps, protocol);
  if (steps.some((step) => CHANGES.test(step))) {
    bareWire.end();
    await remake(BARE);
    bareWire = undefined;
  } else {
    await bareWire.query('rollback');
    await bareWire.query('discard all');
  }
  return answers;
}

/** What stays for the next session. */
const CHANGES = /^\s*(create (?!temp|or replace temp)|alter|insert|update|delete|merge|analyze|drop|do|with .* insert|select lo_|select f_|select g_)/is;

async function atGateway({ steps, destructive }: MaskingCase, protocol: Protocol): Promise<Answers> {
  gatewayWire = await Wire.login(await gatewayLogin(place, 'agent-etl'), PROTECTED);
  const answers = await answersTo(gatewayWire, steps, protocol);
  gatewayWire.end();
  if (destructive === true) await remake(PROTECTED);
  return answers;
}

/** Statements that only the simple protocol can carry. */
function protocolsOf({ steps }: MaskingCase): readonly Protocol[] {
  return steps.some((step) => /;\s*\S/.test(step.replaceAll(/'[^']*'|\$\$[\s\S]*?\$\$|\/\*[\s\S]*?\*\//g, ''))) ? ['simple'] : steps.length > 1 ? ['simple', 'extended'] : ['simple', 'extended', 'extended, binary'];
}

const attacks = suite.cases.filter(({ expected }) => expected === 'mask_or_deny').toSorted((one, other) => Number(one.destructive ?? false) - Number(other.destructive ?? false));
const benign = suite.cases.filter(({ expected }) => expected !== 'mask_or_deny');
const title = (one: MaskingCase, protocol: Protocol): string => `${one.id} ${one.category}, ${protocol}: ${one.steps.join(' -- then -- ')}`;

describe.runIf(benign.length > 0)(`${suite.name}: benign statements answer byte for byte as at the bare target`, () => {
  it.each(benign.flatMap((one) => protocolsOf(one).map((protocol) => ({ one, protocol, title: title(one, protocol) }))))('$title', async ({ one, protocol }) => {
    const [bare, gateway] = [await atBare(one, protocol), await atGateway(one, protocol)];
    expect(gateway.bytes.toString('latin1')).toBe(bare.bytes.toString('latin1'));
    expect(bare.bytes.length).toBeGreaterThan(0);
  }, 30_000);
});

describe(`${suite.name}: no sensitive value leaves`, () => {
  it.each(attacks.flatMap((one) => protocolsOf(one).map((protocol) => ({ one, protocol, title: title(one, protocol) }))))('$title', async ({ one, protocol }) => {
    const [bare, gateway] = [await atBare(one, protocol), await atGateway(one, protocol)];
    // Binary numbers and documents look otherwise, so the bare target is shown to leak in text; binary is judged at the gateway alone.
    if (protocol !== 'extended, binary' && one.optional !== true) expect(leaksIn(bare.bytes, values), `the bare target leaks; it said ${bare.errors.join()}`).not.toEqual([]);
    expect(leaksIn(gateway.bytes, values)).toEqual([]);
    expect(gateway.bytes.length).toBeGreaterThan(0);
  }, 30_000);

  it('and the session lives on after all that', async () => {
    const wire = (gatewayWire = await Wire.login(await gatewayLogin(place, 'agent-etl'), PROTECTED));
    for (const { steps } of attacks.slice(0, 10)) await answersTo(wire, steps, 'simple');
    await wire.query('rollback');
    expect(rowsIn(await wire.query('select 42'))).toEqual([['42']]);
  }, 60_000);
});
