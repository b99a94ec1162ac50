import type net from 'node:net';
import { accepted, type Outcome, type Refusal } from '@interlock/kernel';
import { REFUSALS, Session, type CloseReason, type InForce, type Permit, type ProtocolDriver } from '@interlock/gateway';
import type { InterpretationContext } from '@interlock/language-postgres';
import { encodeBackend, encodeFrontend, type NegotiateProtocolVersion, type Violation } from '@interlock/protocol-postgres';
import type { Admission } from './authenticate.js';
import type { Cancellable, CancelKey } from './cancel.js';
import { ClientInput } from './client-input.js';
import { ClientWriter } from './client-writer.js';
import type { ConnectorPorts } from './connector-ports.js';
import { CopyIn } from './copy-in.js';
import { NO_COMMANDS } from './expected.js';
import { SegmentPlanner, type Plan } from './interpret.js';
import { Judgement, type RefusedMessage } from './judgement.js';
import { POSTGRES_LIMITS } from './limits.js';
import { PlannedNames, SessionNames, type Portal } from './names.js';
import { permitProbes, ProbeFailed, runProbe } from './probe.js';
import { Reader } from './reader.js';
import { fatalMessage, refusalMessage, type RefusalPlace } from './refuse.js';
import { Relay, type CommandEnd } from './relay.js';
import type { RunningCommand } from './running-command.js';
import { SegmentCollector, type ClientMessage, type Segment } from './segment.js';
import { CONTEXT_QUERY, type SessionContext } from './session-context.js';

const FLUSH = encodeFrontend({ kind: 'flush' });
const SYNC = encodeFrontend({ kind: 'sync' });
const TERMINATE = encodeFrontend({ kind: 'terminate' });
const CANCEL_KEY_BYTES = { old: 4, new: 32 } as const;

/**
 * One client at one target:
 *
 *     collect a segment ─▶ fresh word, catalog, search path ─▶ interpret and decide ─▶ record (acknowledged)
 *         ▲                                                        │ refused                 │
 *         │                                                        ▼                         ├─ ask ─▶ park
 *         └───────────────── answered ◀── relay ◀── forward ◀── error in its place ◀─────────┘
 *
 * One segment is under way at a time, so each is understood as the one before it left the session.
 */
export class PostgresSession implements ProtocolDriver, Cancellable {
  readonly protocol = 'postgres';
  readonly #ports: ConnectorPorts;
  readonly #admission: Admission;
  readonly #client: net.Socket;
  readonly #input: ClientInput;
  readonly #collector = new SegmentCollector();
  readonly #names: SessionNames;
  readonly #context: SessionContext;
  #session!: Session;
  #writer!: ClientWriter;
  #relay!: Relay;
  #reader: Reader;
  #cancelKey: CancelKey | undefined;
  #stopReview: () => void = () => undefined;
  /** Goes on where the last segment left off: the rest of a cut one, or a message that has to wait for it. */
  #next: (() => void) | undefined;
  #isBusy = true;
  #isOver = false;
  #openPipeline = false;
  #catalogChanged = false;
  #copyIn: { readonly data: CopyIn; readonly command: RunningCommand } | undefined;
  #parked: AbortController | undefined;
  #recordingBehind = false;

  private constructor(ports: ConnectorPorts, client: net.Socket, admission: Admission, inForce: InForce) {
    this.#ports = ports;
    this.#client = client;
    this.#admission = admission;
    this.#input = new ClientInput(client);
    this.#context = admission.context;
    this.#names = new SessionNames((portal) => this.#portalGone(portal));
    this.#reader = this.#readerBy(inForce);
  }

  /** Records the session, tells the client that it is in, and begins. */
  static async open(ports: ConnectorPorts, client: net.Socket, admission: Admission, greeting: NegotiateProtocolVersion | undefined): Promise<Outcome<PostgresSession>> {
    const inForce = await ports.watch.whenFresh();
    if (!inForce.ok) return inForce;
    const driver = new PostgresSession(ports, client, admission, inForce.value);
    const opened = await Session.open({ ...ports, driver }, { ...admission, bundleVersion: inForce.value.bundle.version });
    if (!opened.ok) return opened;
    driver.#begin(opened.value, greeting);
    return accepted(driver);
  }

  #begin(session: Session, greeting: NegotiateProtocolVersion | undefined): void {
    const { target, upstream, catalog, minorVersion } = this.#admission;
    this.#session = session;
    this.#writer = new ClientWriter(this.#client, session.spool);
    this.#relay = new Relay({
      client: this.#writer, reader: () => this.#reader, catalog: () => catalog.last!,
      settle: (command, end, more) => this.#settle(command, end, more), onAnswered: () => this.#answered(), onCopyIn: (command) => this.#beginCopyIn(command),
      onParameter: (name, value) => this.#parameter(name, value), onBroken: (detail) => this.#targetBroken(detail),
      beforeReady: target.labels['strict'] === 'true' ? () => this.#strictly() : undefined,
    });
    this.#cancelKey = this.#ports.cancels.add(this, minorVersion >= 2 ? CANCEL_KEY_BYTES.new : CANCEL_KEY_BYTES.old);
    this.#stopReview = this.#ports.watch.onChange(() => this.#review());
    this.#listen();
    this.#greet(greeting, upstream.loggedIn.parameters, this.#cancelKey);
    this.#ports.book.add(session);
    this.#free();
  }

  #greet(greeting: NegotiateProtocolVersion | undefined, parameters: ReadonlyMap<string, string>, cancelKey: CancelKey): void {
    if (greeting) this.#writer.add(encodeBackend(greeting));
    this.#writer.add(encodeBackend({ kind: 'authenticationOk' }));
    for (const [name, value] of parameters) this.#writer.add(encodeBackend({ kind: 'parameterStatus', name, value }));
    this.#writer.add(encodeBackend({ kind: 'backendKeyData', ...cancelKey }));
    this.#writer.add(encodeBackend({ kind: 'readyForQuery', status: 'idle' }));
    this.#writer.flush();
  }

  #listen(): void {
    const { socket } = this.#admission.upstream;
    this.#client.on('data', (chunk: Buffer) => this.#fromClient(chunk));
    this.#client.on('drain', () => this.#letTargetSpeak());
    this.#client.on('close', () => this.#close('client_closed'));
    this.#client.on('end', () => this.#close('client_closed'));
    socket.on('data', this.#onTargetData);
    socket.on('close', () => this.#targetGone());
    socket.resume();
    this.#client.resume();
    if (socket.destroyed) this.#targetGone();
    if (this.#client.destroyed) this.#close('client_closed');
  }

  readonly #onTargetData = (chunk: Buffer): void => {
    try {
      this.#relay.take(chunk);
    } catch (fault) {
      return this.#fault(fault);
    }
    if (this.#writer.isSlow) this.#admission.upstream.socket.pause();
  };

  // From the client.

  #fromClient(chunk: Buffer): void {
    this.#input.push(chunk);
    if (!this.#isBusy) this.#read();
  }

  #read(): void {
    try {
      while (!this.#isBusy && !this.#isOver) {
        const step = this.#input.next();
        if (step.kind === 'more') return this.#copyIn ? this.#sendCopy() : undefined;
        if (step.kind === 'violation') return this.#violated(step.violation);
        if (step.kind === 'copy') this.#copyData(step.raw);
        else this.#message(step.one);
      }
    } catch (fault) {
      this.#fault(fault);
    }
  }

  #message(one: ClientMessage): void {
    const { kind } = one.message;
    if (kind === 'terminate') return this.#close('client_closed');
    if (this.#copyIn) return this.#duringCopy(one);
    if (kind === 'copyDone' || kind === 'copyFail') return;
    if (this.#relay.isSkipping && kind !== 'sync') return;
    const complete = this.#collector.add(one);
    if (!complete) return;
    if (complete.again) this.#next = () => this.#message(one);
    this.#run(complete.segment);
  }

  // One segment.

  #run(segment: Segment): void {
    this.#isBusy = true;
    this.#process(segment).catch((fault: unknown) => this.#fault(fault));
  }

  async #process(segment: Segment): Promise<void> {
    const judge = this.#session.readyNow() ?? (await this.#whenReady());
    if ('refusal' in judge) return this.#refuseSegment(segment, judge);
    const catalog = this.#admission.catalog.now() ?? (await this.#loadCatalog());
    if ('refusal' in catalog) return this.#refuseSegment(segment, catalog);
    if (this.#context.isStale && this.#relay.status !== 'failed' && !this.#openPipeline) await this.#askContext();
    const names = new PlannedNames(this.#names);
    const judgement = new Judgement({
      session: this.#session, judge, interpreter: this.#ports.interpreter, reader: this.#reader, context: this.#interpretation(catalog, names), actionContext: this.#context.action,
    });
    const { status } = this.#relay;
    const plan = new SegmentPlanner({ judgement, names: this.#names, status, openPipeline: this.#openPipeline, needsDescription: !this.#reader.plan.isEmpty }, segment, names).plan();
    await this.#carryOut(plan, segment);
  }

  async #whenReady() {
    const ready = await this.#session.whenReady();
    return ready.ok ? ready.value : { refusal: ready.refusal };
  }

  async #loadCatalog() {
    const loaded = await this.#admission.catalog.load();
    return loaded.ok ? loaded.value : { refusal: loaded.refusal };
  }

  #interpretation(catalog: InterpretationContext['catalog'], names: PlannedNames): InterpretationContext {
    const { searchPath, defaultSearchPath, isSettled, user, database } = this.#context;
    return {
      catalog, target: this.#admission.target.name, database, searchPath, defaultSearchPath, user, searchPathSettled: isSettled,
      prepared: (name) => names.prepared(name), cursor: (name) => names.cursor(name),
    };
  }

  /** Records what was decided, lets people decide where they must, and forwards what may go. */
  async #carryOut(plan: Plan, segment: Segment): Promise<void> {
    const { commands, refused } = plan;
    const verdicts = commands.map((command) => command.verdict);
    if (refused?.verdict) verdicts.push(refused.verdict);
    let event: string | undefined;
    if (verdicts.length > 0 || refused) {
      const recorded = await this.#session.record({ verdicts, unjudged: refused?.unjudged });
      if (!recorded.ok) return this.#refuseSegment(segment, recorded);
      for (const [index, command] of commands.entries()) command.permit = recorded.value.commands[index]!.permit;
      event = recorded.value.refusal ?? recorded.value.commands.at(-1)?.event;
    }
    if (refused?.verdict?.decision.outcome === 'ask') this.#session.abandon(refused.verdict.command);
    if (plan.parks && !(await this.#park(plan.parks, segment))) return;
    this.#forward(plan, segment, event);
  }

  async #park(command: RunningCommand, segment: Segment): Promise<boolean> {
    this.#parked = new AbortController();
    const released = await this.#ports.parking.park(this.#session, command.verdict, this.#parked.signal);
    this.#parked = undefined;
    if (!released.ok) {
      this.#refuseSegment(segment, released);
      return false;
    }
    command.permit = released.value.permit;
    return true;
  }

  #forward(plan: Plan, segment: Segment, event: string | undefined): void {
    if (this.#isOver) return;
    const { upstream } = this.#admission;
    const now = this.#ports.clock.nowMs();
    upstream.socket.cork();
    for (const { raw, expected, command } of plan.steps) {
      for (const one of command ? [command] : (expected?.commands ?? [])) if (one.startedAtMs === 0) one.start(now, this.#writer.bytes);
      if (expected) this.#relay.expect(expected);
      upstream.forward(this.#permitFor(plan, command ?? expected?.commands[0]), raw);
      this.#openPipeline = true;
    }
    if (plan.refused) this.#refuseInPlace(plan.refused, segment, { event, decision: 'deny' });
    else if (plan.rest.length > 0 || segment.end === 'cut') this.#sendStanding(FLUSH);
    upstream.socket.uncork();
    if (plan.rest.length > 0) this.#next = () => this.#goOn({ messages: plan.rest, end: segment.end });
    if (this.#relay.isIdle) this.#answered();
  }

  /** A command decided in this segment goes under its own permit; everything else runs no command of its own. */
  #permitFor(plan: Plan, command: RunningCommand | undefined): Permit {
    const own = command && plan.commands.includes(command) ? command.permit : undefined;
    return own ?? this.#session.standing!;
  }

  #sendStanding(raw: Buffer): void {
    this.#admission.upstream.forward(this.#session.standing!, raw);
  }

  /** The rest of a cut segment; after an error only its Sync counts. */
  #goOn(segment: Segment): void {
    const messages = this.#relay.isSkipping ? segment.messages.filter(({ message }) => message.kind === 'sync') : segment.messages;
    if (messages.length > 0) this.#run({ messages, end: segment.end });
    else this.#free();
  }

  // Refusing.

  #refuseSegment(segment: Segment, { refusal }: { readonly refusal: Refusal }): void {
    if (this.#isOver) return;
    this.#refuseInPlace({ refusal }, segment, {});
    if (this.#relay.isIdle) this.#answered();
  }

  /**
   * The client gets the refusal where the answer would be, and the session goes on as PostgreSQL's would. Where the target holds a transaction
   * or a pipeline, it is sent a message that fails, so that it fails there too, and its error is replaced.
   */
  #refuseInPlace({ refusal }: Pick<RefusedMessage, 'refusal'>, { end }: Segment, place: RefusalPlace): void {
    const error = refusalMessage(refusal, place);
    const closes = end === 'query' || end === 'sync';
    if (closes && !this.#openPipeline && this.#relay.status !== 'inTransaction') return this.#answerHere(error);
    const name = `interlock-refused-${this.#ports.newId()}`;
    this.#relay.expect({ kind: 'describe', commands: NO_COMMANDS, refusal: error });
    this.#sendStanding(encodeFrontend({ kind: 'describe', subject: 'portal', name }));
    if (closes) this.#relay.expect({ kind: 'sync', commands: NO_COMMANDS });
    this.#sendStanding(closes ? SYNC : FLUSH);
    this.#openPipeline = true;
  }

  #answerHere(error: Buffer): void {
    this.#writer.add(error);
    this.#writer.add(encodeBackend({ kind: 'readyForQuery', status: this.#relay.status }));
    this.#writer.flush();
  }

  // Answers.

  #answered(): void {
    if (!this.#relay.isSkipping && this.#relay.status === 'idle' && this.#catalogChanged) {
      this.#catalogChanged = false;
      this.#admission.catalog.invalidate();
    }
    this.#copyIn = undefined;
    this.#free();
  }

  #free(): void {
    this.#isBusy = false;
    const next = this.#next;
    this.#next = undefined;
    if (next) next();
    if (!this.#isBusy) this.#read();
  }

  #settle(command: RunningCommand, end: CommandEnd, more?: { readonly summary?: string; readonly errorCode?: string }): void {
    const outcome = command.settle(end, this.#ports.clock.nowMs(), this.#writer.bytes, more);
    if (!outcome) return;
    this.#session.settle(command.verdict.command, outcome);
    if (end !== 'completed' || !command.meaning) return;
    const { effects } = command.meaning;
    this.#names.apply(effects);
    this.#context.apply(effects, command.meaning);
    if (effects.createsOrAltersCatalog) this.#catalogChanged = true;
  }

  /** A portal that is gone: its command ends, if it had not. */
  #portalGone({ command, state }: Portal): void {
    if (command.isSettled) return;
    this.#settle(command, state === 'suspended' ? 'completed' : 'cancelled', { summary: state === 'suspended' ? 'not fetched to its end' : 'never executed' });
  }

  #parameter(name: string, value: string): void {
    this.#context.reported(name, value);
    const safe = name === 'client_encoding' ? value === 'UTF8' : name !== 'standard_conforming_strings' || value === 'on';
    if (!safe) this.#targetBroken(`its setting ${name} became ${value}`);
  }

  async #strictly(): Promise<void> {
    if (!(await this.#session.settled())) this.#session.end('ledger_unavailable', REFUSALS.ledgerUnavailable);
  }

  /** Asks the session itself where its names are looked up. */
  async #askContext(): Promise<void> {
    const { upstream, target } = this.#admission;
    upstream.socket.removeListener('data', this.#onTargetData);
    try {
      const permit = await permitProbes({ ledger: this.#ports.ledger, nowMs: () => this.#ports.clock.nowMs() }, target.name, 'session context', [CONTEXT_QUERY], this.#session.id);
      this.#context.refresh(await runProbe(upstream, permit, CONTEXT_QUERY, (raw) => this.#relay.take(raw)));
    } catch (fault) {
      if (!(fault instanceof ProbeFailed)) throw fault;
    }
    upstream.socket.on('data', this.#onTargetData);
    upstream.socket.resume();
  }

  // COPY FROM STDIN.

  #beginCopyIn(command: RunningCommand | undefined): void {
    if (!command?.permit && !command) return this.#targetBroken('it asks for data that nobody offered');
    const record = (chunk: { index: number; bytes: number; hash: string }) => this.#session.recordInput(command.verdict, chunk);
    this.#copyIn = { data: new CopyIn(record), command };
    this.#free();
  }

  #copyData(raw: Buffer): void {
    if (!this.#copyIn) return;
    this.#copyIn.data.add(raw);
    if (this.#copyIn.data.isFull) this.#sendCopy();
  }

  #duringCopy({ message, raw }: ClientMessage): void {
    if (message.kind === 'sync' || message.kind === 'flush') return;
    if (message.kind !== 'copyDone' && message.kind !== 'copyFail') {
      return this.#violated({ reason: 'unknown-type', detail: `a message of kind ${message.kind} while COPY waits for data` });
    }
    this.#sendCopy(raw);
  }

  /** Sends on what was collected, then `last`, which ends the COPY; without it goes on reading. */
  #sendCopy(last?: Buffer): void {
    const copy = this.#copyIn;
    if (!copy || (copy.data.isEmpty && !last)) return;
    this.#isBusy = true;
    this.#copyOn(copy.data, last).catch((fault: unknown) => this.#fault(fault));
  }

  async #copyOn(data: CopyIn, last: Buffer | undefined): Promise<void> {
    const { upstream } = this.#admission;
    if (!data.isEmpty) {
      for await (const chunk of data.send()) {
        if (!chunk.ok) return this.#failCopy(chunk.refusal);
        if (this.#isOver || this.#copyIn?.data !== data) break;
        if (!upstream.forward(chunk.value.permit, chunk.value.bytes)) await drained(upstream.socket);
      }
    }
    if (this.#isOver || this.#copyIn?.data !== data) return;
    if (!last) return this.#free();
    this.#copyIn = undefined;
    this.#sendStanding(last);
  }

  /** Nothing more of the data may go: the target undoes the COPY, and the client hears why. */
  #failCopy(refusal: Refusal): void {
    this.#copyIn = undefined;
    if (this.#isOver) return;
    this.#relay.replaceNextError(refusalMessage(refusal));
    this.#sendStanding(encodeFrontend({ kind: 'copyFail', message: 'interlock refused the data' }));
  }

  // Ends.

  /** The recording is behind: no more is fetched from the target. */
  hold(): void {
    this.#recordingBehind = true;
    this.#admission.upstream.socket.pause();
  }

  resume(): void {
    this.#recordingBehind = false;
    this.#letTargetSpeak();
  }

  #letTargetSpeak(): void {
    if (!this.#recordingBehind && !this.#writer.isSlow) this.#admission.upstream.socket.resume();
  }

  cancel(): void {
    if (this.#parked) this.#parked.abort();
    else if (!this.#relay.isIdle) void this.#admission.upstream.cancel();
  }

  end(reason: CloseReason, refusal: Refusal): void {
    if (!this.#relay.isIdle) void this.#admission.upstream.cancel();
    this.#close(reason, refusal.detail, refusal);
  }

  #violated({ reason, detail }: Violation): void {
    this.#ports.recordViolation({ reason, detail, clientAddress: this.#admission.clientAddress }, this.#session.id);
    this.#close('protocol_violation', detail, { reason: 'protocol_violation', detail: `The message breaks the protocol: ${detail}.` });
  }

  #targetGone(): void {
    const running = this.#relay.unanswered().length > 0;
    const detail = running ? 'The target closed the connection; whether the command took effect is not known.' : 'The target closed the connection.';
    this.#close('target_closed', detail, { reason: 'target_lost', detail, hint: 'Connect again.', retryable: !running });
  }

  #targetBroken(detail: string): void {
    this.#close('fault', detail, { reason: 'target_lost', detail: `The session cannot go on: ${detail}.` });
  }

  #fault(fault: unknown): void {
    this.#ports.logger.error('a session ended by a fault', { session: this.#session.id, error: fault });
    this.#close('fault', 'a fault of the connector', { reason: 'target_lost', detail: 'The connector failed; the session is over.', hint: 'Connect again.' });
  }

  /** Once: tells the client why, leaves the target, and records the end. */
  #close(reason: CloseReason, detail?: string, refusal?: Refusal): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isBusy = true;
    this.#parked?.abort();
    this.#stopReview();
    if (this.#cancelKey) this.#ports.cancels.remove(this.#cancelKey);
    if (refusal && !this.#relay.isInMessage) this.#writer.add(fatalMessage(refusal));
    this.#writer.flush();
    hangUp(this.#client);
    this.#leaveTarget();
    this.#session.close(reason, detail)
      .catch((fault: unknown) => this.#ports.logger.error('the end of a session could not be recorded', { session: this.#session.id, error: fault }))
      .finally(() => this.#ports.book.remove(this.#session));
  }

  #leaveTarget(): void {
    const { upstream, catalog } = this.#admission;
    if (this.#relay.isIdle && !upstream.socket.destroyed) upstream.socket.end(TERMINATE);
    else upstream.socket.destroy();
    upstream.socket.removeListener('data', this.#onTargetData);
    upstream.socket.resume();
    catalog.leave();
  }

  /** What this principal may not see has changed: what is open was planned by the old word. */
  #review(): void {
    const { inForce } = this.#ports.watch;
    if (inForce && !this.#reader.isLike(this.#readerBy(inForce))) this.#session.end('revoked', REFUSALS.configurationChanged);
  }

  #readerBy(inForce: InForce): Reader {
    return new Reader(inForce, this.#admission.target.name, this.#admission.principal.roles);
  }
}

/** Closes after the last bytes went out, or when the client does not take them. */
function hangUp(client: net.Socket): void {
  client.end();
  client.resume();
  setTimeout(() => client.destroy(), POSTGRES_LIMITS.lingerMs).unref();
}

function drained(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      socket.removeListener('drain', end);
      socket.removeListener('close', end);
      resolve();
    };
    socket.on('drain', end);
    socket.on('close', end);
  });
}
