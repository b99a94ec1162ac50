import type { Outcome } from '@interlock/kernel';
import {
  backendTypes, decodeBackend, encodeBackend, FrameReader, typeSet, type BackendMessage, type CopyResponse, type ErrorResponse, type FieldDescription, type NoticeResponse, type TransactionStatus,
  type FrameStep,
} from '@interlock/protocol-postgres';
import { AnswerPlans } from './answer-plans.js';
import type { Expected } from './expected.js';
import { ExpectedQueue } from './expected-queue.js';
import { POSTGRES_LIMITS } from './limits.js';
import { refusalMessage, type PostgresRefusal } from './refuse.js';
import { maskNotification, maskReport } from './reports.js';
import { RowFlow } from './row-flow.js';
import type { RelayPorts } from './relay-ports.js';
import { RowGate } from './row-gate.js';
import type { RunningCommand } from './running-command.js';

const SKIPPED = { summary: 'skipped after an error' };
const ONE_BY_ONE = typeSet('');
const QUERY_CANCELED = '57014';
const letter = (text: string): number => text.charCodeAt(0);
const TYPE = {
  parseComplete: letter('1'), bindComplete: letter('2'), closeComplete: letter('3'), notification: letter('A'), commandComplete: letter('C'), dataRow: letter('D'),
  error: letter('E'), copyIn: letter('G'), copyOut: letter('H'), empty: letter('I'), notice: letter('N'), parameterStatus: letter('S'), rowDescription: letter('T'),
  ready: letter('Z'), copyDone: letter('c'), copyData: letter('d'), noData: letter('n'), suspended: letter('s'), parameterDescription: letter('t'),
} as const;

/** Brings a target's answers to the client: verbatim, rewritten, dropped or refused, message by message, in order. */
export class Relay {
  status: TransactionStatus = 'idle';
  /** The target has said itself that it ends the session. */
  hasToldEnd = false;
  readonly #ports: RelayPorts;
  readonly #reader = new FrameReader(backendTypes());
  readonly #queue = new ExpectedQueue();
  readonly #plans: AnswerPlans;
  readonly #flow: RowFlow;
  readonly #gate: RowGate;
  #isWithheld = false;
  #isSkipping = false;
  #isInBody = false;
  #isWaiting = false;
  #isBroken = false;
  #nextError: Buffer | undefined;

  constructor(ports: RelayPorts) {
    this.#ports = ports;
    this.#plans = new AnswerPlans(ports.reader, ports.catalog);
    this.#gate = new RowGate({ ...ports, reader: this.#reader, goOn: (step, paid) => this.#goOn(step, paid), take: (chunk) => this.take(chunk) });
    this.#flow = new RowFlow({
      reader: this.#reader, queue: this.#queue, plans: this.#plans, isWithheld: () => this.#isWithheld, forward: () => this.#forward(), add: (message) => ports.client.add(message),
      withhold: (refusal) => this.#withhold(refusal), onBroken: (detail) => this.#break(detail),
    });
  }

  /** The target ignores everything up to the client's next Sync. */
  get isSkipping(): boolean {
    return this.#isSkipping;
  }

  /** The target has answered everything; the client may not have heard all of it. */
  get owesNothing(): boolean {
    return this.#queue.isEmpty;
  }

  /** Nothing is owed. */
  get isIdle(): boolean {
    return this.#queue.isEmpty && !this.#isWaiting;
  }

  /** A message to the client has begun and not ended: nothing may be put between. */
  get isInMessage(): boolean {
    return this.#isInBody;
  }

  /** A row waits for its budget, and everything behind it: nothing more should be fetched. */
  get isHeld(): boolean {
    return this.#gate.isShut;
  }

  /** The session is over: nothing more is relayed. */
  leave(): void {
    this.#isBroken = true;
  }

  expect(expected: Expected): void {
    this.#queue.push(expected);
  }

  /** Commands that were sent and not answered. */
  unanswered(): readonly RunningCommand[] {
    return this.#queue.commands;
  }

  /** The target is about to report an error that the gateway caused: the client sees this instead. */
  replaceNextError(refusal: Buffer): void {
    this.#nextError = refusal;
  }

  take(chunk: Buffer): void {
    if (this.#isBroken || this.#gate.keeps(chunk)) return;
    this.#reader.push(chunk);
    this.#drain();
  }

  /** Relays what has come, up to a row that has to wait. */
  #drain(): void {
    const { counts } = this.#gate;
    const next = (): FrameStep => this.#reader.next(counts ? ONE_BY_ONE : this.#flow.pass);
    for (let step = next(); step !== 'more' && !this.#isBroken; step = next()) {
      if (counts && this.#mustWait(step)) break;
      this.#relay(step);
    }
    if (this.#ports.client.keptBytes > POSTGRES_LIMITS.keptBytes) this.#break('it said too much before what it wrote was paid for');
    this.#ports.client.flush();
  }

  #relay(step: FrameStep): void {
    switch (step) {
      case 'run': return this.#flow.run(this.#reader.frames);
      case 'frame': return this.#frame(this.#reader.type);
      case 'head': return this.#head();
      case 'piece': return this.#piece();
      case 'violation': return this.#break(`the target broke the protocol (${this.#reader.violation?.reason ?? 'unknown'})`);
      case 'more': return undefined;
    }
  }

  #mustWait(step: FrameStep): boolean {
    const [{ type }, { command }] = [this.#reader, this.#queue];
    const isRow = (step === 'frame' || step === 'head') && (type === TYPE.dataRow || type === TYPE.copyData);
    if (!isRow || command === undefined || this.#isWithheld) return false;
    const subjects = this.#flow.subjects(step);
    return !this.#isWithheld && !this.#isBroken && this.#gate.shutsFor(step, command, subjects, () => this.#flow.laterSubjects());
  }

  #goOn(step: FrameStep, paid: Outcome<unknown>): void {
    if (this.#isBroken) return;
    if (!paid.ok) this.#withhold(paid.refusal);
    this.#relay(step);
    this.#drain();
  }

  #frame(type: number): void {
    switch (type) {
      case TYPE.rowDescription: return this.#rowDescription();
      case TYPE.dataRow: return this.#flow.row();
      case TYPE.commandComplete: return this.#complete();
      case TYPE.ready: return this.#ready();
      case TYPE.parseComplete: return this.#done('parse');
      case TYPE.bindComplete: return this.#done('bind');
      case TYPE.closeComplete: return this.#done('close');
      case TYPE.noData: return this.#described('none');
      case TYPE.parameterDescription: return this.#forward();
      case TYPE.empty: return this.#complete();
      case TYPE.suspended: return this.#suspend();
      case TYPE.error: return this.#error();
      case TYPE.notice: return this.#notice();
      case TYPE.notification: return this.#notify();
      case TYPE.parameterStatus: return this.#parameter();
      case TYPE.copyIn: return this.#copyIn();
      case TYPE.copyOut: return this.#copyOut();
      case TYPE.copyData: return this.#flow.copied(this.#reader.buffer.subarray(this.#reader.payloadStart, this.#reader.end), false);
      case TYPE.copyDone: return this.#flow.endCopy();
      default: return this.#break(`the target sent a message of type 0x${type.toString(16)}, which has no place here`);
    }
  }

  /** The header of a message that is too long to hold; its body follows in pieces. */
  #head(): void {
    const { type } = this.#reader;
    this.#isInBody = true;
    if (type === TYPE.dataRow) this.#flow.longRow();
    else if (type === TYPE.copyData) this.#flow.longCopy();
    else this.#break('the target sent a long message that has no place here');
  }

  #piece(): void {
    const { type, bodyLeft, buffer, start, end } = this.#reader;
    this.#isInBody = bodyLeft > 0;
    if (type === TYPE.copyData) this.#flow.copied(buffer.subarray(start, end), true);
    else this.#forward();
  }

  /** Hands the message at hand on, unless the gateway itself asked for it or the answer is withheld. */
  #forward(): void {
    if (this.#isWithheld || this.#queue.head?.drop) return;
    const { buffer, start, end } = this.#reader;
    this.#ports.client.add(buffer, start, end);
  }

  #decode<K extends BackendMessage['kind']>(kind: K): Extract<BackendMessage, { kind: K }> | undefined {
    const { type, buffer, payloadStart, end } = this.#reader;
    const decoded = decodeBackend(type, buffer, payloadStart, end);
    if (decoded.ok && decoded.value.kind === kind) return decoded.value as Extract<BackendMessage, { kind: K }>;
    this.#break(`the target sent a malformed ${kind}`);
    return undefined;
  }

  #step(): void {
    this.#queue.step();
    this.#lookAnswered();
  }

  #lookAnswered(): void {
    if (this.isIdle) this.#ports.onAnswered();
  }

  #done(kind: Expected['kind']): void {
    const expected = this.#queue.head;
    if (expected?.kind !== kind) return this.#outOfOrder(kind);
    this.#forward();
    expected.onSuccess?.();
    for (const command of expected.commands) this.#ports.settle(command, 'completed', { summary: 'PARSE' });
    this.#step();
  }

  #rowDescription(): void {
    const kind = this.#queue.head?.kind;
    if (kind === 'describe') return this.#described(this.#plans.allVerbatim ? undefined : this.#fields());
    if (kind === 'query') return this.#flow.describe(() => this.#fields());
    this.#outOfOrder('rowDescription');
  }

  #fields(): readonly FieldDescription[] | undefined {
    return this.#decode('rowDescription')?.fields;
  }

  /** A description tells what the rows of a portal, or of every portal of a statement, will be. */
  #described(fields: readonly FieldDescription[] | 'none' | undefined): void {
    const expected = this.#queue.head;
    if (expected?.kind !== 'describe') return this.#outOfOrder('description');
    const statement = expected.statement ?? expected.portal?.statement;
    if (statement && fields !== undefined) statement.described = fields;
    this.#forward();
    this.#step();
  }

  #complete(): void {
    const expected = this.#queue.head;
    if (expected?.kind !== 'execute' && expected?.kind !== 'query') return this.#outOfOrder('commandComplete');
    const { command } = this.#queue;
    const summary = this.#isWithheld ? `${this.#tag()}, answer withheld` : this.#tag();
    this.#flow.end();
    const isWritten = command !== undefined && this.#ports.isWritten(command, summary);
    this.#forward();
    if (command && !isWritten) this.#ports.settle(command, 'completed', { summary });
    if (expected.portal) expected.portal.state = 'done';
    if (expected.kind === 'query') this.#queue.stepPart();
    else this.#step();
  }

  /** The command tag; empty for a query without a command. */
  #tag(): string {
    const { type, buffer, payloadStart, end } = this.#reader;
    return type === TYPE.commandComplete ? buffer.toString('utf8', payloadStart, Math.max(payloadStart, end - 1)) : '';
  }

  #suspend(): void {
    const expected = this.#queue.head;
    if (expected?.kind !== 'execute' || !expected.portal) return this.#outOfOrder('portalSuspended');
    this.#flow.end();
    expected.portal.state = 'suspended';
    this.#ports.onSuspended(this.#queue.command);
    this.#forward();
    this.#step();
  }

  #error(): void {
    const message = this.#decode('errorResponse');
    if (!message) return;
    const expected = this.#queue.head;
    const instead = expected?.refusal ?? this.#nextError;
    this.#nextError = undefined;
    this.#flow.end();
    if (!this.#isWithheld) this.#ports.client.add(instead ?? this.#shown(message));
    this.hasToldEnd ||= message.fields.severityCode === 'FATAL' || message.fields.severityCode === 'PANIC';
    if (expected) this.#fail(expected, message);
  }

  /** The failed message, and those that the target will not look at any more. */
  #fail(expected: Expected, { fields }: ErrorResponse): void {
    const [failed, ...others] = this.#queue.takeRestOfHead();
    if (failed) this.#ports.settle(failed, fields.code === QUERY_CANCELED ? 'cancelled' : 'failed', { errorCode: fields.code });
    for (const command of others) this.#ports.settle(command, 'failed', SKIPPED);
    if (expected.kind === 'query' || expected.kind === 'sync') return;
    this.#isSkipping = true;
    for (const command of this.#queue.skipToSync()) this.#ports.settle(command, 'failed', SKIPPED);
    this.#lookAnswered();
  }

  /** A report as the client may see it. */
  #shown(message: ErrorResponse | NoticeResponse): Buffer {
    const { touches, isBeside } = this.#queue.command?.sensitivity ?? { touches: false, isBeside: false };
    const { hasColumns, plan } = this.#ports.reader();
    const masked = maskReport(message, { touches, isBeside, hasColumns }, plan.contentKinds);
    return masked ?? this.#reader.buffer.subarray(this.#reader.start, this.#reader.end);
  }

  #notice(): void {
    const message = this.#decode('noticeResponse');
    if (message && !this.#isWithheld) this.#ports.client.add(this.#shown(message));
  }

  #notify(): void {
    const message = this.#decode('notificationResponse');
    if (!message) return;
    const { hasColumns, plan } = this.#ports.reader();
    const masked = maskNotification(message, hasColumns, plan.contentKinds);
    if (masked) this.#ports.client.add(masked);
    else this.#ports.client.add(this.#reader.buffer, this.#reader.start, this.#reader.end);
  }

  #parameter(): void {
    const message = this.#decode('parameterStatus');
    if (!message) return;
    this.#ports.client.add(this.#reader.buffer, this.#reader.start, this.#reader.end);
    this.#ports.onParameter(message.name, message.value);
  }

  #copyIn(): void {
    const kind = this.#queue.head?.kind;
    if (kind !== 'execute' && kind !== 'query') return this.#outOfOrder('copyInResponse');
    this.#forward();
    this.#queue.dropSyncs();
    this.#ports.client.flush();
    this.#ports.onCopyIn(this.#queue.command);
  }

  #copyOut(): void {
    const message = this.#decode('copyOutResponse') as CopyResponse | undefined;
    if (message) this.#flow.beginCopy(message);
  }

  #ready(): void {
    const expected = this.#queue.head;
    if (expected?.kind !== 'query' && expected?.kind !== 'sync') return this.#outOfOrder('readyForQuery');
    const message = this.#decode('readyForQuery');
    if (!message) return;
    this.status = message.status;
    this.#flow.end();
    this.#isWithheld = false;
    this.#isSkipping = false;
    this.#ports.onReady(message.status);
    const settle = this.#ports.beforeReady(message.status);
    if (settle) return this.#readyWhenSettled(settle);
    this.#forward();
    this.#step();
  }

  #readyWhenSettled(settle: () => Promise<TransactionStatus>): void {
    this.#isWaiting = true;
    this.#queue.step();
    this.#ports.client.flush();
    settle().then((status) => {
      this.#isWaiting = false;
      if (status !== this.status) this.#ports.onReady(status);
      this.status = status;
      this.#ports.client.add(encodeBackend({ kind: 'readyForQuery', status }));
      this.#ports.client.flush();
      this.#lookAnswered();
    }).catch(this.#ports.onFault);
  }

  /** Nothing more of this answer is seen; the client is told why. What was asked has been done all the same. */
  #withhold(refusal: PostgresRefusal): void {
    if (this.#isWithheld) return;
    this.#flow.end();
    this.#ports.client.add(refusalMessage(refusal, { decision: 'allow', event: this.#queue.command?.permit?.event }));
    this.#isWithheld = true;
  }

  #outOfOrder(what: string): void {
    this.#break(`the target sent ${what} where something else was expected`);
  }

  #break(detail: string): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#ports.onBroken(detail);
  }
}
