import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectBus, type Bus } from '@interlock/adapter-jetstream';
import { ServiceKeys } from '@interlock/adapter-sealing';
import type { Place } from '../e2e/system/installation.js';
import { lastSequence } from '../e2e/system/ledger.js';
import { SHARED_START_MS, sharedInstallation } from '../e2e/system/shared.js';

let place: Place;
beforeAll(async () => { place = await sharedInstallation(); }, SHARED_START_MS);

let open: Bus[] = [];
afterEach(async () => {
  await Promise.all(open.map((bus) => bus.close()));
  open = [];
});

/** A taken service: its own key, and everything that its account is allowed. */
async function as(service: string): Promise<Bus> {
  const { nkeySeed } = await ServiceKeys.load(join(place.state, 'keys'), service);
  return connected(nkeySeed, service);
}

async function connected(nkeySeed: string, name: string): Promise<Bus> {
  const bus = await connectBus({ url: `nats://127.0.0.1:${place.ports.nats}`, nkeySeed, name: `test/${name}` });
  open.push(bus);
  return bus;
}

/** The stream that takes a subject, as the operator sees it: the whole of it, which no service does. */
async function streamOf(subject: string): Promise<{ readonly last: () => Promise<number>; readonly contentsAfter: (sequence: number) => Promise<string[]> }> {
  const { nkeySeed } = JSON.parse(await readFile(join(place.state, 'keys', 'operator.json'), 'utf8')) as { nkeySeed: string };
  const { connection } = await connected(nkeySeed, 'operator');
  const stream = subject.slice(0, subject.indexOf('.')).toUpperCase();
  const last = async (): Promise<number> => (await connection.request(`$JS.API.STREAM.INFO.${stream}`)).json<{ state: { last_seq: number } }>().state.last_seq;
  const contentsAfter = async (sequence: number): Promise<string[]> => {
    const count = (await last()) - sequence;
    return Promise.all(Array.from({ length: count }, async (_, at) => (await connection.request(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify({ seq: sequence + 1 + at }))).string()));
  };
  return { last, contentsAfter };
}

/** What came back when `service` wrote to `subject`, and how often the stream has what it wrote. */
async function write(service: string, subject: string): Promise<{ readonly answer: string; readonly stored: number }> {
  const stream = await streamOf(subject);
  const before = await stream.last();
  const forged = `forged-${randomUUID()}`;
  const answer = await ask(await as(service), subject, forged);
  return { answer, stored: (await stream.contentsAfter(before)).filter((content) => content === forged).length };
}

/** What comes back to a request: `answered`, `refused` (the server has no streams in that account), or `nobody`. */
async function ask(bus: Bus, subject: string, payload = ''): Promise<string> {
  return bus.connection.request(subject, payload, { timeout: 700 }).then((answer) => (answer.string().includes('"error"') ? 'refused' : 'answered'), () => 'nobody');
}

describe('EVT-01: a taken service reaches what is its own, and nothing else', () => {
  it('(what is its own, it reaches)', async () => {
    expect(await ask(await as('audit'), '$JS.API.DIRECT.GET.LEDGER', JSON.stringify({ seq: 1 }))).toBe('answered');
  });

  it('(what is its own, it writes, and it is found in the stream)', async () => {
    expect(await write('connector-postgres', 'recording.connector-postgres')).toEqual({ answer: 'answered', stored: 1 });
  });

  it.each([
    ['connector-postgres', 'ledger.identity.1'], ['connector-postgres', 'ledger.recorder.1'], ['api', 'ledger.connector-postgres.1'], ['masking', 'ledger.policy.1'],
    ['connector-postgres', 'control.bundle'], ['connector-postgres', 'control.lock.x'], ['identity', 'control.bundle'], ['api', 'grants.x'], ['connector-postgres', 'secrets.shop'], ['policy', 'secrets.shop'], ['api', 'recording.connector-postgres'],
  ])('%s does not write to %s', async (service, subject) => {
    expect(await write(service, subject)).toEqual({ answer: 'nobody', stored: 0 });
  });

  it.each([
    ['connector-postgres', 'LEDGER'], ['api', 'LEDGER'], ['masking', 'LEDGER'], ['chatops', 'LEDGER'], ['vault', 'RECORDING'], ['identity', 'RECORDING'], ['connector-postgres', 'SECRETS'], ['connector-postgres', 'TOKENS'], ['vault', 'TOKENS'], ['recorder', 'SECRETS'], ['api', 'GRANTS'],
  ])('%s does not read stream %s', async (service, stream) => {
    for (const subject of [`$JS.API.DIRECT.GET.${stream}`, `$JS.API.STREAM.MSG.GET.${stream}`]) expect(await ask(await as(service), subject, JSON.stringify({ seq: 1 })), subject).not.toBe('answered');
  });

  it.each(['identity', 'policy', 'approval', 'masking', 'vault', 'recorder', 'audit', 'api', 'connector-postgres'])('%s does not make, change, empty or remove a stream, nor make a consumer', async (service) => {
    const bus = await as(service);
    const tries = [
      ['$JS.API.STREAM.CREATE.OTHER', { name: 'OTHER', subjects: ['other'] }], ['$JS.API.STREAM.UPDATE.LEDGER', { name: 'LEDGER', subjects: ['ledger.*.*'], max_msgs: 1 }], ['$JS.API.STREAM.PURGE.LEDGER', {}],
      ['$JS.API.STREAM.DELETE.LEDGER', {}], ['$JS.API.STREAM.MSG.DELETE.LEDGER', { seq: 1 }], ['$JS.API.CONSUMER.CREATE.LEDGER', { stream_name: 'LEDGER', config: { deliver_subject: 'ledger.identity.1', ack_policy: 'none' } }],
    ] as const;
    for (const [subject, body] of tries) expect(await ask(bus, subject, JSON.stringify(body)), subject).not.toBe('answered');
    expect(await lastSequence(place)).toBeGreaterThan(1);
  }, 30_000);

  it('nobody hears what others say', async () => {
    const bus = await as('masking');
    const [said, own] = [`said-${randomUUID()}`, `own-${randomUUID()}`];
    const heard: string[] = [];
    for (const subject of ['>', 'ledger.>', 'rpc.>', 'recording.>', '$JS.>']) bus.connection.subscribe(subject, { callback: (_fault, message) => { if (message) heard.push(message.string()); } });
    await bus.connection.flush().catch(() => undefined);
    const other = await as('connector-postgres');
    for (const subject of ['rpc.identity.authenticate', 'recording.connector-postgres', '$JS.API.DIRECT.GET.OBJECTS']) await ask(other, subject, said);
    await ask(bus, 'rpc.masking.health', own);
    expect(heard.some((text) => text.includes(own)), 'what is its own, it hears').toBe(true);
    expect(heard.filter((text) => text.includes(said))).toEqual([]);
  });
});
