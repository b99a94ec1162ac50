import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encodeCancelRequest, encodeFrontend, encodeSslRequest, encodeStartupMessage, type FrontendMessage } from '@interlock/protocol-postgres';
import { LAB, LAB_SCHEMA, makeDatabase } from '../e2e/system/fixture.js';
import { processesOf, type Place } from '../e2e/system/installation.js';
import { eventAfter, lastSequence } from '../e2e/system/ledger.js';
import { gatewayLogin } from '../e2e/system/psql.js';
import { bareLogin, withClient } from '../e2e/system/server.js';
import { SHARED_START_MS, sharedInstallation } from '../e2e/system/shared.js';
import { errorIn, rowsIn, Wire } from '../e2e/system/wire.js';
import { leaksIn } from './leaks.js';

const BARE = 'lab_wire';

let place: Place;
beforeAll(async () => {
  place = await sharedInstallation();
  await makeDatabase(place, BARE, LAB_SCHEMA);
}, SHARED_START_MS);

let open: Wire[] = [];
afterEach(() => {
  for (const wire of open) wire.end();
  open = [];
});

const keep = (wire: Wire): Wire => { open.push(wire); return wire; };
const gatewayAddress = (): { host: string; port: number } => ({ host: '127.0.0.1', port: place.ports.connector });
const bare = async (parameters: Record<string, string> = {}): Promise<Wire> => keep(await Wire.login(bareLogin(place, 'standing'), BARE, parameters));
const gateway = async (parameters: Record<string, string> = {}): Promise<Wire> => keep(await Wire.login(await gatewayLogin(place, 'agent-etl'), LAB, parameters));
const int32 = (value: number): Buffer => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(value >>> 0); return bytes; };
const bind = (statement: string, formats: readonly ('text' | 'binary')[] = []): FrontendMessage => ({ kind: 'bind', portal: '', statement, parameterFormats: [], parameters: [], resultFormats: formats });
const EXECUTE: FrontendMessage = { kind: 'execute', portal: '', maxRows: 0 };
const SYNC: FrontendMessage = { kind: 'sync' };

async function exists(database: string, table: string): Promise<boolean> {
  return withClient(bareLogin(place, 'superuser'), database, async (client) => (await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [table])).rows[0]!.there);
}

/** Resident memory of the process that holds the connector, in bytes. */
function connectorBytes(): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${processesOf(place)['connectors']}/status`, 'utf8'))?.[1]) * 1_024;
}

describe('the wire', () => {
  it('PGW-01: plaintext behind SSLRequest never crosses into the encrypted channel', async () => {
    const plaintext = Buffer.concat([encodeStartupMessage([['user', 'agent-etl'], ['database', LAB]]), encodeFrontend({ kind: 'query', text: 'select 1' })]);
    const after = await lastSequence(place);
    const wire = keep(await Wire.raw(gatewayAddress())).send(encodeSslRequest(), plaintext);
    await wire.untilClosed();
    expect(wire.received.toString('latin1')).not.toMatch(/SELECT|AuthenticationCleartext/);
    expect(wire.received.includes(Buffer.from('R\0\0\0\x08\0\0\0'))).toBe(false);
    await eventAfter(place, after, 'protocol.violation.v1', ({ reason }) => reason === 'bytes-before-encryption' || /encrypt/.test(String(reason)));
  }, 30_000);

  it.each([0xffff_ffff, 0x7fff_ffff, 0x8000_0000, 10_001, 7, 3, 0])('PGW-05: a startup packet that declares %i bytes costs nothing and ends the connection', async (size) => {
    const before = connectorBytes();
    const wires = await Promise.all(Array.from({ length: 20 }, async () => keep(await Wire.raw(gatewayAddress())).send(int32(size), int32(196_608))));
    await Promise.all(wires.map((wire) => wire.untilClosed()));
    // Far below what a single believed declaration would take; the runtime itself moves by some megabytes.
    expect(connectorBytes() - before).toBeLessThan(64 * 1_024 * 1_024);
  }, 30_000);

  it('PGW-13: a second statement of the same name does not replace the first', async () => {
    const batch: FrontendMessage[] = [
      { kind: 'parse', statement: 's1', text: "select 'first'", parameterTypes: [] }, { kind: 'parse', statement: 's1', text: 'drop table orders', parameterTypes: [] }, bind('s1'), EXECUTE, SYNC,
    ];
    const wire = await gateway();
    expect(errorIn(await wire.send(...batch).untilReady())?.code).toMatch(/^(42P05|42501)$/);
    await wire.send(bind('s1'), EXECUTE, SYNC).untilReady();
    expect(await exists(LAB, 'orders')).toBe(true);
    expect(rowsIn(await wire.query('select 1'))).toEqual([['1']]);
  });

  it('PGW-13: closing a statement and naming another the same is judged anew', async () => {
    const swap: FrontendMessage[] = [
      { kind: 'parse', statement: 's2', text: 'select 1', parameterTypes: [] }, { kind: 'close', subject: 'statement', name: 's2' },
      { kind: 'parse', statement: 's2', text: 'drop table orders', parameterTypes: [] }, bind('s2'), EXECUTE, SYNC,
    ];
    expect(errorIn(await (await bare()).send(...swap).untilReady())).toBeUndefined();
    expect(await exists(BARE, 'orders')).toBe(false);
    expect(errorIn(await (await gateway()).send(...swap).untilReady())?.code).toBe('42501');
    expect(await exists(LAB, 'orders')).toBe(true);
    await makeDatabase(place, BARE, LAB_SCHEMA);
  });

  it.each([
    ['pg_sleep by oid', 2_626, [Buffer.from('0')]], ['pg_cancel_backend', 2_171, [Buffer.from('1')]], ['lo_creat', 957, [Buffer.from('1')]], ['pg_backend_pid', 2_026, []],
  ])('PGW-17: a function call by oid is never forwarded (%s)', async (_name, functionOid, values) => {
    const call: FrontendMessage = { kind: 'functionCall', functionOid, argumentFormats: [], arguments: values, resultFormat: 'text' };
    expect((await (await bare()).send(call).untilReady()).some(({ kind }) => kind === 'functionCallResponse')).toBe(true);
    const after = await lastSequence(place);
    const wire = await gateway();
    const answer = await wire.send(call).untilReady();
    expect(answer.some(({ kind }) => kind === 'functionCallResponse')).toBe(false);
    expect(errorIn(answer)?.code).toMatch(/^(42501|0A000)$/);
    expect(rowsIn(await wire.query('select 1'))).toEqual([['1']]);
    await eventAfter(place, after, 'command.refused.v1');
  }, 30_000);

  it('PGW-21: cancel requests with impossible lengths or keys end, and cancel nobody', async () => {
    const victim = await gateway();
    victim.send({ kind: 'query', text: 'select pg_sleep(1), 1' });
    const raw = async (bytes: Buffer): Promise<void> => { await keep(await Wire.raw(gatewayAddress())).send(bytes).untilClosed(); };
    await raw(Buffer.concat([int32(0x400), int32(80_877_102), int32(victim.processId), Buffer.alloc(1_012, 1)]));
    await raw(Buffer.concat([int32(12), int32(80_877_102), int32(victim.processId)]));
    await raw(encodeCancelRequest(victim.processId, Buffer.alloc(victim.secretKey.length, 7)));
    await raw(encodeCancelRequest(victim.processId + 1, victim.secretKey));
    expect(errorIn(await victim.untilReady())).toBeUndefined();
  }, 30_000);

  it.each<[string, Record<string, string>, string, string]>([
    ['options', { options: '-c search_path=pg_catalog,evil -c statement_timeout=77' }, 'show search_path', 'pg_catalog,evil'],
    ['row_security', { options: '-c row_security=off' }, 'show row_security', 'off'],
    ['standard_conforming_strings', { options: '-c standard_conforming_strings=off' }, 'show standard_conforming_strings', 'off'],
    ['session_preload_libraries as a parameter', { 'search_path': 'evil' }, 'show search_path', 'evil'],
  ])('PGW-25: startup settings that change what text means are refused or left out (%s)', async (_what, parameters, question, dangerous) => {
    const shown = rowsIn(await (await bare(parameters)).query(question))[0]?.[0];
    expect(shown?.replaceAll(/[" ]/g, '')).toBe(dangerous);
    const wire = await gateway(parameters).catch(() => undefined);
    if (wire !== undefined) expect(rowsIn(await wire.query(question))[0]?.[0]?.replaceAll(/[" ]/g, '')).not.toBe(dangerous);
  });

  it('PGW-25: replication is not to be had', async () => {
    await expect(gateway({ replication: 'database' })).rejects.toThrow(/refused/);
  });

  it('PGW-25: of repeated startup keys the last counts, for the gateway as for the server', async () => {
    const login = await gatewayLogin(place, 'agent-etl');
    const wire = keep(await Wire.encrypted(login));
    wire.send(encodeStartupMessage([['user', 'agent-etl'], ['user', 'dba'], ['database', LAB], ['database', 'postgres']]), encodeFrontend({ kind: 'password', password: login.password }));
    const answer = await wire.until(({ kind }) => kind === 'readyForQuery' || kind === 'errorResponse');
    expect(errorIn(answer), 'the token is not of dba, and postgres is no target').toBeDefined();
  });

  it('PGW-29: message types that do not exist', async () => {
    for (const type of [0x00, 0xff, 0x7a]) {
      const wire = (await gateway()).send(Buffer.concat([Buffer.from([type]), int32(4)]));
      await wire.untilClosed();
    }
  });

  it.each([0x8000_0000, 0x7fff_fff0, 0xffff_ffff, 65_536])('PGW-33: a password message that declares %i bytes', async (size) => {
    const wire = keep(await Wire.encrypted(gatewayAddress()));
    wire.send(encodeStartupMessage([['user', 'agent-etl'], ['database', LAB]]), Buffer.concat([Buffer.from('p'), int32(size), Buffer.alloc(64)]));
    await wire.untilClosed();
    expect(rowsIn(await (await gateway()).query('select 1'))).toEqual([['1']]);
  }, 30_000);

  it.each(['text', 'binary'] as const)('PGW-37: a suspended portal is masked at every fetch (%s)', async (format) => {
    const values = await withClient(bareLogin(place, 'superuser'), LAB, async (client) => (await client.query<{ ssn: string }>('select ssn from customers where id <= 20')).rows.map(({ ssn }) => ssn));
    const fetchAll = async (wire: Wire): Promise<Buffer> => {
      wire.forget().send({ kind: 'query', text: 'begin' });
      await wire.untilReady();
      wire.send({ kind: 'parse', statement: '', text: 'select id, ssn from customers where id <= 20 order by id', parameterTypes: [] }, bind('', [format]));
      for (let fetch = 0; fetch < 21; fetch += 1) wire.send({ kind: 'execute', portal: '', maxRows: 1 }, { kind: 'flush' });
      await wire.send(SYNC).untilReady();
      return wire.received;
    };
    expect(leaksIn(await fetchAll(await bare()), values)).not.toEqual([]);
    const seen = await fetchAll(await gateway());
    expect(leaksIn(seen, values)).toEqual([]);
    expect(seen.toString('latin1').match(/D\0\0\0/g)?.length).toBeGreaterThanOrEqual(20);
  }, 30_000);
});
