import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { sha256Hex, type EventDraft, type EventSeal, type Outcome, type Receipt } from '@interlock/kernel';
import { Configuration, draft, type Bundle, type EventData, type RpcName, type RpcRequest, type RpcResponse, type Risk } from '@interlock/contracts';
import { ControlWriter, JetStreamLedger, NatsRpcClient, RecordingWriter, type Bus } from '@interlock/adapter-jetstream';
import { createEventSeal, seal } from '@interlock/adapter-sealing';
import { encodeBackend, type BackendMessage } from '@interlock/protocol-postgres';
import type { Running } from '@interlock/nest';
import { startAudit } from '@interlock/service-audit';
import { startRecorder } from '@interlock/service-recorder';
import { startBus, type OwnTestBus } from '@interlock/testkit';
import { LocalIssuer, newKey, type IssuerKey } from '../../../libs/adapters/oidc/spec/local-issuer.js';
import { startViewsDatabase, type ViewsDatabase } from './views-database.js';

const IN_TIME_MS = 15_000;

/** Recorder and audit on a real bus with a real database, and a connector whose words the specs write. */
export class EvidenceWorld {
  readonly lines: string[] = [];
  recorder!: Running;
  audit!: Running;
  #tokens = 0;

  private constructor(
    readonly bus: OwnTestBus,
    readonly database: ViewsDatabase,
    readonly stateDir: string,
    private readonly issuer: LocalIssuer,
    private readonly key: IssuerKey,
    private readonly env: NodeJS.ProcessEnv,
    private readonly api: NatsRpcClient,
  ) {}

  static async start(): Promise<EvidenceWorld> {
    const [bus, database, issuer, key] = await Promise.all([startBus(), startViewsDatabase(), LocalIssuer.start(), newKey('EdDSA', 'k1')]);
    issuer.keys = [key.jwk];
    const stateDir = await mkdtemp(join(tmpdir(), 'interlock-evidence-'));
    const env = {
      INTERLOCK_NATS_URL: bus.url, INTERLOCK_KEYS_DIR: bus.keysDir, INTERLOCK_STATE_DIR: stateDir, INTERLOCK_LOG_LEVEL: 'error',
      INTERLOCK_RECORDER_KEK: randomBytes(32).toString('base64'), INTERLOCK_VIEWS_URL: database.url, INTERLOCK_SEAL_EVERY_MS: '20',
    };
    const world = new EvidenceWorld(bus, database, stateDir, issuer, key, env, new NatsRpcClient(await bus.serviceBus('api')));
    await world.#applyConfiguration();
    await world.startRecorder();
    await world.startAudit();
    return world;
  }

  async startRecorder(): Promise<void> {
    this.recorder = await startRecorder(this.env);
  }

  async startAudit(): Promise<void> {
    this.audit = await startAudit(this.env);
  }

  async close(): Promise<void> {
    await this.audit.close();
    await this.recorder.close();
    await this.bus.close();
    await this.database.close();
    await this.issuer.close();
    await rm(this.stateDir, { recursive: true, force: true });
  }

  /** Folder of the bus's store. */
  get busStore(): string {
    return join(dirname(this.bus.keysDir), 'store');
  }

  /** Folder of the sealed log. */
  get logFolder(): string {
    return join(this.stateDir, 'recorder', 'log');
  }

  /** Asks audit as a person. */
  async ask<N extends Extract<RpcName, `audit.${string}`>>(who: string, name: N, request: Omit<RpcRequest<N>, 'token'>): Promise<Outcome<RpcResponse<N>>> {
    const token = seal(this.bus.trust.services['audit']!.sealingKey, 'token', Buffer.from(await this.#token(who)));
    return this.api.call(name, { ...request, token } as unknown as RpcRequest<N>, { timeoutMs: 60_000 });
  }

  async mustAsk<N extends Extract<RpcName, `audit.${string}`>>(name: N, request: Omit<RpcRequest<N>, 'token'>): Promise<RpcResponse<N>> {
    return valueOf(await this.ask('auditor', name, request));
  }

  async rpc<N extends RpcName>(name: N, request: RpcRequest<N>): Promise<RpcResponse<N>> {
    return valueOf(await this.api.call(name, request));
  }

  async connector(instance = '1'): Promise<ScriptedConnector> {
    const bus = await this.bus.serviceBus('connector-postgres');
    return ScriptedConnector.start(this.bus, bus, instance);
  }

  /** Waits until every view that has not stopped holds the whole ledger, and the log seals it. */
  async settled(): Promise<void> {
    await eventually('the views and the log hold the whole ledger', async () => {
      const { views } = await this.rpc('audit.status', {});
      const { lag, halted } = await this.rpc('recorder.status', {});
      return views.every((view) => view.stopped || view.lag === 0) && (halted !== undefined || lag === 0);
    });
  }

  async #applyConfiguration(): Promise<void> {
    const configuration = Configuration.parse({
      version: 1,
      issuers: [{ name: 'local', url: this.issuer.url, audience: 'interlock', algorithms: ['EdDSA'] }],
      principals: [
        { name: 'agent-etl', kind: 'agent', issuer: 'local', subject: 'agent-etl', roles: ['auditor'], owners: ['owner-etl'] },
        { name: 'agent-twin', kind: 'agent', issuer: 'local', subject: 'agent-twin', roles: ['auditor', 'dba'], owners: ['owner-etl'] },
        ...['owner-etl', 'auditor', 'dba', 'visitor'].map((name) => ({ name, kind: 'human', issuer: 'local', subject: name, roles: [name] })),
      ],
      targets: [],
      administration: { changes: ['dba'], secrets: ['dba'], audit: ['auditor'], locks: ['dba'] },
    });
    const bundle: Bundle = { version: 1, configuration, policies: [], change: 'c1', author: 'dba', approvedBy: [], createdAt: new Date().toISOString() };
    const keys = await this.bus.keys('policy');
    valueOf(await new ControlWriter(await this.bus.serviceBus('policy'), (text) => keys.sign(text)).putBundle(JSON.stringify(bundle), 0));
  }

  #token(sub: string): Promise<string> {
    return this.issuer.sign(this.key, { iss: this.issuer.url, aud: 'interlock', sub, exp: Math.floor(Date.now() / 1_000) + 300, jti: String((this.#tokens += 1)) });
  }
}

/** A connector as the bus sees one. */
export class ScriptedConnector {
  private constructor(readonly ledger: JetStreamLedger, private readonly rpc: NatsRpcClient, private readonly recordings: RecordingWriter, private readonly sealingKey: string) {}

  static async start(world: OwnTestBus, bus: Bus, instance: string): Promise<ScriptedConnector> {
    const keys = await world.keys('connector-postgres');
    const rpc = new NatsRpcClient(bus);
    const { sealingKey } = world.trust.services['recorder']!;
    const own = await registeredSeal(rpc, sealingKey, 'run');
    const ledger = new JetStreamLedger(bus, { service: 'connector-postgres', instance, seal: own, sign: (text) => keys.sign(text), nowMs: Date.now });
    const connector = new ScriptedConnector(ledger, rpc, new RecordingWriter(bus, 'connector-postgres'), sealingKey);
    await ledger.append([draft('service.started.v1', { service: 'connector-postgres', instance, version: '0.1.0' })]);
    return connector;
  }

  /** Opens a session with a key of its own. */
  async session(principal = 'agent-etl', target = 'shop'): Promise<ScriptedSession> {
    const session = randomUUID();
    const opened = new ScriptedSession(session, await registeredSeal(this.rpc, this.sealingKey, session), this.ledger, this.recordings);
    await opened.tell('session.opened.v1', {
      principal: { name: principal, kind: 'agent', issuer: 'https://issuer.example', subject: principal, roles: [], party: ['owner-etl'] },
      target, protocol: 'postgres', clientAddress: '127.0.0.1', clientApplication: 'psql', tokenExpiresAt: new Date(Date.now() + 3_600_000).toISOString(), bundleVersion: 1,
    });
    return opened;
  }

  /** A session whose key the recorder never learns, as after its destruction. */
  forgottenSession(): ScriptedSession {
    return new ScriptedSession(randomUUID(), createEventSeal(randomUUID(), randomBytes(32)), this.ledger, this.recordings);
  }

  close(): Promise<void> {
    return this.ledger.close();
  }
}

export class ScriptedSession {
  readonly exchange = randomUUID();
  #recorded = 0;
  #chunks = 0;

  constructor(readonly id: string, readonly seal: EventSeal, private readonly ledger: JetStreamLedger, private readonly recordings: RecordingWriter) {}

  tell<T extends Parameters<typeof draft>[0]>(type: T, data: EventData<T>, command?: string): Promise<Receipt> {
    return this.append(this.draft(type, data, command));
  }

  append(...drafts: readonly EventDraft[]): Promise<Receipt> {
    return this.ledger.append(drafts);
  }

  draft<T extends Parameters<typeof draft>[0]>(type: T, data: EventData<T>, command?: string): EventDraft {
    return { ...draft(type, data, { session: this.id, exchange: this.exchange, ...(command && { command }) }), seal: this.seal };
  }

  decided(command: string, text: string, outcome: 'allow' | 'deny' | 'ask' = 'allow', more: Partial<Pick<EventData<'command.decided.v1'>, 'phase' | 'grant'>> = {}): EventDraft {
    return this.draft('command.decided.v1', {
      principal: 'agent-etl', target: 'shop', actionDigest: sha256Hex(text), phase: 'request', ...more,
      action: { protocol: 'postgres', verb: text.split(' ')[0]!, text, parameters: [], accesses: [], facts: { hasWhere: true }, context: {} },
      decision: { outcome, reasons: [{ rule: 'reads', effect: outcome === 'allow' ? 'permit' : 'forbid', message: 'by rule' }], bundleVersion: 1, ...(outcome === 'ask' && { ask: ASK, risk: RISK }) },
    }, command);
  }

  /** One whole command: decided, answered, recorded, ended. */
  async run(text: string, answer: readonly BackendMessage[], options: { readonly saysWhere?: boolean } = {}): Promise<string> {
    const command = randomUUID();
    await this.ledger.append([this.decided(command, text)]);
    const place = await this.record(answer);
    const failed = answer.some(({ kind }) => kind === 'errorResponse');
    await this.tell('command.outcome.v1', {
      status: failed ? 'failed' : 'completed', summary: 'done', rows: answer.filter(({ kind }) => kind === 'dataRow').length, masked: 0, durationMs: 1, bytes: place.bytes,
      ...(options.saysWhere !== false && { firstByte: place.firstByte }),
    }, command);
    return command;
  }

  /** People are asked to agree to a command that was decided before. */
  requested(command: string, grant: string, text: string): EventDraft {
    const requester = { name: 'agent-etl', kind: 'agent' as const, issuer: 'https://issuer.example', subject: 'agent-etl', roles: [], party: ['owner-etl'] };
    const at = new Date().toISOString();
    return this.draft('approval.requested.v1', { request: {
      id: grant, session: this.id, command, connector: 'connector-postgres', instance: '1', requester, target: 'shop', actionDigest: sha256Hex(text), grantDigest: 'g', ask: ASK, reasons: ['by rule'], requestedAt: at, expiresAt: at,
      action: { protocol: 'postgres', verb: 'delete', text, parameters: [], accesses: [], facts: {}, context: {} },
    } }, command);
  }

  voted(grant: string, verdict: 'approve' | 'deny'): EventDraft {
    const approver = { name: 'dba', kind: 'human' as const, issuer: 'https://issuer.example', subject: 'dba', roles: ['dba'], party: ['dba'] };
    return this.draft('approval.voted.v1', { grant, status: verdict === 'approve' ? 'approved' : 'denied', vote: { approver, verdict, grantDigest: 'g', at: new Date().toISOString() } });
  }

  /** The end of a command whose answer lies there. */
  ended(command: string, place: { readonly firstByte: number; readonly bytes: number }): EventDraft {
    return this.draft('command.outcome.v1', { status: 'completed', summary: 'done', rows: 1, masked: 0, durationMs: 1, ...place }, command);
  }

  /** Refuses a command in the protocol's own words. */
  async deny(text: string): Promise<string> {
    const command = randomUUID();
    await this.ledger.append([this.decided(command, text, 'deny')]);
    await this.record([{ kind: 'errorResponse', fields: { severity: 'ERROR', code: '42501', message: 'refused by rule' } }, READY]);
    return command;
  }

  async record(messages: readonly BackendMessage[]): Promise<{ firstByte: number; bytes: number }> {
    const plain = Buffer.concat(messages.map(encodeBackend));
    const { ciphertext, offset } = this.seal.encrypt(plain);
    const { sequence } = await this.recordings.append(ciphertext);
    const place = { firstByte: this.#recorded, bytes: plain.length };
    await this.tell('recording.chunk.v1', { index: this.#chunks, ...place, hash: sha256Hex(ciphertext), sequence, keyOffset: offset });
    this.#chunks += 1;
    this.#recorded += plain.length;
    return place;
  }

  async close(): Promise<void> {
    await this.tell('session.closed.v1', { reason: 'client_closed', commands: 1, bytesToClient: this.#recorded });
  }
}

/** What it scored that people are asked about. */
export const RISK: Risk = { score: 61, terms: [{ kind: 'act', points: 61, because: 'delete is done' }], model: 'm' };

const ASK = { quorum: [{ role: 'dba', count: 1 }], rules: ['reads'], ruleHash: 'h', windowSeconds: 900 };

export const READY: BackendMessage = { kind: 'readyForQuery', status: 'idle' };

/** What a server says for a query of one text column. */
export function rowsOf(column: string, ...cells: string[]): BackendMessage[] {
  return [
    { kind: 'rowDescription', fields: [{ name: column, tableOid: 0, columnNumber: 0, typeOid: 25, typeSize: -1, typeModifier: -1, format: 'text' }] },
    ...cells.map((cell): BackendMessage => ({ kind: 'dataRow', cells: [Buffer.from(cell)] })),
    { kind: 'commandComplete', tag: `SELECT ${cells.length}` }, READY,
  ];
}

async function registeredSeal(rpc: NatsRpcClient, sealingKey: string, session: string): Promise<EventSeal> {
  const key = randomBytes(32);
  const keyId = randomUUID();
  valueOf(await rpc.call('recorder.registerKey', { keyId, session, key: seal(sealingKey, 'event-key', Buffer.from(key.toString('base64'))) }));
  return createEventSeal(keyId, key);
}

export async function eventually(what: string, check: () => Promise<boolean> | boolean, withinMs = IN_TIME_MS): Promise<void> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await pause(50)) if (await check()) return;
  throw new Error(`not within ${withinMs} ms: ${what}`);
}

export function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.refusal.reason}: ${outcome.refusal.detail}`);
  return outcome.value;
}
