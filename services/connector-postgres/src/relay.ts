import type { Catalog } from '@interlock/language-postgres';
import {
  backendTypes, DataRowCursor, decodeBackend, FrameReader, rewrittenDataRowBytes, STREAM_ABOVE_BYTES, typeSet, writeDataRow,
  type BackendMessage, type CopyResponse, type ErrorResponse, type FieldDescription, type RowDescription, type TransactionStatus,
} from '@interlock/protocol-postgres';
import { planAnswer, type AnswerPlan } from './answer-plan.js';
import type { ClientWriter } from './client-writer.js';
import { CopyMask, planCopyOut, type CopyStepResult } from './copy-out.js';
import type { Expected } from './expected.js';
import { POSTGRES_LIMITS } from './limits.js';
import type { Portal } from './names.js';
import type { Reader } from './reader.js';
import { refusalMessage, type PostgresRefusal } from './refuse.js';
import { maskNotification, maskReport } from './reports.js';
import type { RunningCommand } from './running-command.js';

export type CommandEnd = 'completed' | 'failed' | 'cancelled' | 'not_sent';

export interface RelayPorts {
  readonly client: ClientWriter;
  readonly reader: () => Reader;
  readonly catalog: () => Catalog;
  /** A command has ended. */
  readonly settle: (command: RunningCommand, end: CommandEnd, more?: { readonly summary?: string; readonly errorCode?: string }) => void;
  /** Everything that was expected has been answered. */
  readonly onAnswered: () => void;
  /** The target wants input for a COPY. */
  readonly onCopyIn: (command: RunningCommand | undefined) => void;
  readonly onParameter: (name: string, value: string) => void;
  /** The target said something that cannot be relayed. */
  readonly onBroken: (detail: string) => void;
  /** Of targets labelled strict: resolves once outcome and recording are acknowledged; the final message waits for it. */
  readonly beforeReady: (() => Promise<void>) | undefined;
}

const PASS_ROWS = typeSet('D');
const PASS_COPY = typeSet('d');
const PASS_NOTHING = typeSet('');
const SKIPPED = { summary: 'skipped after an error' };
const code = (letter: string): number => letter.charCodeAt(0);
const T = {
  parseComplete: code('1'), bindComplete: code('2'), closeComplete: code('3'), notification: code('A'), commandComplete: code('C'), dataRow: code('D'),
  error: code('E'), copyIn: code('G'), copyOut: code('H'), empty: code('I'), notice: code('N'), parameterStatus: code('S'), rowDescription: code('T'),
  ready: code('Z'), copyDone: code('c'), copyData: code('d'), noData: code('n'), suspended: code('s'), parameterDescription: code('t'),
} as const;

/** Brings a target's answers to the client: verbatim, rewritten, dropped or refused, message by message, in order. */
export class Relay {
  status: TransactionStatus = 'idle';
  readonly #ports: RelayPorts;
  readonly #reader = new FrameReader(backendTypes());
  readonly #row = new DataRowCursor();
  readonly #known = new WeakMap<object, { readonly raw: Buffer; readonly catalog: Catalog; readonly plan: AnswerPlan }>();
  #queue: Expected[] = [];
  #at = 0;
  /** Which statement of a simple query is being answered. */
  #part = 0;
  #rows: AnswerPlan | undefined;
  #copy: 'verbatim' | CopyMask | undefined;
  #pass = PASS_NOTHING;
  #withheld = false;
  #skipping = false;
  #inBody = false;
  #nextError: Buffer | undefined;
  #waiting = false;
  #broken = false;

  constructor(ports: RelayPorts) {
    this.#ports = ports;
  }

  /** The target ignores everything up to the client's next Sync. */
  get isSkipping(): boolean {
    return this.#skipping;
  }

  /** Nothing is owed. */
  get isIdle(): boolean {
    return this.#at === this.#queue.length && !this.#waiting;
  }

  /** A message to the client has begun and not ended: nothing may be put between. */
  get isInMessage(): boolean {
    return this.#inBody;
  }

  expect(expected: Expected): void {
    this.#queue.push(expected);
  }

  /** Commands that were sent and not answered. */
  unanswered(): readonly RunningCommand[] {
    return this.#queue.slice(this.#at).flatMap((expected) => expected.commands);
  }

  /** The target is about to report an error that the gateway caused: the client sees this instead. */
  replaceNextError(refusal: Buffer): void {
    this.#nextError = refusal;
  }

  take(chunk: Buffer): void {
    this.#reader.push(chunk);
    this.#continue();
  }

  #continue(): void {
    const reader = this.#reader;
    for (let step = reader.next(this.#pass); step !== 'more' && !this.#broken; step = reader.next(this.#pass)) {
      switch (step) {
        case 'run':
          this.#run(reader.frames);
          break;
        case 'frame':
          this.#frame(reader.type);
          break;
        case 'head':
          this.#head();
          break;
        case 'piece':
          this.#piece();
          break;
        case 'violation':
          this.#break(`the target broke the protocol (${reader.violation?.reason ?? 'unknown'})`);
      }
    }
    this.#ports.client.flush();
  }

  get #expected(): Expected | undefined {
    return this.#queue[this.#at];
  }

  get #command(): RunningCommand | undefined {
    return this.#expected?.commands[this.#part];
  }

  #frame(type: number): void {
    switch (type) {
      case T.rowDescription: return this.#rowDescription();
      case T.dataRow: return this.#dataRow();
      case T.commandComplete: return this.#complete();
      case T.ready: return this.#ready();
      case T.parseComplete: return this.#done('parse');
      case T.bindComplete: return this.#done('bind');
      case T.closeComplete: return this.#done('close');
      case T.noData: return this.#described('none');
      case T.parameterDescription: return this.#forward();
      case T.empty: return this.#complete();
      case T.suspended: return this.#suspend();
      case T.error: return this.#error();
      case T.notice: return this.#notice();
      case T.notification: return this.#notify();
      case T.parameterStatus: return this.#parameter();
      case T.copyIn: return this.#copyIn();
      case T.copyOut: return this.#copyOut();
      case T.copyData: return this.#copyData(this.#payload());
      case T.copyDone: return this.#copyDone();
      default: return this.#break(`the target sent a message of type 0x${type.toString(16)}, which has no place here`);
    }
  }

  /** Hands the message at hand on, unless the gateway itself asked for it or the answer is withheld. */
  #forward(): void {
    if (this.#withheld || this.#expected?.drop) return;
    const { buffer, start, end } = this.#reader;
    this.#ports.client.add(buffer, start, end);
  }

  #payload(): Buffer {
    return this.#reader.buffer.subarray(this.#reader.payloadStart, this.#reader.end);
  }

  #decode<K extends BackendMessage['kind']>(kind: K): Extract<BackendMessage, { kind: K }> | undefined {
    const { type, buffer, payloadStart, end } = this.#reader;
    const decoded = decodeBackend(type, buffer, payloadStart, end);
    if (decoded.ok && decoded.value.kind === kind) return decoded.value as Extract<BackendMessage, { kind: K }>;
    this.#break(`the target sent a malformed ${kind}`);
    return undefined;
  }

  #step(): void {
    this.#at += 1;
    this.#part = 0;
    if (this.#at === this.#queue.length) {
      this.#queue = [];
      this.#at = 0;
      if (!this.#waiting) this.#ports.onAnswered();
    }
  }

  #done(kind: Expected['kind']): void {
    const expected = this.#expected;
    if (expected?.kind !== kind) return this.#outOfOrder(kind);
    this.#forward();
    expected.onSuccess?.();
    for (const command of expected.commands) this.#ports.settle(command, 'completed', { summary: 'PARSE' });
    this.#step();
  }

  #rowDescription(): void {
    const expected = this.#expected;
    if (expected?.kind === 'describe') {
      if (this.#ports.reader().plan.isEmpty) return this.#described(undefined);
      const message = this.#decode('rowDescription');
      return message && this.#described(message.fields);
    }
    if (expected?.kind !== 'query') return this.#outOfOrder('rowDescription');
    const plan = this.#planQuery();
    if (plan === undefined) return;
    this.#forward();
    this.#setRows(plan);
  }

  /** A description tells what the rows of a portal, or of every portal of a statement, will be. */
  #described(fields: readonly FieldDescription[] | 'none' | undefined): void {
    const expected = this.#expected;
    if (expected?.kind !== 'describe') return this.#outOfOrder('description');
    if (expected.refusal === undefined && fields !== undefined) {
      const statement = expected.statement ?? expected.portal?.statement;
      if (statement) statement.described = fields;
    }
    this.#forward();
    this.#step();
  }

  #planQuery(): AnswerPlan | undefined {
    const command = this.#command;
    const reader = this.#ports.reader();
    if (reader.plan.isEmpty) return 'verbatim';
    const key = command?.meaning?.accesses;
    const raw = this.#reader.buffer.subarray(this.#reader.start, this.#reader.end);
    const known = key && this.#known.get(key);
    if (known && known.catalog === this.#ports.catalog() && known.raw.equals(raw)) return known.plan;
    const message = this.#decode('rowDescription');
    const plan = message && this.#plan(message, command);
    if (plan && key) this.#known.set(key, { raw: Buffer.from(raw), catalog: this.#ports.catalog(), plan });
    return plan;
  }

  #plan({ fields }: Pick<RowDescription, 'fields'>, command: RunningCommand | undefined, portal?: Portal): AnswerPlan | undefined {
    if (!command) return void this.#withhold(NO_COMMAND);
    const plan = planAnswer(fields, portal?.bind.resultFormats, command.sensitivity, this.#ports.reader(), this.#ports.catalog());
    return plan.ok ? plan.value : void this.#withhold(plan.refusal);
  }

  #setRows(plan: AnswerPlan): void {
    this.#rows = plan;
    this.#pass = plan === 'verbatim' && !this.#expected?.drop ? PASS_ROWS : PASS_NOTHING;
    this.#reader.streamAbove(plan === 'verbatim' ? STREAM_ABOVE_BYTES : POSTGRES_LIMITS.maskedRowBytes);
  }

  #endRows(): void {
    this.#rows = undefined;
    this.#copy = undefined;
    this.#pass = PASS_NOTHING;
    this.#reader.streamAbove(STREAM_ABOVE_BYTES);
  }

  /** Rows side by side, or data of a COPY, that pass as they are. */
  #run(frames: number): void {
    const command = this.#command;
    if (command) command.rows += frames;
    this.#forward();
  }

  #dataRow(): void {
    if (this.#withheld) return;
    if (this.#rows === undefined && !this.#beginPortal()) return;
    if (this.#rows === 'verbatim') return this.#run(1);
    this.#maskedRow(this.#rows as Exclude<AnswerPlan, 'verbatim'>);
  }

  /** The first row of an Execute: its plan follows from what was described before. */
  #beginPortal(): boolean {
    const expected = this.#expected;
    if (expected?.kind !== 'execute' || !expected.portal) {
      this.#outOfOrder('dataRow');
      return false;
    }
    const plan = this.#portalPlan(expected.portal);
    if (plan === undefined) return false;
    this.#setRows(plan);
    return true;
  }

  #portalPlan(portal: Portal): AnswerPlan | undefined {
    if (this.#ports.reader().plan.isEmpty) return 'verbatim';
    const { described } = portal.statement;
    if (described === undefined || described === 'none') return void this.#withhold(NO_DESCRIPTION);
    const known = this.#known.get(portal);
    if (known && known.catalog === this.#ports.catalog()) return known.plan;
    const plan = this.#plan({ fields: described }, portal.command, portal);
    if (plan) this.#known.set(portal, { raw: Buffer.alloc(0), catalog: this.#ports.catalog(), plan });
    return plan;
  }

  #maskedRow(mask: Exclude<AnswerPlan, 'verbatim'>): void {
    const { buffer, payloadStart, end } = this.#reader;
    if (this.#row.load(buffer, payloadStart, end)) return this.#break('the target sent a malformed row');
    if (this.#row.count !== mask.columns) return this.#withhold(WIDTH_DIFFERS);
    const masked = mask.apply(this.#row);
    const command = this.#command;
    if (command) command.masked += masked;
    if (masked === 0) return this.#run(1);
    if (command) command.rows += 1;
    if (this.#expected?.drop) return;
    const bytes = rewrittenDataRowBytes(this.#row, mask.replacements);
    const target = Buffer.allocUnsafe(bytes);
    writeDataRow(target, 0, this.#row, mask.replacements);
    this.#ports.client.add(target);
  }

  /** The header of a message that is too long to hold. */
  #head(): void {
    const { type } = this.#reader;
    this.#inBody = true;
    if (type === T.dataRow && !this.#withheld) {
      if (this.#rows === undefined && !this.#beginPortal()) return;
      if (this.#rows === 'verbatim') return this.#run(1);
      return this.#withhold(ROW_TOO_LONG);
    }
    if (type === T.copyData && this.#copy === 'verbatim') return this.#run(1);
    if (type !== T.copyData && type !== T.dataRow) this.#break('the target sent a long message that has no place here');
  }

  #piece(): void {
    const { type, bodyLeft } = this.#reader;
    this.#inBody = bodyLeft > 0;
    if (type === T.copyData && this.#copy instanceof CopyMask) return this.#copyData(this.#reader.buffer.subarray(this.#reader.start, this.#reader.end));
    this.#forward();
  }

  #complete(): void {
    const expected = this.#expected;
    if (expected?.kind !== 'execute' && expected?.kind !== 'query') return this.#outOfOrder('commandComplete');
    const command = this.#command;
    this.#endRows();
    if (this.#withheld) {
      if (command) this.#ports.settle(command, 'completed', { summary: `${this.#tag()}, answer withheld` });
    } else {
      this.#forward();
      if (command) this.#ports.settle(command, 'completed', { summary: this.#tag() });
    }
    if (expected.portal) expected.portal.state = 'done';
    if (expected.kind === 'query') this.#part += 1;
    else this.#step();
  }

  /** The command tag; empty for a query without a command. */
  #tag(): string {
    const { type, buffer, payloadStart, end } = this.#reader;
    return type === T.commandComplete ? buffer.toString('utf8', payloadStart, Math.max(payloadStart, end - 1)) : '';
  }

  #suspend(): void {
    const expected = this.#expected;
    if (expected?.kind !== 'execute' || !expected.portal) return this.#outOfOrder('portalSuspended');
    this.#endRows();
    expected.portal.state = 'suspended';
    this.#forward();
    this.#step();
  }

  #error(): void {
    const message = this.#decode('errorResponse');
    if (!message) return;
    const expected = this.#expected;
    this.#endRows();
    const instead = expected?.refusal ?? this.#nextError;
    this.#nextError = undefined;
    if (instead) this.#ports.client.add(instead);
    else this.#report(message, this.#command);
    if (expected) this.#fail(expected, message);
  }

  /** The failed message, and those that the target will not look at any more. */
  #fail(expected: Expected, { fields }: ErrorResponse): void {
    const [failed, ...skipped] = expected.commands.slice(this.#part);
    if (failed) this.#ports.settle(failed, fields.code === '57014' ? 'cancelled' : 'failed', { errorCode: fields.code });
    for (const command of skipped) this.#ports.settle(command, 'failed', SKIPPED);
    this.#part = expected.commands.length;
    if (expected.kind === 'query' || expected.kind === 'sync') return;
    this.#skipping = true;
    do {
      this.#at += 1;
      for (const command of this.#expected?.kind === 'sync' ? [] : (this.#expected?.commands ?? [])) this.#ports.settle(command, 'failed', SKIPPED);
    } while (this.#expected && this.#expected.kind !== 'sync');
    this.#part = 0;
    if (this.#at === this.#queue.length) {
      this.#at -= 1;
      this.#step();
    }
  }

  #report(message: ErrorResponse | BackendMessage & { kind: 'noticeResponse' }, command: RunningCommand | undefined): void {
    const { plan } = this.#ports.reader();
    const masked = maskReport(message, command?.sensitivity.touches ?? false, plan.contentKinds);
    if (masked === undefined) this.#forward();
    else if (!this.#withheld && !this.#expected?.drop) this.#ports.client.add(masked);
  }

  #notice(): void {
    const message = this.#decode('noticeResponse');
    if (message) this.#report(message, this.#command);
  }

  #notify(): void {
    const message = this.#decode('notificationResponse');
    const masked = message && maskNotification(message, this.#ports.reader().plan.contentKinds);
    if (masked) this.#ports.client.add(masked);
    else if (message) this.#ports.client.add(this.#reader.buffer, this.#reader.start, this.#reader.end);
  }

  #parameter(): void {
    const message = this.#decode('parameterStatus');
    if (!message) return;
    this.#ports.client.add(this.#reader.buffer, this.#reader.start, this.#reader.end);
    this.#ports.onParameter(message.name, message.value);
  }

  #copyIn(): void {
    const expected = this.#expected;
    if (expected?.kind !== 'execute' && expected?.kind !== 'query') return this.#outOfOrder('copyInResponse');
    this.#forward();
    this.#dropIgnoredSyncs();
    this.#ports.client.flush();
    this.#ports.onCopyIn(this.#command);
  }

  /** While it reads copied data the target ignores Sync and Flush, those already sent included. */
  #dropIgnoredSyncs(): void {
    this.#queue = [...this.#queue.slice(0, this.#at + 1), ...this.#queue.slice(this.#at + 1).filter((later) => later.kind !== 'sync')];
  }

  #copyOut(): void {
    const message = this.#decode('copyOutResponse') as CopyResponse | undefined;
    const command = this.#command;
    if (!message) return;
    if (!command) return this.#outOfOrder('copyOutResponse');
    const plan = planCopyOut(message, command.meaning?.effects.copy, command.sensitivity, this.#ports.reader(), this.#ports.catalog());
    if (!plan.ok) return this.#withhold(plan.refusal);
    this.#forward();
    this.#copy = plan.value;
    this.#pass = plan.value === 'verbatim' ? PASS_COPY : PASS_NOTHING;
  }

  #copyData(payload: Buffer): void {
    if (this.#withheld) return;
    if (this.#copy === undefined) return this.#outOfOrder('copyData');
    if (this.#copy === 'verbatim') return this.#run(1);
    this.#copied(this.#copy.push(payload));
  }

  #copyDone(): void {
    if (this.#copy instanceof CopyMask) this.#copied(this.#copy.finish());
    this.#copy = undefined;
    this.#pass = PASS_NOTHING;
    this.#forward();
  }

  #copied(result: CopyStepResult): void {
    if (result === 'unreadable') return this.#withhold(COPY_UNREADABLE);
    const command = this.#command;
    if (command) {
      command.rows += result.rows;
      command.masked += result.masked;
    }
    for (const message of result.messages) this.#ports.client.add(message);
  }

  #ready(): void {
    const expected = this.#expected;
    if (expected?.kind !== 'query' && expected?.kind !== 'sync') return this.#outOfOrder('readyForQuery');
    const message = this.#decode('readyForQuery');
    if (!message) return;
    this.status = message.status;
    this.#endRows();
    this.#withheld = false;
    this.#skipping = false;
    expected.onSuccess?.();
    if (this.#ports.beforeReady && !expected.drop) return this.#readyWhenSettled(this.#ports.beforeReady);
    this.#forward();
    this.#step();
  }

  #readyWhenSettled(settled: () => Promise<void>): void {
    const raw = Buffer.from(this.#reader.buffer.subarray(this.#reader.start, this.#reader.end));
    this.#waiting = true;
    this.#ports.client.flush();
    void settled().then(() => {
      this.#ports.client.add(raw);
      this.#ports.client.flush();
      this.#waiting = false;
      this.#step();
    });
  }

  /** Nothing more of this answer is seen; the client is told why. What was asked has been done all the same. */
  #withhold(refusal: PostgresRefusal): void {
    if (this.#withheld) return;
    this.#endRows();
    if (!this.#expected?.drop) this.#ports.client.add(refusalMessage(refusal, { decision: 'allow', event: this.#command?.permit?.event }));
    this.#withheld = true;
  }

  #outOfOrder(what: string): void {
    this.#break(`the target sent ${what} where something else was expected`);
  }

  #break(detail: string): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#ports.onBroken(detail);
  }
}

const NO_COMMAND: PostgresRefusal = { reason: 'masking_disagreement', detail: 'An answer came that belongs to no known command; it is withheld.' };
const NO_DESCRIPTION: PostgresRefusal = { reason: 'masking_disagreement', detail: 'The columns of the answer are not known, so it cannot be masked and is withheld.' };
const WIDTH_DIFFERS: PostgresRefusal = { reason: 'masking_disagreement', detail: 'The answer has other columns than were described; it is withheld.' };
const ROW_TOO_LONG: PostgresRefusal = {
  reason: 'row_too_long', sqlState: '54000', detail: `A row is longer than ${POSTGRES_LIMITS.maskedRowBytes} bytes and cannot be masked; the answer is withheld.`, hint: 'Select fewer or shorter columns.',
};
const COPY_UNREADABLE: PostgresRefusal = { reason: 'masking_disagreement', detail: 'The copied data cannot be read safely, so the rest of it is withheld.' };
