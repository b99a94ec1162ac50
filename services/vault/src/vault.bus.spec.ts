import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createConnection, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBatch, LIMITS, type SealedRecord } from '@interlock/kernel';
import { Configuration, type Bundle, type RpcClient } from '@interlock/contracts';
import { BeaconSubscriber, ControlFollower, ControlWriter, JetStreamLedgerReader, NatsRpcClient, type Bus } from '@interlock/adapter-jetstream';
import { openEvent, seal, verifySignature } from '@interlock/adapter-sealing';
import type { Running } from '@interlock/nest';
import { startBus, type OwnTestBus } from '@interlock/testkit';
import { startIdentity } from '@interlock/service-identity';
import { startRecorder } from '@interlock/service-recorder';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { LocalIssuer, newKey, type IssuerKey } from '../../../libs/adapters/oidc/spec/local-issuer.js';
import { startVault } from './start.js';

const PASSWORD = `needle-${randomBytes(12).toString('hex')}`;
const kek = randomBytes(32).toString('base64');

let bus: OwnTestBus;
let road: Server;
let traffic: Buffer[];
let issuer: LocalIssuer;
let key: IssuerKey;
let stateDir: string;
let env: NodeJS.ProcessEnv;
let running: Running[];
let lines: string[];
let api: RpcClient;
let connector: RpcClient;
const opened: Bus[] = [];

/** A road to the bus on which every byte is kept. */
async function listeningRoad(port: number): Promise<Server> {
  const server = createServer((client) => {
    const target = createConnection({ port, host: '127.0.0.1' });
    for (const [from, to] of [[client, target], [target, client]] as const) {
      from.on('data', (chunk: Buffer) => (traffic.push(chunk), to.write(chunk)));
      from.on('error', () => undefined).on('close', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function applyConfiguration(): Promise<void> {
  const person = (name: string, roles: string[]) => ({ name, kind: 'human', issuer: 'local', subject: name, roles });
  const configuration = Configuration.parse({
    version: 1,
    issuers: [{ name: 'local', url: issuer.url, audience: 'interlock', algorithms: ['EdDSA'] }],
    principals: [{ name: 'agent-etl', kind: 'agent', issuer: 'local', subject: 'agent-etl', owners: ['owner-etl'] }, person('owner-etl', []), person('dba', ['dba']), person('security', ['security'])],
    targets: [{ name: 'shop', protocol: 'postgres', host: 'db', database: 'shop' }],
    administration: { changes: ['dba'], secrets: ['dba'], audit: ['dba'], locks: ['dba', 'security'] },
  });
  const bundle: Bundle = { version: 1, configuration, policies: [], change: 'c1', author: 'dba', approvedBy: [], createdAt: new Date().toISOString() };
  const policy = await bus.serviceBus('policy');
  const keys = await bus.keys('policy');
  const stored = await new ControlWriter(policy, (text) => keys.sign(text)).putBundle(JSON.stringify(bundle), 0);
  if (!stored.ok) throw new Error(stored.refusal.detail);
}

beforeAll(async () => {
  traffic = [];
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  bus = await startBus();
  road = await listeningRoad(bus.port);
  issuer = await LocalIssuer.start();
  key = await newKey('EdDSA', 'k1');
  issuer.keys = [key.jwk];
  stateDir = await mkdtemp(join(tmpdir(), 'interlock-vault-'));
  await applyConfiguration();
  env = {
    INTERLOCK_NATS_URL: `nats://127.0.0.1:${(road.address() as AddressInfo).port}`, INTERLOCK_KEYS_DIR: bus.keysDir, INTERLOCK_STATE_DIR: stateDir,
    INTERLOCK_LOG_LEVEL: 'debug', INTERLOCK_VAULT_KEK: kek, INTERLOCK_RECORDER_KEK: randomBytes(32).toString('base64'),
  };
  // The recorder last: whoever needs the ledger before it is there must wait for it, and not the other way round.
  running = [await startVault(env), await startIdentity(env), await startRecorder(env)];
  opened.push(await bus.serviceBus('api', { url: env['INTERLOCK_NATS_URL']! }), await bus.serviceBus('connector-postgres', { url: env['INTERLOCK_NATS_URL']! }));
  api = new NatsRpcClient(opened[0]!);
  connector = new NatsRpcClient(opened[1]!);
});

afterAll(async () => {
  for (const one of [...running].reverse()) await one.close();
  vi.restoreAllMocks();
  road.close();
  await bus.close();
  await issuer.close();
  await rm(stateDir, { recursive: true, force: true });
});

const sent: string[] = [];
async function token(sub: string, service: 'vault' | 'identity') {
  const text = await issuer.sign(key, { iss: issuer.url, aud: 'interlock', sub, exp: Math.floor(Date.now() / 1_000) + 300, jti: sent.length });
  sent.push(text);
  return seal(bus.trust.services[service]!.sealingKey, 'token', Buffer.from(text));
}
const setSecret = async (who = 'dba', target = 'shop') =>
  api.call('vault.setSecret', { token: await token(who, 'vault'), target, secret: seal(bus.trust.services['vault']!.sealingKey, 'secret', Buffer.from(JSON.stringify({ user: 'gateway', password: PASSWORD }))) });
const release = async (who = 'agent-etl') =>
  connector.call('vault.release', { token: await token(who, 'vault'), session: 's1', connector: 'connector-postgres', target: 'shop', kind: 'standing' });
const authenticate = async (who = 'agent-etl', session = 's1') =>
  connector.call('identity.authenticate', { token: await token(who, 'identity'), session, connector: 'connector-postgres', target: 'shop', clientAddress: '127.0.0.1' });

async function eventually(check: () => Promise<boolean> | boolean, withinMs: number): Promise<boolean> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 20))) if (await check()) return true;
  return check();
}

async function ledgerRecords(): Promise<SealedRecord[]> {
  const reader = new JetStreamLedgerReader(await bus.serviceBus('audit'));
  const last = await reader.lastSequence();
  const records: SealedRecord[] = [];
  const stop = new AbortController();
  await reader.follow(1, async ({ sequence, bytes }) => {
    const batch = decodeBatch(bytes);
    if (!batch.ok) throw new Error(batch.refusal.detail);
    records.push(...batch.value.records);
    if (sequence >= last) stop.abort();
  }, stop.signal);
  return records;
}

const ledgerTypes = async () => (await ledgerRecords()).map(({ metadata }) => `${metadata.source.split('/')[1]} ${metadata.type}`);

/** Every payload of the ledger in clear, as the audit service would read it. */
async function ledgerPayloads(): Promise<string[]> {
  const records = await ledgerRecords();
  const audit = new NatsRpcClient(await bus.serviceBus('audit'));
  const revealed = await audit.call('recorder.revealKeys', { keyIds: [...new Set(records.map(({ metadata }) => metadata.keyid))] });
  if (!revealed.ok) throw new Error(revealed.refusal.detail);
  const keys = await bus.keys('audit');
  return records.map(({ metadata, ciphertext }) => {
    const opened = keys.open(revealed.value.keys[metadata.keyid]!, 'event-key');
    if (!opened.ok) throw new Error(opened.refusal.detail);
    return openEvent(Buffer.from(opened.value.toString(), 'base64'), metadata.keyoffset, ciphertext).toString();
  });
}

describe('on the real bus', () => {
  it('services that started before the recorder are well once it is there', async () => {
    expect(await eventually(async () => (await Promise.all((['vault.health', 'identity.health', 'recorder.health'] as const).map((name) => api.call(name, {})))).every((answer) => answer.ok && answer.value.ok), 10_000)).toBe(true);
    expect(await ledgerTypes()).toEqual(expect.arrayContaining(['vault service.started.v1', 'identity service.started.v1', 'recorder service.started.v1']));
  });

  it('a secret goes in sealed, and comes out sealed to the connector alone', async () => {
    expect(await release()).toMatchObject({ ok: false, refusal: { reason: 'secret_missing' } });
    expect(await setSecret('security')).toMatchObject({ ok: false, refusal: { reason: 'role_missing' } });
    expect(await setSecret()).toEqual({ ok: true, value: { target: 'shop', kind: 'standing' } });
    const released = await release();
    const plain = released.ok && (await bus.keys('connector-postgres')).open(released.value.credential, 'credential');
    expect(plain && plain.ok && JSON.parse(plain.value.toString())).toEqual({ user: 'gateway', password: PASSWORD });
    expect(await ledgerTypes()).toEqual(expect.arrayContaining(['vault credential.refused.v1', 'vault secret.set.v1', 'vault credential.released.v1']));
  });

  it('a request that breaks its contract is refused, not a fault', async () => {
    const reply = await opened[0]!.connection.request('rpc.vault.setSecret', '{"token":7}', { timeout: 2_000 });
    expect(reply.json()).toMatchObject({ ok: false, refusal: { reason: 'request_invalid' } });
  });

  it('a lock acts on identity, vault and every follower within a second; two lift it', async () => {
    expect(await authenticate()).toMatchObject({ ok: true, value: { principal: { name: 'agent-etl', party: ['owner-etl'] }, bundleVersion: 1 } });
    const follower = await ControlFollower.start(opened[1]!, { trust: bus.trust, verify: verifySignature });
    const startedMs = Date.now();
    const locked = await api.call('identity.lock', { token: await token('owner-etl', 'identity'), scope: 'principal', subject: 'agent-etl', reason: 'drill' });
    expect(await eventually(() => follower.state.locks.size === 1, 1_000)).toBe(true);
    expect(await authenticate()).toMatchObject({ refusal: { reason: 'locked' } });
    expect(await eventually(async () => { const answer = await release(); return !answer.ok && answer.refusal.reason === 'locked'; }, 1_000)).toBe(true);
    expect(Date.now() - startedMs).toBeLessThan(1_500);
    const id = locked.ok ? locked.value.lock.id : '';
    const unlock = async (who: string) => api.call('identity.unlock', { token: await token(who, 'identity'), lock: id });
    expect(await unlock('security')).toMatchObject({ value: { lifted: false } });
    expect(await unlock('owner-etl')).toMatchObject({ refusal: { reason: 'role_missing' } });
    expect(await unlock('dba')).toMatchObject({ value: { lifted: true, by: ['security', 'dba'] } });
    expect(await authenticate()).toMatchObject({ ok: true });
    expect(await eventually(() => follower.state.locks.size === 0, 1_000)).toBe(true);
    await follower.close();
    expect((await ledgerTypes()).filter((type) => type.startsWith('identity ') && /lock/.test(type))).toEqual([
      'identity lock.set.v1', 'identity unlock.proposed.v1', 'identity lock.refused.v1', 'identity lock.lifted.v1',
    ]);
  });

  it('the beacon comes in time and names the sequence that a follower must have reached', async () => {
    const beacons = new BeaconSubscriber(opened[1]!, { trust: bus.trust, verify: verifySignature, nowMs: () => Date.now() });
    const heard: number[] = [];
    beacons.onBeacon(({ beacon }) => heard.push(beacon.controlSequence));
    await api.call('identity.lock', { token: await token('dba', 'identity'), scope: 'session', subject: 's9', reason: 'drill' });
    expect(await authenticate('agent-etl', 's9')).toMatchObject({ refusal: { reason: 'locked' } });
    expect(await authenticate('agent-etl', 's8')).toMatchObject({ ok: true });
    const follower = await ControlFollower.start(opened[1]!, { trust: bus.trust, verify: verifySignature });
    expect(await eventually(() => heard.at(-1) === follower.state.sequence && heard.length > 2, 4 * LIMITS.beaconEveryMs)).toBe(true);
    await follower.close();
    beacons.close();
  });

  it('no secret and no token is in any byte on the bus, in any event, in the log, or in any file', async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const files = (await readdir(stateDir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const stored = await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name))));
    const payloads = await ledgerPayloads();
    expect(payloads).toEqual(expect.arrayContaining([expect.stringContaining('"connector":"connector-postgres","principal":"agent-etl"')]));
    const seen = Buffer.concat([...traffic, Buffer.from([...lines, ...payloads].join('\n')), ...stored]);
    expect(seen.length).toBeGreaterThan(50_000);
    expect(seen.includes('secret.set.v1')).toBe(true);
    const inBase64 = [0, 1, 2].map((shift) => Buffer.from('x'.repeat(shift) + PASSWORD).toString('base64').slice(4, 28));
    for (const needle of [PASSWORD, Buffer.from(PASSWORD).toString('hex'), ...inBase64, kek.slice(0, 40)]) expect(seen.includes(needle)).toBe(false);
    expect(sent.length).toBeGreaterThan(5);
    for (const text of sent) for (const part of text.split('.').slice(1)) expect(seen.includes(part)).toBe(false);
  });

  it('a vault with another key-encryption key says so; one with the same finds every secret again', async () => {
    await running.shift()!.close();
    expect((await ledgerTypes()).at(-1)).toBe('vault service.stopped.v1');
    const other = await startVault({ ...env, INTERLOCK_VAULT_KEK: randomBytes(32).toString('base64') });
    expect(await release()).toMatchObject({ refusal: { reason: 'secret_unreadable' } });
    expect(await api.call('vault.health', {})).toMatchObject({ value: { ok: false } });
    await other.close();
    running.unshift(await startVault(env));
    expect(await release()).toMatchObject({ ok: true });
  });

  it('says what is wrong with its environment, and leaves nothing open', async () => {
    await expect(startVault({ ...env, INTERLOCK_VAULT_KEK: undefined })).rejects.toThrow('exactly one of INTERLOCK_VAULT_KEK_FILE');
    await expect(startVault({ ...env, INTERLOCK_KEYS_DIR: stateDir })).rejects.toThrow('vault.json cannot be read');
    await expect(startVault({})).rejects.toThrow('INTERLOCK_NATS_URL is not set');
  });
});
