import { accepted, type AggregateStore, type EventDraft, type EventSeal, type Ledger } from '@interlock/kernel';
import type { AccessState, Action, Beacon, Bundle, Configuration, Decision, VoteDelegation, Lock, Principal, SubjectsState, Target } from '@interlock/contracts';
import type { JudgeRequest } from '@interlock/domain-policy';
import { ConductBook } from '../src/conduct.js';
import { ControlPlaneWatch } from '../src/control-plane-watch.js';
import type { CloseReason, ProtocolDriver } from '../src/ports.js';
import { RecordingPacker } from '../src/recording-packer.js';
import { Session, type Opening } from '../src/session.js';
import { SubjectLists } from '../src/subject-list.js';
import { FakeTime } from './fake-time.js';

export const TARGET: Target = { name: 'shop', protocol: 'postgres', host: 'db', port: 5432, database: 'shop', tls: 'require', labels: {} };
export const ETL: Principal = { name: 'agent-etl', kind: 'agent', issuer: 'https://issuer', subject: 'agent-etl', roles: ['etl'], party: ['owner-etl'] };
export const DBA: Principal = { name: 'dba', kind: 'human', issuer: 'https://issuer', subject: 'dba', roles: ['dba'], party: ['dba'] };

export const CONFIGURATION: Configuration = {
  version: 1,
  issuers: [{ name: 'demo', url: 'https://issuer', audience: 'interlock', algorithms: ['EdDSA'], clockSkewSeconds: 60 }],
  principals: [
    { name: 'agent-etl', kind: 'agent', issuer: 'demo', subject: 'agent-etl', roles: ['etl'], owners: ['owner-etl'] },
    { name: 'owner-etl', kind: 'human', issuer: 'demo', subject: 'owner-etl', roles: ['dba'], owners: [] },
    { name: 'dba', kind: 'human', issuer: 'demo', subject: 'dba', roles: ['dba'], owners: [] },
  ],
  targets: [TARGET], masking: { columns: [], content: [] }, administration: { changes: ['dba'], secrets: ['dba'], audit: ['dba'], locks: ['dba'] },
};

export function action(text: string): Action {
  return { protocol: 'postgres', verb: 'select', text, parameters: [], accesses: [], facts: {}, context: {} };
}

/**
 * Decides by the text: `deny` and `ask` are told by their names, everything else is allowed; a grant lifts what asks, and not what asks `always`. What was
 * gathered of one's own making, or of more rows than a hundred, is denied. What asks `briefly` waits ten seconds.
 */
export function decisionOn({ action: { text }, grant, gathered }: JudgeRequest, bundleVersion: number): Decision {
  const reasons = [{ rule: 'rule', effect: text.startsWith('deny') || (text.startsWith('ask') && !grant) ? 'forbid' as const : 'permit' as const, message: 'a reason', hint: 'a hint' }];
  if (text.startsWith('deny') || gathered?.some((facts) => facts?.ownCreation || (facts?.estimatedRows ?? 0) > 100)) return { outcome: 'deny', reasons, bundleVersion };
  const lifted = grant?.ruleHash === 'hash' && !text.includes('always');
  if (text.startsWith('ask') && !lifted) return { outcome: 'ask', reasons, bundleVersion, ask: { quorum: [{ role: 'dba', count: 1 }], rules: ['rule'], ruleHash: 'hash', windowSeconds: 60, ...(text.includes('briefly') && { waitSeconds: 10 }), ...(text.includes('signed') && { signed: 'webauthn' as const }), ...(text.includes('glass') && { glass: { reviewers: ['dba'], reviewSeconds: 60 } }) } };
  return { outcome: 'allow', reasons, bundleVersion };
}

/** A ledger that a test can look into and take away. */
export interface OpenLedger extends Ledger {
  readonly events: readonly Omit<EventDraft, 'seal'>[];
  failWith(reason: string | undefined): void;
  lastSequence(): Promise<number>;
}

/** The world around one session: control plane, beacon and time by hand. */
export class Given {
  readonly time = new FakeTime();
  readonly problems: string[] = [];
  readonly ends: { readonly reason: CloseReason; readonly why: string }[] = [];
  readonly faults: unknown[] = [];
  readonly holds: string[] = [];
  readonly stored: Buffer[] = [];
  storeFails = false;
  readonly #listeners = new Set<() => void>();
  readonly #beaconListeners = new Set<() => void>();
  readonly control = {
    state: { bundle: bundle(1) as Bundle | undefined, bundleHash: '1', locks: new Map<string, Lock>() as ReadonlyMap<string, Lock>, delegations: new Map<string, VoteDelegation>() as ReadonlyMap<string, VoteDelegation>, access: new Map<string, AccessState>() as ReadonlyMap<string, AccessState>, sequence: 1 },
    onChange: (listener: () => void) => { this.#listeners.add(listener); return () => this.#listeners.delete(listener); },
    caughtUp: () => {
      this.unfollowed.splice(0).forEach((part) => this.change(part));
      return Promise.resolve(!this.controlFails);
    },
  };
  /** What is stored on the control stream and did not come through yet. */
  readonly unfollowed: Partial<Given['control']['state']>[] = [];
  controlFails = false;
  readonly beacon = {
    latest: undefined as { beacon: Beacon; arrivedAtMs: number } | undefined,
    onBeacon: (listener: () => void) => { this.#beaconListeners.add(listener); return () => this.#beaconListeners.delete(listener); },
  };
  readonly driver: ProtocolDriver = {
    protocol: 'postgres', end: (reason, refusal) => this.ends.push({ reason, why: refusal.reason }), hold: () => this.holds.push('hold'), resume: () => this.holds.push('resume'), failed: (fault) => this.faults.push(fault),
  };
  readonly packer = new RecordingPacker({
    append: (chunk) => {
      if (this.storeFails) return Promise.reject(new Error('away'));
      return Promise.resolve({ sequence: this.stored.push(Buffer.from(chunk)) });
    },
  });
  readonly conducts = new ConductBook(() => this.time.nowMs());
  readonly watch: ControlPlaneWatch;

  constructor(readonly ledger: OpenLedger) {
    this.watch = new ControlPlaneWatch({
      ...this, clock: this.time, onProblem: (problem) => this.problems.push(problem),
      compiler: { compile: ({ version, author }) => (author === 'broken' ? { ok: false, refusal: { reason: 'broken', detail: 'It is broken.' } } : accepted({ bundleVersion: version, readsHistoryAt: () => true, readsHistoryOn: (verb: string) => verb === 'drop', readsEstimateAt: () => true, readsEstimateOn: (verb: string) => verb === 'update', rolesOf: () => [], judge: (request: JudgeRequest) => decisionOn(request, version) })) },
    });
  }

  /** What one connector knows of the subjects that were shown; those over one store are replicas. */
  subjects(store: AggregateStore<SubjectsState>, lessee = 'c-1'): SubjectLists {
    return new SubjectLists({ store, clock: this.time, lessee, digest: (account, value) => `${account.slice(0, 4)}-${value}` });
  }

  beat(controlSequence = this.control.state.sequence): void {
    this.beacon.latest = { beacon: { at: this.time.nowMs(), counter: 1, controlSequence }, arrivedAtMs: this.time.nowMs() };
    for (const listener of this.#beaconListeners) listener();
  }

  change(part: Partial<Given['control']['state']>): void {
    this.control.state = { ...this.control.state, ...part, sequence: this.control.state.sequence + 1 };
    for (const listener of this.#listeners) listener();
  }

  lock(scope: Lock['scope'], subject: string): void {
    this.change({ locks: new Map([['l', { id: 'l', scope, subject, reason: 'a test', by: 'dba', at: '2026-01-01T00:00:00.000Z' }]]) });
  }

  get opening(): Opening {
    return {
      session: 's-1', exchange: 's-1.1', principal: ETL, target: TARGET, seal: seal(), clientAddress: '127.0.0.1:1', word: { box: 'agent-etl', purpose: 'token' }, tokenExpiresAtMs: this.time.nowMs() + 3_600_000, bundleVersion: 1,
    };
  }

  async session(principal = ETL): Promise<Session> {
    this.beat();
    const opened = await Session.open({ ledger: this.ledger, clock: this.time, watch: this.watch, packer: this.packer, driver: this.driver, conducts: this.conducts, carrier: 'connector-postgres/1' }, { ...this.opening, principal });
    if (!opened.ok) throw new Error(opened.refusal.detail);
    return opened.value;
  }

  get types(): string[] {
    return this.ledger.events.map(({ type }) => type);
  }
}

export function bundle(version: number, more: Partial<Bundle> = {}): Bundle {
  return { version, configuration: CONFIGURATION, policies: [], change: 'c', author: 'dba', approvedBy: [], createdAt: '2026-01-01T00:00:00.000Z', ...more };
}

/** A stream that changes nothing, so that a test can read what was stored. */
export function seal(): EventSeal {
  let next = 0;
  return {
    keyId: 'key',
    encrypt: (plain) => {
      const offset = next;
      next += plain.length;
      return { ciphertext: Buffer.from(plain), offset };
    },
  };
}
