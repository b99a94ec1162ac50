import { accepted, LIMITS, sha256Hex, type EventDraft, type EventSeal, type Ledger, type Outcome, type Refusal } from '@interlock/kernel';
import { draft, type Action, type Circumstances, type Configuration, type Decision, type EventData, type ExercisedAct, type GatheredFacts, type GrantFact, type Principal, type SealedBox, type Stated, type Target } from '@interlock/contracts';
import type { Judge } from '@interlock/domain-policy';
import { asOfNow, lockAgainst, mayBeActedFor, refusedByLock } from '@interlock/domain-identity';
import { ActionDigester, NEW_SESSION, session as life, type SessionCommand, type SessionState } from '@interlock/domain-session';
import type { ConductBook } from './conduct.js';
import type { ControlPlaneWatch } from './control-plane-watch.js';
import { Outbox } from './outbox.js';
import type { GateEntry, Permit } from './permit.js';
import type { Clock, CloseReason, ProtocolDriver } from './ports.js';
import type { RecordingPacker } from './recording-packer.js';
import { RecordingSpool } from './recording-spool.js';
import { REFUSALS } from './refusals.js';
import { SessionConduct } from './session-conduct.js';
import { NO_TRAIL, type Trail } from './trail.js';

export interface SessionPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly watch: ControlPlaneWatch;
  readonly packer: RecordingPacker;
  readonly driver: ProtocolDriver;
  readonly conducts: ConductBook;
  /** The connector that carries it, `<service>/<instance>`, as locks name it. */
  readonly carrier: string;
}

/** Who reached what, before anything of it is recorded. */
export interface Opening {
  readonly session: string;
  readonly exchange: string;
  readonly principal: Principal;
  readonly target: Target;
  readonly seal: EventSeal;
  readonly clientAddress: string;
  readonly clientApplication?: string;
  /** What the connection is for. */
  readonly purpose?: string;
  /** What the connection states of every command that states nothing itself. */
  readonly stated?: Stated;
  /** The token that opened it, sealed to approval: by this the principal asks people, and not on a connector's word. */
  readonly word: SealedBox;
  /** Milliseconds since the epoch. */
  readonly tokenExpiresAtMs: number;
  readonly bundleVersion: number;
  /** Follows its commands; nobody when absent. */
  readonly trail?: Trail;
}

/** What was decided about one action; nothing of it is recorded yet. */
export interface Verdict {
  readonly command: string;
  readonly action: Action;
  readonly actionDigest: string;
  readonly decision: Decision;
  readonly phase: 'request' | 'forward';
  readonly grant?: GrantFact;
  /** What was gathered of the history of its objects, by access. */
  readonly gathered?: readonly (GatheredFacts | null)[];
  /** What else it depended on. */
  readonly circumstances?: Circumstances;
}

/** A recorded verdict, with the permit where it allowed. */
export interface Recorded {
  readonly verdict: Verdict;
  readonly event: string;
  readonly permit: Permit | undefined;
}

/** A command that could not become an action: not understood, over a limit, or not to be masked safely. */
export interface Unjudged {
  readonly text: string;
  readonly refusal: Refusal;
}

/** What one append is to record; `before` comes first. */
export interface ToRecord {
  readonly verdicts: readonly Verdict[];
  readonly unjudged?: Unjudged | undefined;
  readonly before?: readonly EventDraft[];
}

/** The recorded verdicts in order, and the event of the unjudged command, where there was one. */
export interface RecordedAll {
  readonly commands: readonly Recorded[];
  readonly refusal: string | undefined;
}

/** How often and how far apart the end of a session is recorded anew while the ledger is away. */
const CLOSE_ATTEMPTS = 10;
const CLOSE_PAUSE_MS = 1_000;

const NOT_SENT = { status: 'not_sent', rows: 0, bytes: 0, masked: 0, durationMs: 0 } as const;

/** How much of such a command's text its event holds. */
const UNJUDGED_TEXT_BYTES = 64 * 1024;

/** A session whose recording or outcomes cannot be stored for this long ends. */
export const RECORDING_PATIENCE_MS = 8_000;

/**
 * One principal at one target, over one exchange: decides, records, and gives permits. It knows no protocol; the driver
 * does. Every event of the session goes through here, in order, encrypted under the exchange's key.
 */
export class Session {
  readonly spool: RecordingSpool;
  readonly opening: Opening;
  /** For messages that run no command: decided when the session was opened. */
  standing: Permit | undefined;
  readonly trail: Trail;
  readonly #ports: SessionPorts;
  readonly #digester: ActionDigester;
  readonly #outbox: Outbox;
  readonly #about: { readonly session: string; readonly exchange: string };
  readonly #conduct: SessionConduct;
  /** What was kept apart when the session began: what it has exercised is known by these alone. */
  readonly #keptApart: string;
  #state: SessionState = NEW_SESSION;
  #commands = 0;
  #ended: Refusal | undefined;
  #recording: Promise<unknown> = Promise.resolve();

  private constructor(ports: SessionPorts, opening: Opening) {
    this.#ports = ports;
    this.opening = opening;
    this.trail = opening.trail ?? NO_TRAIL;
    this.#outbox = new Outbox(ports.ledger, () => ports.clock.nowMs());
    this.#digester = new ActionDigester(opening.principal, opening.target.name);
    this.#about = { session: opening.session, exchange: opening.exchange };
    this.#conduct = new SessionConduct(ports.conducts, () => ports.clock.nowMs(), { principal: opening.principal.name, target: opening.target.name });
    this.#keptApart = keptApart(ports.watch.inForce?.bundle.configuration);
    this.spool = new RecordingSpool({
      packer: ports.packer, clock: ports.clock, seal: opening.seal, about: this.#about,
      append: (drafts) => ports.ledger.append(drafts), onBehind: () => ports.driver.hold(), onCaughtUp: () => ports.driver.resume(),
    });
  }

  /** Records that the principal is in, acknowledged, before the client hears of it. */
  static async open(ports: SessionPorts, opening: Opening): Promise<Outcome<Session>> {
    const session = new Session(ports, opening);
    const { principal, target, clientAddress, clientApplication, purpose, tokenExpiresAtMs, bundleVersion } = opening;
    const tokenExpiresAt = new Date(tokenExpiresAtMs).toISOString();
    const opened = {
      principal, target: target.name, protocol: ports.driver.protocol, clientAddress, tokenExpiresAt, bundleVersion,
      ...(clientApplication === undefined ? {} : { clientApplication }),
      ...(purpose === undefined ? {} : { purpose }),
    };
    const draft = session.#note({ kind: 'open', opened })[0]!;
    const validMs = tokenExpiresAtMs - ports.clock.nowMs();
    const passed = await session.#outbox.pass([{ draft, principal: principal.name, target: target.name, digest: opening.session, outcome: 'allow', validMs }]);
    if (!passed.ok) return passed;
    session.standing = passed.value[0]!.permit;
    return accepted(session);
  }

  get id(): string {
    return this.opening.session;
  }

  /** Why the session is over, once it is. */
  get ended(): Refusal | undefined {
    return this.#ended;
  }

  /** A judge by a fresh word at once, or undefined: then ask {@link whenReady}. */
  readyNow(): Judge | undefined {
    const { watch } = this.#ports;
    return watch.isFresh() ? watch.inForce?.judge : undefined;
  }

  /** Waits for a fresh word of the control plane, as long as house rules let a command wait. */
  async whenReady(): Promise<Outcome<Judge>> {
    const fresh = await this.#ports.watch.whenFresh();
    if (!fresh.ok) return fresh;
    return this.#ended ? { ok: false, refusal: this.#ended } : accepted(fresh.value.judge);
  }

  /** Decides about one action. Pure but for the command's number, and for what is remembered of it. */
  decide(judge: Judge, action: Action, gathered?: Verdict['gathered']): Verdict {
    const { principal, target } = this.opening;
    this.#commands += 1;
    this.#conduct.begin(judge, action);
    const command = `${this.opening.exchange}.${this.#commands}`;
    const facts = this.#facts(judge, gathered);
    return this.#decidedNow({ command, action, actionDigest: this.#digester.digest(action), decision: judge.judge({ principal, target, action, ...facts }), phase: 'request', ...facts });
  }

  /** Decides about a parked action again, with the grant as a fact, and what was gathered anew. */
  decideAgain(judge: Judge, { gathered: _before, circumstances: _then, ...parked }: Verdict, grant: GrantFact, gathered?: Verdict['gathered']): Verdict {
    const { principal, target } = this.opening;
    const facts = this.#facts(judge, gathered);
    return this.#decidedNow({ ...parked, decision: judge.judge({ principal, target, action: parked.action, grant, ...facts }), phase: 'forward', grant, ...facts });
  }

  #decidedNow(verdict: Verdict): Verdict {
    this.#conduct.decided(verdict.command, verdict.decision);
    this.trail.decided(verdict);
    return verdict;
  }

  #facts(judge: Judge, gathered: Verdict['gathered']): Pick<Verdict, 'gathered' | 'circumstances'> {
    const circumstances = this.#conduct.circumstances(judge);
    return { ...(gathered && { gathered }), ...(circumstances && { circumstances }) };
  }

  /** What its party has done of a separation over a window, as was gathered just now. */
  learn(separation: string, acts: readonly ExercisedAct[]): void {
    this.#conduct.learn(separation, acts);
  }

  /** What a decision would be, without making a command of it. */
  consult(judge: Judge, action: Action, gathered?: Verdict['gathered']): Decision {
    const { principal, target } = this.opening;
    return judge.judge({ principal, target, action, ...this.#facts(judge, gathered) });
  }

  /**
   * Records verdicts in one append, outcomes that wait first, and gives permits to those that allow. Refuses when the ledger
   * does not acknowledge, or when the session ended meanwhile: nothing may then be forwarded.
   */
  async record({ verdicts, unjudged, before = [] }: ToRecord): Promise<Outcome<RecordedAll>> {
    if (this.#ended) return { ok: false, refusal: this.#ended };
    const entries = verdicts.map((verdict) => this.#entry(verdict));
    if (unjudged) entries.push(this.#unjudgedEntry(unjudged));
    this.trail.recording(verdicts);
    const passing = this.#outbox.pass(entries, before);
    this.#recording = passing.catch(() => undefined);
    const passed = await passing;
    if (!passed.ok) return this.#notRecorded(verdicts, passed.refusal);
    this.trail.recorded(verdicts);
    if (unjudged) this.trail.ended(entries.at(-1)!.draft.command!, 'refused');
    for (const verdict of verdicts) this.#note({ kind: 'decide', command: verdict.command, decided: this.#decided(verdict) });
    if (this.#ended) return this.#notSent(verdicts, this.#ended);
    const commands = verdicts.map((verdict, index) => ({ verdict, ...passed.value[index]! }));
    return accepted({ commands, refusal: unjudged && passed.value.at(-1)!.event });
  }

  /** Records one chunk of streamed input; the permit lets exactly it be forwarded. */
  async recordInput(verdict: Verdict, chunk: EventData<'input.chunk.v1'>): Promise<Outcome<Permit>> {
    if (this.#ended) return { ok: false, refusal: this.#ended };
    const event = { ...draft('input.chunk.v1', chunk, { ...this.#about, command: verdict.command }), seal: this.opening.seal };
    const passed = await this.#outbox.pass([this.#gate(event, verdict.actionDigest, 'allow')]);
    if (!passed.ok) return passed;
    return this.#ended ? { ok: false, refusal: this.#ended } : accepted(passed.value[0]!.permit!);
  }

  /** Adds what else is to be recorded of a command; it goes as outcomes do. */
  tell(drafts: readonly EventDraft[]): void {
    if (this.#state.status === 'open') this.#outbox.add(drafts);
  }

  /** Notes how a command ended. It is recorded with the session's next event, or by the next tick. */
  settle(command: string, outcome: EventData<'command.outcome.v1'>): void {
    this.trail.ended(command, outcome.status);
    this.#conduct.ended(outcome.rows);
    if (this.#state.status === 'closed') return;
    this.#outbox.add(this.#note({ kind: 'settle', command, outcome }));
  }

  /** A parked command that will not be forwarded; nothing when it is none. */
  abandon(command: string): void {
    this.trail.ended(command, 'abandoned');
    if (this.#state.parked.has(command)) this.#note({ kind: 'abandon', command });
  }

  /** Sends what waits on its way. Called every few tens of milliseconds. */
  tick(nowMs: number): void {
    this.spool.tick(nowMs);
    this.#outbox.send().catch((fault: unknown) => this.#ports.driver.failed(fault));
    if (this.spool.oldestMs(nowMs) > RECORDING_PATIENCE_MS) this.end('ledger_unavailable', REFUSALS.recordingUnavailable);
    if (this.#outbox.failingForMs(nowMs) > RECORDING_PATIENCE_MS) this.end('ledger_unavailable', REFUSALS.ledgerUnavailable);
    if (nowMs >= this.opening.tokenExpiresAtMs) this.end('token_expired', REFUSALS.tokenExpired);
  }

  /** Every outcome and every recorded byte so far is acknowledged; false when the ledger does not take them. */
  async settled(): Promise<boolean> {
    const [, flushed] = await Promise.all([this.spool.flushed(), this.#outbox.flushed()]);
    return flushed;
  }

  /** Ends the session from this side: the client is told by the driver, which then closes it. */
  end(reason: CloseReason, refusal: Refusal): void {
    if (this.#ended) return;
    this.#ended = refusal;
    this.#ports.driver.end(reason, refusal);
  }

  /** Ends it when a lock stands against it or its connector, or when what the configuration says of principal, target or separations has changed. */
  review(): void {
    const { principal, target } = this.opening;
    const lock = lockAgainst({ principal, target: target.name, session: this.id, connector: this.#ports.carrier }, this.#ports.watch.locks);
    if (lock) return this.end('locked', refusedByLock(lock).refusal);
    const { configuration } = this.#ports.watch;
    if (!configuration) return;
    const isTargetSame = isSame(target, configuration.targets.find((one) => one.name === target.name));
    if (!isTargetSame || !standsAsBefore(principal, configuration) || keptApart(configuration) !== this.#keptApart) {
      this.end('revoked', REFUSALS.configurationChanged);
    }
  }

  /** Records the end, with an outcome for whatever was forwarded and not answered; while the ledger is away it is tried again, for a while. */
  async close(reason: CloseReason, detail?: string): Promise<void> {
    this.#ended ??= REFUSALS.sessionEnded;
    this.trail.closed();
    await this.#recording;
    if (this.#state.status !== 'open') return;
    if (this.spool.bytes > 0) await Promise.race([this.spool.flushed(), this.#pause(LIMITS.ledgerAckMs)]);
    this.spool.close();
    this.#outbox.add(this.#note({ kind: 'close', reason, bytesToClient: this.spool.bytes, ...(detail === undefined ? {} : { detail }) }));
    for (let attempt = 0; attempt < CLOSE_ATTEMPTS && !(await this.#outbox.flushed()); attempt += 1) await this.#pause(CLOSE_PAUSE_MS);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#ports.clock.after(ms, resolve));
  }

  /** Applies one step of the session's life; its events as drafts. A step that the life does not know is a fault. */
  #note(command: SessionCommand): EventDraft[] {
    const decided = life.decide(command, this.#state);
    if (!decided.ok) throw new Error(`${decided.refusal.reason}: ${decided.refusal.detail}`);
    const drafts: EventDraft[] = [];
    for (const event of decided.value) {
      this.#state = life.evolve(this.#state, event);
      if (event.type === 'command.abandoned') continue;
      drafts.push({ type: event.type, data: event.data, seal: this.opening.seal, ...this.#about, ...('command' in event ? { command: event.command } : {}) });
    }
    return drafts;
  }

  #entry(verdict: Verdict): GateEntry {
    const event = { ...draft('command.decided.v1', this.#decided(verdict), { ...this.#about, command: verdict.command }), seal: this.opening.seal };
    return this.#gate(event, verdict.actionDigest, verdict.decision.outcome);
  }

  #decided({ action, actionDigest, decision, phase, grant, gathered, circumstances }: Verdict): EventData<'command.decided.v1'> {
    const { principal, target } = this.opening;
    return { principal: principal.name, target: target.name, action, actionDigest, decision, phase, ...(grant ? { grant } : {}), ...(gathered ? { gathered: [...gathered] } : {}), ...(circumstances ? { circumstances } : {}) };
  }

  #unjudgedEntry({ text, refusal }: Unjudged): GateEntry {
    const { principal, target } = this.opening;
    this.#commands += 1;
    this.#conduct.refused();
    const about = { ...this.#about, command: `${this.opening.exchange}.${this.#commands}` };
    const kept = Buffer.from(text).subarray(0, UNJUDGED_TEXT_BYTES).toString('utf8');
    const { reason, detail, rule, hint } = refusal;
    const bundleVersion = this.#ports.watch.inForce?.bundle.version;
    const data = {
      principal: principal.name, target: target.name, text: kept, textHash: sha256Hex(text), reason, detail,
      ...(rule !== undefined && { rule }), ...(hint !== undefined && { hint }), ...(bundleVersion !== undefined && { bundleVersion }),
    };
    return this.#gate({ ...draft('command.refused.v1', data, about), seal: this.opening.seal }, '', 'deny');
  }

  #gate(event: EventDraft, digest: string, outcome: Decision['outcome']): GateEntry {
    return { draft: event, principal: this.opening.principal.name, target: this.opening.target.name, digest, outcome };
  }

  /** The decisions may still become part of the ledger; what they allowed was not sent, and the ledger shall say so. */
  #notRecorded(verdicts: readonly Verdict[], refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
    for (const { command } of verdicts) this.trail.ended(command, 'not_recorded');
    for (const { command, decision } of refusal === REFUSALS.ledgerUnavailable ? verdicts : []) {
      if (decision.outcome === 'allow') this.#outbox.add([{ ...draft('command.outcome.v1', NOT_SENT, { ...this.#about, command }), seal: this.opening.seal }]);
    }
    return { ok: false, refusal };
  }

  /** Allowed, acknowledged, and too late. */
  #notSent(verdicts: readonly Verdict[], refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
    for (const { command, decision } of verdicts) {
      if (decision.outcome === 'allow') this.settle(command, NOT_SENT);
      if (decision.outcome === 'ask') this.abandon(command);
    }
    return { ok: false, refusal };
  }
}

/** Whether the configuration says of a principal now what it said when its session was opened. */
function standsAsBefore(principal: Principal, configuration: Configuration): boolean {
  const now = asOfNow(principal, configuration);
  const entry = configuration.principals.find((one) => one.name === principal.name);
  const sameKind = principal.actors !== undefined || entry?.kind === principal.kind;
  return now !== undefined && sameKind && mayBeActedFor(principal, configuration).ok && sameNames(now.roles, principal.roles) && sameNames(now.party, principal.party);
}

/** What a configuration keeps apart within a session; what was done within a window is not the session's to know. */
function keptApart(configuration: Configuration | undefined): string {
  return JSON.stringify((configuration?.separation?.dynamic ?? []).filter(({ kind }) => kind === 'session'));
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.toSorted().join('\n') === other.toSorted().join('\n');
}

function isSame(one: Target, other: Target | undefined): boolean {
  return other !== undefined && JSON.stringify(one) === JSON.stringify(other);
}
