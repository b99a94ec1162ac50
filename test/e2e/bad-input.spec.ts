import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeSslRequest, encodeStartupMessage } from '@interlock/protocol-postgres';
import { changeConfiguration } from './system/configuration.js';
import { interlock } from './system/cli.js';
import { Forgery } from './system/forged-tokens.js';
import type { Place } from './system/installation.js';
import { eventAfter, lastSequence } from './system/ledger.js';
import { api, apiOk, token } from './system/people.js';
import { gatewayLogin, psql } from './system/psql.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';
import { errorIn, rowsIn, Wire } from './system/wire.js';

let place: Place;
let forgery: Forgery;
beforeAll(async () => {
  place = await sharedInstallation();
  forgery = new Forgery(place);
}, SHARED_START_MS);

const gateway = (): { host: string; port: number } => ({ host: '127.0.0.1', port: place.ports.connector });
const long = (size: number): Buffer => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(size >>> 0); return bytes; };

async function stillServes(): Promise<void> {
  const wire = await Wire.login(await gatewayLogin(place, 'agent-etl'), 'shop');
  expect(rowsIn(await wire.query('select 1'))).toEqual([['1']]);
  wire.end();
}

/** psql with this password: what it says, and the reason in the ledger. */
async function refusedLogin(password: string, user = 'agent-etl', database = 'shop'): Promise<{ said: string; reason: unknown }> {
  const after = await lastSequence(place);
  const { said, code } = await psql({ ...gateway(), user, password }, database, { args: ['--command', 'select 1'], timeoutMs: 30_000 });
  expect(code).toBe(2);
  const event = await eventAfter(place, after, 'authentication.refused.v1');
  expect(JSON.stringify(event.data)).not.toContain(password.slice(0, 40));
  return { said, reason: event.data['reason'] };
}

describe('a token that is not good', () => {
  it('the forger can make a good one, so what follows is refused for its own reason', async () => {
    const wire = await Wire.login({ ...gateway(), user: 'agent-etl', password: forgery.signed() }, 'shop');
    expect(rowsIn(await wire.query('select 1'))).toEqual([['1']]);
    wire.end();
  });

  const now = Math.floor(Date.now() / 1_000);
  it.each<[string, () => string, RegExp]>([
    ['is no token', () => 'hunter2', /token/i],
    ['has expired', () => forgery.signed(forgery.claims({ iat: now - 7_200, exp: now - 3_600 })), /expired/i],
    ['is of a foreign key', () => forgery.foreign(), /signature/i],
    ['is unsigned', () => forgery.unsigned('none'), /not signed|unsigned/i],
    ['is unsigned, in other letters', () => forgery.unsigned('nOnE'), /not signed|unsigned/i],
    ['was changed', () => forgery.changed(), /signature/i],
    ['is of another issuer', () => forgery.signed(forgery.claims({ iss: 'https://evil.example' })), /issuer/i],
    ['is for someone else', () => forgery.signed(forgery.claims({ aud: 'other' })), /audience/i],
    ['is not valid yet', () => forgery.signed(forgery.claims({ nbf: now + 3_600 })), /not.*(yet|before)|future/i],
    ['never ends', () => forgery.signed(forgery.claims({ exp: undefined })), /exp/i],
    ['ends in words', () => forgery.signed(forgery.claims({ exp: '9999999999' })), /exp/i],
    ['demands an extension', () => forgery.signed(forgery.claims(), { crit: ['exp2'], exp2: 1 }), /extension|crit/i],
    ['names nobody known', () => forgery.signed(forgery.claims({ sub: 'stranger', client_id: 'stranger' })), /principal|known/i],
  ])('%s: a clear error, an event, and the process goes on', async (_what, make, words) => {
    const { said, reason } = await refusedLogin(make());
    expect(said).toMatch(words);
    expect(said).not.toMatch(/undefined|stack|at \w+ \(/);
    expect(reason).toMatch(/^[a-z_]+$/);
    await stillServes();
  }, 60_000);

  it('is of another principal than the user that was named', async () => {
    const { said } = await refusedLogin(await token(place, 'agent-etl'), 'agent-support');
    expect(said).toMatch(/agent-support|another|user/i);
  }, 60_000);

  it('cannot be used at a target that does not exist', async () => {
    const { said } = await refusedLogin(await token(place, 'agent-etl'), 'agent-etl', 'nowhere');
    expect(said).toMatch(/nowhere/);
    await stillServes();
  }, 60_000);

  it('is not taken in clear', async () => {
    const login = await gatewayLogin(place, 'agent-etl');
    const { said, code } = await psql(login, 'shop', { args: ['--command', 'select 1'], env: { PGSSLMODE: 'disable' } });
    expect(code).toBe(2);
    expect(said).toMatch(/TLS|SSL|encrypt/i);
  });
});

/** Bytes that the protocol does not allow: the connection ends, and the ledger says why. */
async function violation(bytes: readonly Buffer[], how: 'raw' | 'encrypted' | 'logged in'): Promise<{ wire: Wire; detail: string }> {
  const after = await lastSequence(place);
  const wire = how === 'raw' ? await Wire.raw(gateway()) : how === 'encrypted' ? await Wire.encrypted(gateway()) : await Wire.login(await gatewayLogin(place, 'agent-etl'), 'shop');
  wire.forget().send(...bytes);
  await wire.untilClosed();
  const event = await eventAfter(place, after, 'protocol.violation.v1');
  await stillServes();
  return { wire, detail: JSON.stringify(event.data) };
}

describe('frames that are not', () => {
  const startup = encodeStartupMessage([['user', 'agent-etl'], ['database', 'shop']]);

  it.each<[string, Buffer[], 'raw' | 'encrypted' | 'logged in']>([
    ['SSLRequest followed by plaintext in one segment', [encodeSslRequest(), startup, Buffer.from('Q\0\0\0\rselect 1\0')], 'raw'],
    ['a startup packet that declares 4 GiB', [long(0xffff_ffff), Buffer.from([0, 3, 0, 0])], 'raw'],
    ['a startup packet that declares 3 bytes', [long(3), Buffer.from([0, 3, 0, 0])], 'raw'],
    ['startup garbage', [Buffer.from('GET / HTTP/1.1\r\nHost: db\r\n\r\n')], 'raw'],
    ['a protocol that nobody speaks', [long(8), Buffer.from([0, 9, 0, 9])], 'encrypted'],
    ['a startup message without a user', [encodeStartupMessage([['database', 'shop']])], 'encrypted'],
    ['a password message that declares 2 GiB', [startup, Buffer.from('p'), long(0x7fff_fff0)], 'encrypted'],
    ['a query before authentication', [startup, Buffer.from('Q\0\0\0\rselect 1\0')], 'encrypted'],
    ['a query that declares 2 GiB', [Buffer.from('Q'), long(0x7fff_ffff), Buffer.from('select 1\0')], 'logged in'],
    ['a message type that does not exist', [Buffer.from([0x00, 0, 0, 0, 4])], 'logged in'],
    ['a length smaller than its own field', [Buffer.from('Q\0\0\0\x03', 'latin1')], 'logged in'],
  ])('%s', async (_what, bytes, how) => {
    const { wire } = await violation(bytes, how);
    // No answer to a query got out, encrypted or not.
    expect(wire.received.toString('latin1')).not.toContain('SELECT 1');
  }, 60_000);

  it.each<[string, Buffer]>([
    ['a query without its terminator', Buffer.from('Q\0\0\0\x0cselect 1', 'latin1')],
    ['text that is no UTF-8', Buffer.from('Q\0\0\0\x08\xff\xfe\xfd\0', 'latin1')],
    ['a Bind with two formats for one parameter', Buffer.from('B\0\0\0\x14\0\0\0\x02\0\0\0\0\0\x01\xff\xff\xff\xff\0\0', 'latin1')],
  ])('%s: an error, whether or not the connection goes on', async (_what, bytes) => {
    const after = await lastSequence(place);
    const wire = await Wire.login(await gatewayLogin(place, 'agent-etl'), 'shop');
    wire.forget().send(bytes, { kind: 'sync' });
    expect(errorIn(await wire.untilReady())?.code).toMatch(/^(08P01|22021|42601)$/);
    await eventAfter(place, after, wire.closed ? 'protocol.violation.v1' : 'command.refused.v1');
    wire.end();
    await stillServes();
  }, 60_000);

  it('a connection that ends in the middle of a frame', async () => {
    const wire = await Wire.login(await gatewayLogin(place, 'agent-etl'), 'shop');
    wire.send(Buffer.from('Q\0\0\0\xffselect', 'latin1'));
    wire.end();
    const socket = createConnection(gateway());
    await once(socket, 'connect');
    socket.write(Buffer.from([0, 0]));
    socket.destroy();
    await stillServes();
  }, 60_000);

  it('a simple query inside an extended batch runs where PostgreSQL would run it', async () => {
    const wire = await Wire.login(await gatewayLogin(place, 'agent-etl'), 'shop');
    wire.send({ kind: 'parse', statement: '', text: 'select 1', parameterTypes: [] }, { kind: 'query', text: 'select 2' });
    expect(rowsIn(await wire.untilReady())).toEqual([['2']]);
    wire.send({ kind: 'bind', portal: '', statement: '', parameterFormats: [], parameters: [], resultFormats: [] }, { kind: 'execute', portal: '', maxRows: 0 }, { kind: 'sync' });
    // The simple query has destroyed the unnamed statement.
    expect(errorIn(await wire.untilReady())?.code).toBe('26000');
    expect(rowsIn(await wire.query('select 3'))).toEqual([['3']]);
    wire.end();
  });

  it('COPY data where no COPY is, is dropped as PostgreSQL drops it', async () => {
    const wire = await Wire.login(await gatewayLogin(place, 'agent-etl'), 'shop');
    wire.send({ kind: 'copyData', data: Buffer.from('1\t2\n') }, { kind: 'copyDone' }, { kind: 'query', text: 'select 4' });
    expect(rowsIn(await wire.untilReady())).toEqual([['4']]);
    wire.end();
  });
});

describe('a statement that does not parse', () => {
  it('is refused with its place, recorded, and the session lives on', async () => {
    const after = await lastSequence(place);
    const { said } = await psql(await gatewayLogin(place, 'agent-etl'), 'shop', { script: "selec 1;\n\\echo :SQLSTATE\nselect 'alive';\n" });
    expect(said).toMatch(/syntax error at or near "selec"/);
    expect(said).toMatch(/LINE 1: selec 1;/);
    expect(said).toMatch(/^42601$/m);
    expect(said).toContain('alive');
    await eventAfter(place, after, 'command.refused.v1', ({ text }) => text === 'selec 1' || text === 'selec 1;');
  }, 60_000);

  it.each([
    ['nests too deep', `select 1${' + 1'.repeat(20_000)}`],
    ['is longer than a ledger event, and not by its values', `select ${'1,'.repeat(300 * 1_024)} 1`],
  ])('%s', async (_what, text) => {
    const wire = await Wire.login(await gatewayLogin(place, 'agent-etl'), 'sandbox');
    expect(errorIn(await wire.query(text))?.code).toMatch(/^54/);
    expect(rowsIn(await wire.query('select 1'))).toEqual([['1']]);
    wire.end();
  }, 60_000);
});

describe('a configuration with a typo', () => {
  async function inForce(): Promise<string> {
    return JSON.stringify((await apiOk(place, 'security', 'GET', '/configuration'))['files']);
  }

  it('in interlock.yaml: file, line, what was expected, and nothing applied', async () => {
    const folder = `${place.folder}/typo`;
    expect((await interlock(place, 'security', ['pull', folder])).code).toBe(0);
    const yaml = readFileSync(`${folder}/interlock.yaml`, 'utf8');
    const line = yaml.split('\n').findIndex((text) => text.includes('audience:')) + 1;
    writeFileSync(`${folder}/interlock.yaml`, yaml.replace('audience:', 'audiense:'));
    const { said, code } = await interlock(place, 'security', ['apply', folder]);
    expect(code).toBe(1);
    expect(said).toContain('interlock.yaml');
    expect(said).toMatch(new RegExp(`\\b${line}\\b`));
    expect(said).toContain('audience');
    expect(await inForce()).not.toContain('audiense');
  }, 60_000);

  it('in a rule: file and line, and nothing applied', async () => {
    const refusal = await changeConfiguration(place, () => undefined, [{ file: 'policies/typo.cedar', text: '@id("typo")\npermit (principal, action,\n  resource in Tarrget::"shop");\n' }]).then(() => '', (fault: unknown) => String(fault));
    expect(refusal).toContain('policies/typo.cedar');
    expect(refusal).toMatch(/typo\.cedar:?\D{0,12}3/);
    expect(await inForce()).not.toContain('Tarrget');
  }, 60_000);

  it('cannot be approved by its author', async () => {
    const { body } = await api(place, 'security', 'POST', '/changes', { files: (await apiOk<{ files: { file: string; text: string }[] }>(place, 'security', 'GET', '/configuration')).files.map(({ file, text }) => ({ file, text: file.endsWith('.cedar') ? `${text}\n// a remark\n` : text })) });
    expect(body['status']).toBe('pending');
    const own = await api(place, 'security', 'POST', `/changes/${String(body['change'])}/decision`, { verdict: 'approve' });
    expect(own.status).toBe(403);
    expect((await api(place, 'dba', 'POST', `/changes/${String(body['change'])}/decision`, { verdict: 'deny' })).status).toBeLessThan(300);
  }, 60_000);
});
