import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import tls from 'node:tls';
import { accepted, refused, type AggregateStore, type Outcome } from '@interlock/kernel';
import { Bundle, Configuration, type AccessState, type BudgetState, type EventData, type EventType, type GrantState, type Lock, type ObjectState, type PartyActs, type Principal, type RpcClient, type RpcName, type RpcRequest, type RpcResponse, type SubjectsState, type Vote, type VoteDelegation } from '@interlock/contracts';
import { CedarJudgeCompiler } from '@interlock/adapter-cedar';
import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import { KeyRing } from '@interlock/adapter-tokens';
import { createEventSeal, generateServiceKeys, KEY_BYTES, keyedDigest, openEvent, seal, ServiceKeys } from '@interlock/adapter-sealing';
import { Connector } from '@interlock/connector-postgres';
import { effectiveConfiguration } from '@interlock/deploy-local';
import { approval, askedBefore } from '@interlock/domain-approval';
import { independentThenAndNow, principalOf } from '@interlock/domain-identity';
import { TighteningCompiler } from '@interlock/domain-policy';
import { loadParser } from '@interlock/language-postgres';
import type { TestTarget } from './target.js';

export interface WorldOptions {
  /** Changes the demonstration's configuration before it comes into force. */
  readonly configure?: (configuration: Configuration) => void;
  /** More rules, one Cedar text. */
  readonly policies?: string;
  readonly clearLoopback?: boolean;
  /** Where budgets are kept: several connectors over one store are replicas. */
  readonly budgets?: AggregateStore<BudgetState>;
  /** Where the subjects are kept that were shown; shared in the same way. */
  readonly subjects?: AggregateStore<SubjectsState>;
  /** Where acts that are kept apart over a window are kept. */
  readonly acts?: AggregateStore<PartyActs>;
}

const EXPIRES_MS = 3_600_000;

/**
 * The connector as it runs, over memory twins of ledger, grants and recording, the real judge, real seals and a real target.
 * The other services answer in this process by the same domain code that they run on.
 */
export class World {
  readonly ledger = new MemoryLedger();
  readonly grants = new MemoryAggregate<GrantState>();
  objects = new MemoryAggregate<ObjectState>();
  readonly recorded: Buffer[] = [];
  readonly keys = new Map<string, Buffer>();
  readonly problems: unknown[] = [];
  readonly control: { state: { bundle: Bundle | undefined; bundleHash: string; locks: ReadonlyMap<string, Lock>; delegations: ReadonlyMap<string, VoteDelegation>; access: ReadonlyMap<string, AccessState>; sequence: number }; onChange(listener: () => void): () => void; caughtUp(): Promise<boolean> };
  readonly beacon: { latest: { beacon: { at: number; counter: number; controlSequence: number }; arrivedAtMs: number } | undefined; onBeacon(listener: () => void): () => void };
  recordingFails = false;
  tokenExpiresInMs = EXPIRES_MS;
  /** What the vault gives instead of a credential. */
  releasedInstead: string | undefined;
  /** Kinds of tokens of which masking gives no key. */
  readonly kindsWithoutKey = new Set<string>();
  /** What the vault lets go of for a grant that people signed; nothing when absent. */
  elevated: { readonly user: string; readonly password: string } | undefined;
  /** Grants that it was asked for. */
  readonly elevatedFor: (string | undefined)[] = [];
  port = 0;
  readonly #listeners = new Set<() => void>();
  readonly #beaconListeners = new Set<() => void>();
  readonly #services = new Map(['identity', 'vault', 'approval', 'recorder', 'connector-postgres'].map((name) => [name, serviceKeys(name)]));
  readonly connector: Connector;
  #beating: NodeJS.Timeout | undefined;

  private constructor(readonly target: TestTarget, bundle: Bundle, options: WorldOptions) {
    this.control = {
      state: { bundle, bundleHash: '1', locks: new Map(), delegations: new Map(), access: new Map(), sequence: 1 },
      onChange: (listener) => { this.#listeners.add(listener); return () => this.#listeners.delete(listener); },
      caughtUp: async () => true,
    };
    this.beacon = { latest: undefined, onBeacon: (listener) => { this.#beaconListeners.add(listener); return () => this.#beaconListeners.delete(listener); } };
    this.connector = new Connector({
      ledger: this.ledger, grants: this.grants, objects: this.objects, acts: options.acts ?? new MemoryAggregate<PartyActs>(), budgets: options.budgets ?? new MemoryAggregate<BudgetState>(), subjects: options.subjects ?? new MemoryAggregate<SubjectsState>(), subjectDigest: keyedDigest(Buffer.from('of the installation')), control: this.control, beacon: this.beacon, rpc: this.#rpc(), compiler: new TighteningCompiler(new CedarJudgeCompiler()),
      clock: { nowMs: () => Date.now(), after: (ms, run) => { const timer = setTimeout(run, ms); return () => clearTimeout(timer); } },
      recording: { append: async (chunk) => this.#store(chunk) },
      keys: { create: async (session, exchange) => { const key = randomBytes(KEY_BYTES); const keyId = `${exchange}.${session.length}.${randomUUID()}`; this.keys.set(keyId, key); return accepted(createEventSeal(keyId, key)); } },
      ringOf: (released) => new KeyRing(released.map((one) => ({ ...one, key: Buffer.from(one.key, 'base64') }))),
      seals: {
        seal: (service, purpose, bytes) => seal(this.#keysOf(service).publicSealingKey, purpose, bytes),
        open: (box, purpose) => this.#keysOf('connector-postgres').open(box, purpose),
      },
      instance: '1', newId: () => randomUUID(), random: (bytes) => randomBytes(bytes),
      logger: { info: () => undefined, warn: (message, fields) => this.problems.push([message, fields]), error: (message, fields) => this.problems.push([message, fields]) },
    }, { host: '127.0.0.1', port: 0, clearLoopback: options.clearLoopback ?? true, secureContext: tls.createSecureContext({ cert: target.tls.certificate, key: target.tls.key }) });
  }

  static async start(target: TestTarget, options: WorldOptions = {}): Promise<World> {
    await loadParser();
    const world = new World(target, await demonstrationBundle(target, options), options);
    world.beat();
    world.port = await world.connector.listen();
    return world;
  }

  async stop(): Promise<void> {
    this.silence();
    await this.connector.close();
  }

  // The control plane.

  beat(): void {
    const pulse = (): void => {
      this.beacon.latest = { beacon: { at: Date.now(), counter: Date.now(), controlSequence: this.control.state.sequence }, arrivedAtMs: Date.now() };
      for (const listener of this.#beaconListeners) listener();
    };
    pulse();
    this.#beating ??= setInterval(pulse, 250);
  }

  silence(): void {
    clearInterval(this.#beating);
    this.#beating = undefined;
  }

  lock(lock: Pick<Lock, 'scope' | 'subject'>): void {
    const id = randomUUID();
    this.#change({ locks: new Map([...this.control.state.locks, [id, { id, ...lock, reason: 'a test', by: 'security', at: new Date().toISOString() }]]) });
  }

  publish(change: (bundle: Bundle) => Bundle): void {
    const bundle = change(this.control.state.bundle!);
    this.#change({ bundle: { ...bundle, version: bundle.version + 1 }, bundleHash: randomUUID() });
  }

  #change(part: Partial<World['control']['state']>): void {
    this.control.state = { ...this.control.state, ...part, sequence: this.control.state.sequence + 1 };
    for (const listener of this.#listeners) listener();
  }

  // What was recorded.

  events<T extends EventType>(type: T): EventData<T>[] {
    return this.ledger.events.filter((event) => event.type === type).map((event) => event.data as EventData<T>);
  }

  /** Forgets what was recorded so far. */
  forget(): void {
    this.ledger.events.length = 0;
  }

  /** Waits until the ledger holds something; fails with what it holds. */
  async until<T>(what: string, look: () => T | undefined | false): Promise<T> {
    for (let waitedMs = 0; waitedMs < 5_000; waitedMs += 10) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await sleep(10);
    }
    throw new Error(`${what} did not happen; the ledger holds ${this.ledger.events.map((event) => event.type).join(', ')}`);
  }

  /** Everything that clients were shown, decrypted, in the order of the events of each exchange. */
  recording(session: string): Buffer {
    const chunks = this.ledger.events.filter((event) => event.type === 'recording.chunk.v1' && event.session === session).map((event) => event.data as EventData<'recording.chunk.v1'>);
    const [keyId] = [...this.keys.keys()].filter((id) => id.startsWith(session));
    const key = this.keys.get(keyId!)!;
    return Buffer.concat(chunks.toSorted((one, other) => one.index - other.index).map((chunk) => {
      const ciphertext = this.recorded[chunk.sequence! - 1]!.subarray(chunk.offset!, chunk.offset! + chunk.bytes);
      return openEvent(key, chunk.keyOffset!, ciphertext);
    }));
  }

  #store(chunk: Uint8Array): { sequence: number } {
    if (this.recordingFails) throw new Error('the store is away');
    this.recorded.push(Buffer.from(chunk));
    return { sequence: this.recorded.length };
  }

  // People.

  /** What approval does with a vote. */
  async vote(id: string, approver: string, verdict: 'approve' | 'deny', more: Partial<Vote> = {}): Promise<Outcome<GrantState>> {
    const current = (await this.grants.get(id))!;
    const person = this.#principal(approver);
    if (!person.ok) return person;
    const vote = { approver: person.value, verdict, grantDigest: current.value.request.grantDigest, at: new Date().toISOString(), ...more };
    const standing = { independentOfRequester: independentThenAndNow(current.value.request.requester, person.value, this.control.state.bundle!.configuration), independentOfApprovers: accepted(undefined) };
    return this.#step(id, { kind: 'vote', vote, standing, nowMs: Date.now() });
  }

  async #step(id: string, command: Parameters<typeof approval.decide>[0]): Promise<Outcome<GrantState>> {
    const current = await this.grants.get(id);
    const decided = approval.decide(command, current?.value);
    if (!decided.ok) return decided;
    const next = decided.value.reduce<GrantState | undefined>((state, event) => approval.evolve(state, event), current?.value)!;
    if (decided.value.length > 0) await this.grants.put(id, next, current?.revision ?? 0);
    return accepted(next);
  }

  /** Id of the approval that waits for votes, once there is one. */
  async waitingApproval(): Promise<string> {
    for (let waitedMs = 0; waitedMs < 5_000; waitedMs += 10) {
      const waiting = (await this.grants.list()).find(({ value }) => value.status === 'pending');
      if (waiting) return waiting.key;
      await sleep(10);
    }
    throw new Error('no command waits for approval');
  }

  /** The newest request for approval, once there is one. */
  pendingApproval(): Promise<GrantState> {
    return this.until('a request for approval', () => this.#newest);
  }

  get #newest(): GrantState | undefined {
    return this.#requests.at(-1);
  }

  readonly #requests: GrantState[] = [];

  /** The newest request, once there are more than `before`. */
  newestApproval(before: number): GrantState | undefined {
    return this.#requests.length > before ? this.#newest : undefined;
  }

  // Services.

  token(name: string): string {
    return `token-of:${name}`;
  }

  #principal(name: string): Outcome<Principal> {
    const { bundle } = this.control.state;
    return principalOf({ issuer: 'demo', subject: name, claims: {}, expiresAtMs: Date.now() + this.tokenExpiresInMs }, bundle!.configuration);
  }

  #rpc(): RpcClient {
    const handlers: { [N in RpcName]?: (request: RpcRequest<N>) => Promise<Outcome<RpcResponse<N>>> } = {
      'identity.authenticate': async ({ token }) => {
        const name = this.#openToken('identity', token);
        const principal = name === undefined ? refused('token_malformed', 'The token is none.') : this.#principal(name);
        return principal.ok ? accepted({ principal: principal.value, expiresAt: new Date(Date.now() + this.tokenExpiresInMs).toISOString(), bundleVersion: this.control.state.bundle!.version }) : principal;
      },
      'vault.release': async ({ token, kind, grant }) => {
        if (this.#openToken('vault', token) === undefined) return refused('token_malformed', 'The token is none.');
        if (kind === 'elevated') this.elevatedFor.push(grant);
        const credential = kind === 'elevated' ? this.elevated : this.target.credentials[kind];
        if (!credential) return refused('grant_not_usable', 'The grant does not hold.');
        return accepted({ credential: seal(this.#keysOf('connector-postgres').publicSealingKey, 'credential', Buffer.from(this.releasedInstead ?? JSON.stringify(credential))) });
      },
      'masking.releaseKeys': async ({ kinds }) => {
        const keys = kinds.filter((kind) => !this.kindsWithoutKey.has(kind)).map((kind) => ({ tenant: 'default', kind, version: 1, key: Buffer.alloc(32, 1).toString('base64') }));
        return accepted({ keys: seal(this.#keysOf('connector-postgres').publicSealingKey, 'token-keys', Buffer.from(JSON.stringify(keys))) });
      },
      'approval.request': async ({ token, request }) => {
        if (this.#openToken('approval', token) === undefined) return refused('token_malformed', 'The token is none.');
        const before = askedBefore(request, (await this.grants.list()).map(({ value }) => value), Date.now());
        const resumed = before && (await this.#step(before.request.id, { kind: 'resume', asked: request, nowMs: Date.now() }));
        if (resumed?.ok) return accepted({ id: before!.request.id, resumed: resumed.value });
        const stored = await this.#step(request.id, { kind: 'request', request });
        if (stored.ok) this.#requests.push(stored.value);
        return stored.ok ? accepted({ id: request.id }) : stored;
      },
      'approval.withdraw': async ({ id, ...by }) => {
        const stored = await this.#step(id, { kind: 'withdraw', by });
        return stored.ok ? accepted({}) : stored;
      },
    };
    return {
      call: (name, request) => {
        const handler = handlers[name] as ((request: unknown) => Promise<Outcome<never>>) | undefined;
        return handler ? handler(request) : Promise.resolve(refused('unavailable', `${name} is not here.`));
      },
    };
  }

  #openToken(service: string, token: RpcRequest<'vault.release'>['token']): string | undefined {
    const opened = this.#keysOf(service).open(token, 'token');
    return opened.ok ? /^token-of:(.+)$/.exec(opened.value.toString('utf8'))?.[1] : undefined;
  }

  #keysOf(service: string): ServiceKeys {
    return this.#services.get(service)!;
  }
}

function serviceKeys(name: string): ServiceKeys {
  return new ServiceKeys(name, { ...generateServiceKeys(), nkeySeed: '' });
}

async function demonstrationBundle(target: TestTarget, { configure, policies }: WorldOptions): Promise<Bundle> {
  const shipped = fileURLToPath(new URL('../../../deploy/local/demo', import.meta.url));
  const files = await effectiveConfiguration(shipped, join(target.folder, `configuration-${randomUUID()}`), { issuer: 'http://127.0.0.1:1', targetPort: target.cluster.port, authority: target.tls.authority });
  const configuration = Configuration.parse(parse(files.find(({ file }) => file === 'interlock.yaml')!.text));
  configure?.(configuration);
  const rules = [...files.filter(({ file }) => file.endsWith('.cedar')), ...(policies ? [{ file: 'policies/more.cedar', text: policies }] : [])];
  return Bundle.parse({ version: 1, configuration, policies: rules, change: 'change-1', author: 'security', approvedBy: [], createdAt: '2026-01-01T00:00:00.000Z' });
}
