import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { BusNotSynced, BusUnreachable, checkSyncAlways, connectBus, type Bus } from '@interlock/adapter-jetstream';
import { RPC, type RpcName } from '@interlock/contracts';
import { startBus, type OwnTestBus } from '@interlock/testkit';
import { nkeys, RequestError, type Msg } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BEACON_LISTENERS, READERS, RPC_CALLERS, SERVICES, WRITERS, type ServiceName } from './permissions.js';
import { createStreams } from './streams.js';

let bus: OwnTestBus;
let operator: Bus;
const services = new Map<ServiceName, Bus>();
beforeAll(async () => {
  bus = await startBus();
  operator = await bus.operatorBus();
  for (const service of SERVICES) services.set(service, await bus.serviceBus(service));
});
afterAll(() => bus.close());

const as = (service: ServiceName): Bus => services.get(service)!;

/** The answer's text; `nobody` when the subject reaches nobody from this service's account. */
async function ask(service: ServiceName, subject: string, payload = ''): Promise<string> {
  const answer: Msg | 'nobody' = await as(service).connection.request(subject, payload, { timeout: 2_000 }).catch((fault: unknown) => {
    if (fault instanceof RequestError && fault.isNoResponders()) return 'nobody' as const;
    throw fault;
  });
  if (answer === 'nobody') return answer;
  return answer.headers?.code === 404 ? 'not found' : answer.headers?.get('Nats-Sequence') ? 'found' : answer.string();
}

async function streamState(stream: string): Promise<{ readonly messages: number; readonly subjects: Record<string, number>; readonly config: object }> {
  const answer = await operator.connection.request(`$JS.API.STREAM.INFO.${stream}`, JSON.stringify({ subjects_filter: '>' }));
  const { state, config } = answer.json<{ state: { messages: number; subjects?: Record<string, number> }; config: object }>();
  return { messages: state.messages, subjects: state.subjects ?? {}, config };
}

const concrete = (subject: string): string => subject.replaceAll('*', 'x').replace('>', `k${randomBytes(4).toString('hex')}`);

describe('a service reaches', () => {
  it.each(SERVICES)('as %s: its own ledger subject and no other service\'s', async (service) => {
    for (const owner of SERVICES) {
      const own = owner === service;
      expect([owner, await ask(service, `ledger.${owner}.1`, 'batch')]).toEqual([owner, own ? expect.stringContaining('"stream":"LEDGER"') : 'nobody']);
      expect([owner, await ask(service, `$JS.API.DIRECT.GET.LEDGER.ledger.${owner}.1`)]).toEqual([owner, own || READERS['LEDGER']!.includes(service) ? expect.stringMatching(/^(not )?found$/) : 'nobody']);
    }
  });

  it.each(SERVICES)('as %s: the streams that the table lets it write, and no others', async (service) => {
    for (const [subject, writers] of Object.entries(WRITERS)) {
      const expected: unknown = writers.includes(service) ? expect.stringContaining('"seq":') : 'nobody';
      expect([subject, await ask(service, concrete(subject), '{}')]).toEqual([subject, expected]);
    }
  });

  it.each(SERVICES)('as %s: the streams that the table lets it read, and no others', async (service) => {
    for (const [stream, readers] of Object.entries(READERS)) {
      const expected: unknown = readers.includes(service) ? expect.stringMatching(/^(not )?found$/) : 'nobody';
      expect([stream, await ask(service, `$JS.API.DIRECT.GET.${stream}`, '{"seq":1}')]).toEqual([stream, expected]);
      expect([stream, await ask(service, `$JS.API.DIRECT.GET.${stream}.>`)]).toEqual([stream, expected]);
    }
  });

  it('the requests that the table lets it make, and no others', async () => {
    for (const name of Object.keys(RPC) as RpcName[]) {
      const owner = name.slice(0, name.indexOf('.')) as ServiceName;
      const serving = as(owner).connection.subscribe(`rpc.${name}`, { callback: (_fault, message) => void message.respond(`served by ${owner}`) });
      await as(owner).connection.flush();
      const callers: readonly ServiceName[] = RPC_CALLERS[name];
      for (const service of SERVICES) {
        const expected = callers.includes(service) || service === owner ? `served by ${owner}` : 'nobody';
        expect([name, service, await ask(service, `rpc.${name}`)]).toEqual([name, service, expected]);
      }
      serving.unsubscribe();
    }
  });

  it('the beacon of identity, and nobody hears another\'s', async () => {
    const heard: string[] = [];
    for (const service of SERVICES) as(service).connection.subscribe('beacon', { callback: (_fault, message) => void heard.push(`${service} heard ${message.string()}`) });
    await Promise.all(SERVICES.map((service) => as(service).connection.flush()));
    for (const service of SERVICES) as(service).connection.publish('beacon', service);
    await Promise.all(SERVICES.map((service) => as(service).connection.flush()));
    await pause(100);
    const expected = [...BEACON_LISTENERS.map((service) => `${service} heard identity`), ...SERVICES.map((service) => `${service} heard ${service}`)];
    expect(heard.sort()).toEqual(expected.sort());
  });
});

describe('a service that was taken cannot', () => {
  it.each(SERVICES)('as %s: create, change, read about, cut or remove a stream, or make a consumer', async (service) => {
    const before = await streamState('LEDGER');
    const calls: [string, object][] = [
      ['STREAM.CREATE.MINE', { name: 'MINE', subjects: ['mine'] }], ['STREAM.UPDATE.LEDGER', { ...before.config, max_msgs: 1 }], ['STREAM.DELETE.LEDGER', {}],
      ['STREAM.PURGE.LEDGER', {}], ['STREAM.INFO.LEDGER', {}], ['STREAM.NAMES', {}], ['STREAM.MSG.DELETE.LEDGER', { seq: 1 }], ['STREAM.MSG.GET.LEDGER', { seq: 1 }],
      ['CONSUMER.CREATE.LEDGER', { stream_name: 'LEDGER', config: { deliver_subject: 'ledger.recorder.1' } }],
      ['CONSUMER.CREATE.CONTROL.mine', { stream_name: 'CONTROL', config: { name: 'mine', ack_policy: 'none' } }], ['STREAM.SNAPSHOT.LEDGER', { deliver_subject: 'x' }],
    ];
    for (const [call, body] of calls) {
      const answer = await ask(service, `$JS.API.${call}`, JSON.stringify(body));
      expect([call, answer]).toEqual([call, expect.stringMatching(/^nobody$|JetStream not enabled for account/)]);
    }
    expect(await streamState('LEDGER')).toEqual(before);
  });

  it('have an acknowledgement stored on another\'s subject by naming it as the place to reply', async () => {
    await ask('recorder', 'ledger.recorder.1', 'its own');
    const [ledger, grants] = [await streamState('LEDGER'), await streamState('GRANTS')];
    const { connection } = as('connector-postgres');
    for (const reply of ['ledger.recorder.1', 'ledger.connector-postgres.1', '$JS.API.STREAM.PURGE.LEDGER', '$JS.API.STREAM.DELETE.GRANTS', 'grants.forged', 'control.bundle']) {
      connection.publish('recording.connector-postgres', 'chunk', { reply });
      connection.publish('$JS.API.DIRECT.GET.CONTROL', '{"seq":1}', { reply });
    }
    await connection.flush();
    await pause(200);
    expect(await streamState('LEDGER')).toEqual(ledger);
    expect(await streamState('GRANTS')).toEqual(grants);
    expect((await streamState('CONTROL')).subjects['control.bundle'] ?? 0).toBe(1);
  });

  it('listen to what others say', async () => {
    const heard: string[] = [];
    const listening = as('api').connection.subscribe('>', { callback: (_fault, message) => void heard.push(message.subject) });
    await as('api').connection.flush();
    await ask('vault', 'secrets.quiet', '{}');
    await ask('connector-postgres', 'grants.quiet', '{}');
    await ask('connector-postgres', 'rpc.identity.authenticate', '{}');
    await pause(100);
    listening.unsubscribe();
    expect(heard.filter((subject) => !subject.startsWith('_INBOX.'))).toEqual([]);
  });

  it('answer for another service', async () => {
    as('masking').connection.subscribe('rpc.vault.setSecret', { callback: (_fault, message) => void message.respond('taken') });
    await as('masking').connection.flush();
    expect(await ask('api', 'rpc.vault.setSecret')).toBe('nobody');
  });
});

describe('the bus', () => {
  it('lets nobody in without a key of the installation', async () => {
    const stranger = Buffer.from(nkeys.createUser().getSeed()).toString('latin1');
    await expect(connectBus({ url: bus.url, nkeySeed: stranger, name: 'stranger' })).rejects.toThrow(BusUnreachable);
  });

  it('does not let even the operator remove a message or purge a stream', async () => {
    const before = await streamState('LEDGER');
    for (const [call, body] of [['STREAM.PURGE.LEDGER', {}], ['STREAM.MSG.DELETE.LEDGER', { seq: 1 }]] as const) {
      expect((await operator.connection.request(`$JS.API.${call}`, JSON.stringify(body))).string()).toContain('"error"');
    }
    expect(await streamState('LEDGER')).toEqual(before);
  });

  it('keeps its streams at a second start, and creates none', async () => {
    const before = await streamState('LEDGER');
    expect(await createStreams(operator.connection, { ledgerBytes: 1024, recordingBytes: 1024 })).toEqual([]);
    expect(await streamState('LEDGER')).toEqual(before);
    expect(before.config).toMatchObject({ storage: 'file', discard: 'new', deny_delete: true, deny_purge: true, allow_direct: true, subjects: ['ledger.*.*'] });
  });

  it('tells every service that it syncs every write', async () => {
    for (const service of SERVICES) expect(await checkSyncAlways(as(service), { allowUnsynced: false })).toEqual({ synced: true, servers: 1 });
  });

  it('that does not sync every write is refused, unless that is allowed', async () => {
    const unsynced = await startBus({ sync: 'default' });
    const service = await unsynced.serviceBus('api');
    await expect(checkSyncAlways(service, { allowUnsynced: false })).rejects.toThrow(BusNotSynced);
    expect(await checkSyncAlways(service, { allowUnsynced: true })).toEqual({ synced: false, servers: 1 });
    await unsynced.close();
  });

  it('whose streams were not made by the operator step is refused', async () => {
    const other = await startBus();
    const { connection } = await other.operatorBus();
    await connection.request('$JS.API.STREAM.DELETE.GRANTS');
    await connection.request('$JS.API.STREAM.CREATE.GRANTS', JSON.stringify({ name: 'GRANTS', subjects: ['grants.>'], storage: 'memory', retention: 'limits' }));
    await expect(createStreams(connection)).rejects.toThrow('GRANTS exists without file storage, deny_delete, deny_purge');
    await other.close();
  });
});
