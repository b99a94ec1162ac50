import type net from 'node:net';
import { accepted, type Outcome, type Refusal } from '@interlock/kernel';
import type { Judge } from '@interlock/domain-policy';
import { REFUSALS, Session, type CloseReason, type InForce, type ProtocolDriver } from '@interlock/gateway';
import { encodeFrontend, type NegotiateProtocolVersion, type TransactionStatus, type Violation } from '@interlock/protocol-postgres';
import { Asks } from './asks.js';
import type { Admission } from './authenticate.js';
import { awaited } from './awaited.js';
import type { Cancellable, CancelKey } from './cancel.js';
import { ClientInput } from './client-input.js';
import { ClientWriter } from './client-writer.js';
import type { ConnectorPorts } from './connector-ports.js';
import { CopyIn } from './copy-in.js';
import { forwardStep } from './forward-step.js';
import { greet, hangUp } from './greeting.js';
import type { Plan } from './interpret.js';
import type { Portal } from './names.js';
import { planSegment } from './plan-segment.js';
import { Reader } from './reader.js';
import { recordPlan } from './record-plan.js';
import { CANCELLED, fatalMessage, type RefusalPlace } from './refuse.js';
import { refuseInPlace } from './refuse-in-place.js';
import { Relay } from './relay.js';
import type { CommandEnd, RelayPorts } from './relay-ports.js';
import type { RunningCommand } from './running-command.js';
import { SegmentCollector, type ClientMessage, type Segment } from './segment.js';
import { SessionState } from './session-state.js';
import { TargetLink } from './target-link.js';
import { Waiting } from './waiting.js';

const FLUSH = encodeFrontend({ kind: 'flush' });

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
  readonly #state: SessionState;
  readonly #reader: Reader;
  readonly #link: TargetLink;
  #session!: Session;
  #writer!: ClientWriter;
  #relay!: Relay;
  #waiting!: Waiting;
  #asks!: Asks;
  #cancelKey: CancelKey | undefined;
  #stopReview: () => void = () => undefined;
  /** Goes on where the last segment left off: the rest of a cut one, or a message that has to wait for it. */
  #next: (() => void) | undefined;
  #isBusy = true;
  #isOver = false;
  #hasOpenPipeline = false;
  /** The client took back what is still being decided or recorded. */
  #isCancelled = false;
  #copyIn: CopyIn | undefined;

  private constructor(ports: ConnectorPorts, client: net.Socket, admission: Admission, inForce: InForce) {
    this.#ports = ports;
    this.#client = client;
    this.#admission = admission;
    this.#input = new ClientInput(client);
    this.#state = new SessionState(admission.target.name, admission.context, admission.catalog, (portal) => this.#portalGone(portal));
    this.#reader = this.#readerBy(inForce);
    this.#link = new TargetLink({ upstream: admission.upstream, onData: (chunk) => this.#fromTarget(chunk), onGone: () => this.#targetGone(), isFull: () => this.#writer.isSlow || this.#relay.isHeld });
  }

  /** Records the session, tells the client that it is in, and begins. */
  static async open(ports: ConnectorPorts, client: net.Socket, admission: Admission, greeting: NegotiateProtocolVersion | undefined): Promise<Outcome<PostgresSession>> {
    const inForce = await ports.watch.whenFresh();
    if (!inForce.ok) return inForce;
    const driver = new PostgresSession(ports, client, admission, inForce.value);
    const opened = await Session.open({ ...ports, driver }, { ...admission, bundleVersion: inForce.value.bundle.version, trail: ports.trailOf(admission) });
    if (!opened.ok) return opened;
    driver.#begin(opened.value, greeting);
    return accepted(driver);
  }

  #begin(session: Session, greeting: NegotiateProtocolVersion | undefined): void {
    const { upstream, catalog, minorVersion } = this.#admission;
    this.#session = session;
    this.#writer = new ClientWriter(this.#client, session.spool);
    const settle: RelayPorts['settle'] = (command, end, more) => this.#settle(command, end, more);
    const relay: RelayPorts = {
      client: this.#writer, reader: () => this.#reader, catalog: () => catalog.last!,
      settle, onAnswered: () => this.#answered(), onReady: (status) => this.#ready(status), isWritten: (command, tag) => this.#asks.written.isWritten(command, tag), onSuspended: (command) => this.#asks.written.suspended(command),
      onCopyIn: (command) => this.#beginCopyIn(command), onParameter: (name, value) => this.#parameter(name, value), onBroken: (detail) => this.#targetBroken(detail),
      beforeReady: (status) => this.#asks.beforeReady(status), onFault: (fault) => this.failed(fault),
      meter: () => this.#asks.purse.meter, onRoom: () => this.#link.listen(),
    };
    this.#relay = new Relay(relay);
    this.#asks = new Asks({
      outside: this.#ports, admission: this.#admission, session, link: this.#link, writer: this.#writer, settle, onLost: (detail) => this.#targetBroken(detail),
      isAtRest: () => !this.#isOver && !this.#hasOpenPipeline && this.#relay.owesNothing && this.#relay.status !== 'failed',
    });
    this.#waiting = new Waiting({ ...this.#ports, admission: this.#admission, session, writer: this.#writer, context: this.#state.context, asks: this.#asks, reader: relay.reader, relay, link: this.#link });
    this.#cancelKey = this.#ports.cancels.add(this, upstream.loggedIn.processId, minorVersion);
    this.#stopReview = this.#ports.watch.onChange(() => this.#review());
    greet(this.#writer, greeting, upstream.loggedIn.parameters, this.#cancelKey);
    this.#client.on('data', (chunk: Buffer) => this.#fromClient(chunk));
    this.#client.on('drain', () => this.#link.listen());
    for (const gone of ['close', 'end']) this.#client.on(gone, () => this.#close('client_closed'));
    this.#link.open(session.standing!, session.id);
    this.#client.resume();
    if (this.#client.destroyed) this.#close('client_closed');
    this.#ports.book.add(session);
    if (!this.#isOver) this.#free();
  }

  #fromClient(chunk: Buffer): void {
    this.#input.push(chunk);
    if (!this.#isBusy) this.#read();
  }

  #read(): void {
    try {
      while (!this.#isBusy && !this.#isOver) {
        const step = this.#input.next();
        if (step.kind === 'more') return this.#copyIn && !this.#copyIn.isEmpty ? this.#sendCopy(this.#copyIn) : undefined;
        if (step.kind === 'violation') return this.#violated(step.violation);
        if (step.kind === 'copy') this.#copyData(step.raw);
        else this.#message(step.one);
      }
    } catch (fault) {
      this.failed(fault);
    }
  }

  #message(one: ClientMessage): void {
    const { kind } = one.message;
    if (kind === 'terminate') return this.#close('client_closed');
    if (this.#copyIn) return this.#duringCopy(this.#copyIn, one);
    if (kind === 'copyDone' || kind === 'copyFail') return;
    if (this.#relay.isSkipping && kind !== 'sync') return;
    const complete = this.#collector.add(one);
    if (!complete) return;
    if (complete.again) this.#next = () => this.#message(one);
    this.#run(complete.segment);
  }

  #run(segment: Segment): void {
    this.#isBusy = true;
    this.#session.trail.received();
    this.#process(segment).catch((fault: unknown) => this.failed(fault));
  }

  async #process(segment: Segment): Promise<void> {
    await this.#ports.turns.of(this.#admission.principal.name);
    if (this.#isOver) return;
    const judge = this.#session.readyNow() ?? (await awaited(this.#session.whenReady()));
    if ('refusal' in judge) return this.#refuseSegment(segment, judge.refusal);
    const catalog = this.#admission.catalog.now() ?? (await awaited(this.#admission.catalog.load()));
    if ('refusal' in catalog) return this.#refuseSegment(segment, catalog.refusal);
    if (this.#state.context.isStale && this.#relay.status !== 'failed' && !this.#hasOpenPipeline) {
      const asked = await this.#asks.context();
      if (!asked.ok) return this.#refuseSegment(segment, asked.refusal);
    }
    const plan = await planSegment(segment, {
      judge, catalog, session: this.#session, interpreter: this.#ports.interpreter, reader: this.#reader, state: this.#state, asks: this.#asks,
      status: this.#relay.status, openPipeline: this.#hasOpenPipeline, nowMs: () => this.#ports.clock.nowMs(),
      begin: () => this.#ports.turns.begin(this.#admission.principal.name), onUnknownToCatalog: () => this.#admission.catalog.invalidate(),
    });
    if (!plan.ok) return this.#refuseSegment(segment, plan.refusal);
    await this.#carryOut(plan.value, segment, judge);
  }

  /** Records what was decided, lets people decide where they must, and forwards what may go. */
  async #carryOut(plan: Plan, segment: Segment, judge: Judge): Promise<void> {
    const { commands, refused } = plan;
    const { custody, purse, written } = this.#asks;
    const place = { status: this.#relay.status, openPipeline: this.#hasOpenPipeline };
    const hindrance = this.#asks.hindrance(plan, segment, place);
    let event: string | undefined;
    if (commands.length > 0 || refused) {
      const recorded = await recordPlan({ session: this.#session, custody, purse, hindrance }, judge, plan);
      if (!recorded.ok) return this.#refuseSegment(segment, recorded.refusal);
      event = recorded.value;
    }
    if (refused?.verdict) this.#session.abandon(refused.verdict.command);
    if (this.#isCancelled && commands.length > 0) return this.#takeBack(plan, segment, event);
    if (plan.parks && !(await this.#park(plan.parks, segment, event))) return this.#notSent(commands);
    if (plan.parks && !this.#isOver && (await this.#waiting.runs(plan.parks, plan.steps, this.#state.moves))) return this.#answered();
    const begun = written.counts || plan.parks ? await written.begin(plan, segment, place) : accepted(undefined);
    if (begun.ok && !(written.counts && this.#isCancelled)) return this.#forward(plan, segment, event);
    await written.abandon();
    this.#notSent(commands);
    this.#refuseSegment(segment, begun.ok ? CANCELLED : begun.refusal, { event });
  }

  async #park(command: RunningCommand, segment: Segment, event: string | undefined): Promise<boolean> {
    const released = await this.#waiting.until(command, event);
    if (released.ok) command.permit = released.value.permit;
    else this.#refuseSegment(segment, released.refusal, { decision: 'ask', event, grant: this.#waiting.grant });
    return released.ok;
  }

  /** Cancelled before anything of it was sent. */
  #takeBack({ commands, parks }: Plan, segment: Segment, event: string | undefined): void {
    if (parks) this.#session.abandon(parks.verdict.command);
    this.#notSent(commands);
    this.#refuseSegment(segment, CANCELLED, { event });
  }

  /** Allowed along with one that was not released in the end. */
  #notSent(commands: readonly RunningCommand[]): void {
    for (const command of commands) if (command.permit) this.#settle(command, 'not_sent');
  }

  #forward(plan: Plan, segment: Segment, event: string | undefined): void {
    if (this.#isOver) return this.#notSent(plan.commands);
    const start = (command: RunningCommand): void => command.start(this.#ports.clock.nowMs(), this.#writer.bytes, this.#state.moves);
    this.#hasOpenPipeline ||= plan.steps.length > 0;
    this.#link.together(() => {
      for (const step of plan.steps) forwardStep({ relay: this.#relay, link: this.#link, start }, plan, step);
      if (plan.refused) this.#refuseInPlace(plan.refused.refusal, segment, { event, decision: plan.refused.verdict?.decision.outcome ?? 'deny' });
      else if (plan.rest.length > 0 || segment.end === 'cut') this.#link.forwardStanding(FLUSH);
    });
    if (plan.rest.length > 0) this.#next = () => this.#goOn({ messages: plan.rest, end: segment.end });
    if (this.#relay.isIdle) this.#answered();
  }

  /** The rest of a cut segment; after an error only its Sync counts. */
  #goOn(segment: Segment): void {
    const messages = this.#relay.isSkipping ? segment.messages.filter(({ message }) => message.kind === 'sync') : segment.messages;
    if (messages.length > 0) this.#run({ messages, end: segment.end });
  }

  #refuseSegment(segment: Segment, refusal: Refusal, place: RefusalPlace = {}): void {
    if (this.#isOver) return;
    this.#refuseInPlace(refusal, segment, place);
    if (this.#relay.isIdle) this.#answered();
  }

  #refuseInPlace(refusal: Refusal, { end }: Segment, place: RefusalPlace): void {
    const { newId } = this.#ports;
    const atTarget = refuseInPlace({ writer: this.#writer, relay: this.#relay, link: this.#link, newId }, refusal, end, this.#hasOpenPipeline, place);
    this.#hasOpenPipeline ||= atTarget;
  }

  #fromTarget(chunk: Buffer): void {
    try {
      this.#relay.take(chunk);
    } catch (fault) {
      this.failed(fault);
    }
  }

  #ready(status: TransactionStatus): void {
    this.#hasOpenPipeline = false;
    this.#relay.status = status;
    this.#state.ready(status);
  }

  #answered(): void {
    this.#copyIn?.end();
    this.#copyIn = undefined;
    if (this.#isOver) return;
    if (this.#hasOpenPipeline || !this.#asks.custody.hasEnded) return this.#free();
    this.#asks.custody.settle().then(() => (this.#isOver ? undefined : this.#free()), (fault: unknown) => this.failed(fault));
  }

  #free(): void {
    this.#isBusy = false;
    this.#isCancelled = false;
    const next = this.#next;
    this.#next = undefined;
    next?.();
    if (!this.#isBusy) this.#read();
  }

  #settle(command: RunningCommand, end: CommandEnd, more?: { readonly summary?: string; readonly errorCode?: string }): void {
    const outcome = command.settle(end, this.#ports.clock.nowMs(), this.#writer.bytes, more);
    if (!outcome) return;
    this.#session.settle(command.verdict.command, outcome);
    this.#asks.custody.ended(command.verdict.command, end === 'completed');
    if (end === 'completed' && command.meaning) this.#state.apply(command.meaning);
  }

  /** A portal that is gone: its command ends, if it had not. */
  #portalGone({ command, state }: Portal): void {
    const isFetched = state === 'suspended';
    this.#settle(command, isFetched ? 'completed' : 'cancelled', { summary: isFetched ? 'not fetched to its end' : 'never executed' });
  }

  #parameter(name: string, value: string): void {
    this.#state.context.reported(name, value);
    const safe = name === 'client_encoding' ? value === 'UTF8' : name !== 'standard_conforming_strings' || value === 'on';
    if (!safe) this.#targetBroken(`its setting ${name} became ${value}`);
  }

  #beginCopyIn(command: RunningCommand | undefined): void {
    if (!command) return this.#targetBroken('it asks for data that nobody offered');
    this.#copyIn = new CopyIn({ inspected: this.#reader.hasColumns ? command.meaning?.effects.copy : undefined, link: this.#link, relay: this.#relay, actionDigest: command.verdict.actionDigest, record: (chunk) => this.#session.recordInput(command.verdict, chunk) });
    this.#free();
  }

  /** Outside of COPY it is ignored, as PostgreSQL does. */
  #copyData(raw: Buffer): void {
    this.#copyIn?.add(raw);
    if (this.#copyIn?.isFull) this.#sendCopy(this.#copyIn);
  }

  #duringCopy(copy: CopyIn, { message, raw }: ClientMessage): void {
    if (message.kind === 'sync' || message.kind === 'flush') return;
    if (message.kind === 'copyDone' || message.kind === 'copyFail') return this.#sendCopy(copy, raw);
    this.#violated({ reason: 'unknown-type', detail: `a message of kind ${message.kind} while COPY waits for data` });
  }

  /** With `last` the client has said everything, and the answer is awaited; without it the reading goes on. */
  #sendCopy(copy: CopyIn, last?: Buffer): void {
    this.#isBusy = true;
    copy.send(last).then(() => {
      if (!last && this.#copyIn === copy && !this.#isOver) this.#free();
    }, (fault: unknown) => this.failed(fault));
  }

  hold(): void {
    this.#link.hold();
  }

  resume(): void {
    this.#link.release();
  }

  cancel(): void {
    if (this.#waiting.withdraw()) return;
    if (!this.#relay.isIdle) this.#link.cancel();
    else this.#isCancelled = this.#isBusy;
  }

  end(reason: CloseReason, refusal: Refusal): void {
    if (!this.#relay.isIdle) this.#link.cancel();
    this.#close(reason, refusal.detail, refusal);
  }

  #violated({ reason, detail }: Violation): void {
    this.#ports.recordViolation({ reason, detail, clientAddress: this.#admission.clientAddress }, this.#session.id);
    this.#close('protocol_violation', detail, { reason: 'protocol_violation', detail: `The message breaks the protocol: ${detail}.` });
  }

  #targetGone(): void {
    const running = this.#relay.unanswered().length > 0;
    const detail = running ? 'The target closed the connection; whether the command took effect is not known.' : 'The target closed the connection.';
    this.#close('target_closed', detail, this.#relay.hasToldEnd ? undefined : { reason: 'target_lost', detail, hint: 'Connect again.', retryable: !running });
  }

  #targetBroken(detail: string): void {
    this.#close('fault', detail, { reason: 'target_lost', detail: `The session cannot go on: ${detail}.` });
  }

  failed(fault: unknown): void {
    this.#ports.logger.error('a session ended by a fault', { session: this.#session.id, error: fault });
    this.#close('fault', 'a fault of the connector', REFUSALS.fault);
  }

  /** Once: tells the client why, leaves the target, and records the end. */
  #close(reason: CloseReason, detail?: string, refusal?: Refusal): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isBusy = true;
    this.#relay.leave();
    this.#waiting.leave();
    this.#copyIn?.end();
    this.#stopReview();
    this.#writer.drop();
    if (this.#cancelKey) this.#ports.cancels.remove(this.#cancelKey);
    if (refusal && !this.#relay.isInMessage) this.#writer.add(fatalMessage(refusal));
    this.#writer.flush();
    hangUp(this.#client);
    this.#link.leave(this.#relay.isIdle);
    this.#admission.catalog.leave();
    this.#asks.custody.settle().then(() => this.#session.close(reason, detail))
      .catch((fault: unknown) => this.#ports.logger.error('the end of a session could not be recorded', { session: this.#session.id, error: fault }))
      .finally(() => this.#ports.book.remove(this.#session));
  }

  /** What this principal may not see has changed: what is open was planned by the old word. */
  #review(): void {
    const { inForce } = this.#ports.watch;
    if (inForce && !this.#reader.isLike(this.#readerBy(inForce))) this.#session.end('revoked', REFUSALS.configurationChanged);
  }

  #readerBy(inForce: InForce): Reader {
    return Reader.of(this.#admission, inForce, this.#ports.ciphers);
  }
}
