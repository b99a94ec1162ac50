import { accepted, type Outcome } from '@interlock/kernel';
import type { RowSubject } from '@interlock/gateway';
import { DataRowCursor, rewriteDataRow, STREAM_ABOVE_BYTES, typeSet, type CopyResponse, type FieldDescription, type FrameReader, type FrameStep, type TypeSet } from '@interlock/protocol-postgres';
import type { AnswerPlan } from './answer-plan.js';
import type { AnswerPlans } from './answer-plans.js';
import { CopyMask, type CopyStepResult } from './copy-out.js';
import type { ExpectedQueue } from './expected-queue.js';
import { POSTGRES_LIMITS } from './limits.js';
import type { PostgresRefusal } from './refuse.js';
import { subjectsIn, uncounted, type CopySubjects, type SubjectCells } from './subject-rows.js';

/** What the flow of rows needs of the relay around it. */
export interface FlowPorts {
  readonly reader: FrameReader;
  readonly queue: ExpectedQueue;
  readonly plans: AnswerPlans;
  readonly isWithheld: () => boolean;
  /** Hands on the message at hand as it is. */
  readonly forward: () => void;
  readonly add: (message: Buffer) => void;
  /** Nothing more of the answer may be seen. */
  readonly withhold: (refusal: PostgresRefusal) => void;
  readonly onBroken: (detail: string) => void;
}

const PASS_ROWS = typeSet('D');
const PASS_COPY = typeSet('d');
const PASS_NOTHING = typeSet('');

/** Rows and copied data on their way to the client: in runs where nothing is masked, one by one where something is. */
export class RowFlow {
  readonly #ports: FlowPorts;
  readonly #row = new DataRowCursor();
  #rows: AnswerPlan | undefined;
  #copy: 'verbatim' | CopyMask | undefined;
  #pass = PASS_NOTHING;
  #subjects: SubjectCells = NOBODYS;
  #copySubjects: CopySubjects | undefined;

  constructor(ports: FlowPorts) {
    this.#ports = ports;
  }

  /** Types that the reader may hand out in runs now. */
  get pass(): TypeSet {
    return this.#pass;
  }

  /** A simple query describes the rows that follow. */
  describe(fields: () => readonly FieldDescription[] | undefined): void {
    const { plans, queue, reader, forward, withhold } = this.#ports;
    const plan = plans.ofQuery(queue.command, reader.buffer.subarray(reader.start, reader.end), fields);
    if (!plan) return;
    if (!plan.ok) return withhold(plan.refusal);
    const subjects = plans.subjectsOf(queue.command, fields);
    if (!subjects.ok) return withhold(subjects.refusal);
    forward();
    this.#begin(plan.value, subjects.value);
  }

  /** Whose the row at hand is, whole or the header of a long one, before anyone sees it; what cannot be told is withheld. */
  subjects(step: FrameStep): readonly RowSubject[] {
    const { reader, withhold } = this.#ports;
    const isCopied = reader.type === COPY_DATA;
    if (!isCopied && this.#rows === undefined && !this.#beginPortal()) return NOBODY;
    if (isCopied ? !this.#copySubjects : this.#subjects.length === 0) return NOBODY;
    const found = step === 'head' ? TOO_LONG_TO_COUNT : this.#subjectsAtHand(reader);
    if (found.ok) return found.value;
    withhold(found.refusal);
    return NOBODY;
  }

  #subjectsAtHand({ type, buffer, payloadStart, end }: FrameReader): Outcome<readonly RowSubject[], PostgresRefusal> {
    if (type === COPY_DATA) return this.#copySubjects!.in(buffer.subarray(payloadStart, end));
    const found = this.#subjectsIn(buffer, payloadStart, end);
    return found ? accepted(found) : MALFORMED;
  }

  /** Whose the rows are that have come behind the one at hand: so many as are known at once can be counted at once. */
  laterSubjects(): readonly RowSubject[] {
    const found: RowSubject[] = [];
    if (this.#subjects.length === 0) return found;
    this.#ports.reader.ahead(DATA_ROW, (...row) => {
      found.push(...(this.#subjectsIn(...row) ?? NOBODY));
    });
    return found;
  }

  /** Undefined where the row is malformed. */
  #subjectsIn(buffer: Buffer, start: number, end: number): readonly RowSubject[] | undefined {
    const row = this.#row;
    if (row.load(buffer, start, end) || this.#subjects.some(({ column }) => column >= row.count)) return undefined;
    return subjectsIn(this.#subjects, (column) => row.cell(column));
  }

  /** Messages side by side that pass as they are. */
  run(messages: number): void {
    const { command } = this.#ports.queue;
    if (command) command.rows += messages;
    this.#ports.forward();
  }

  row(): void {
    if (this.#ports.isWithheld()) return;
    if (this.#rows === undefined && !this.#beginPortal()) return;
    if (this.#rows === 'verbatim') this.run(1);
    else if (this.#rows) this.#masked(this.#rows);
  }

  /** The header of a row that is too long to hold. */
  longRow(): void {
    if (this.#ports.isWithheld() || (this.#rows === undefined && !this.#beginPortal())) return;
    if (this.#rows === 'verbatim') this.run(1);
    else this.#ports.withhold(ROW_TOO_LONG);
  }

  end(): void {
    this.#rows = undefined;
    this.#copy = undefined;
    this.#pass = PASS_NOTHING;
    this.#subjects = NOBODYS;
    this.#copySubjects = undefined;
    this.#ports.reader.streamAbove(STREAM_ABOVE_BYTES);
  }

  beginCopy(response: CopyResponse): void {
    const { plans, queue, withhold, forward, onBroken } = this.#ports;
    const { command } = queue;
    if (!command) return onBroken('the target sent data of a COPY that nobody asked for');
    const plan = plans.ofCopy(response, command);
    if (!plan.ok) return withhold(plan.refusal);
    const subjects = plans.subjectsOfCopy(response, command);
    if (!subjects.ok) return withhold(subjects.refusal);
    forward();
    this.#copySubjects = subjects.value;
    if (subjects.value) this.#ports.reader.streamAbove(POSTGRES_LIMITS.maskedRowBytes);
    this.#copy = plan.value;
    this.#pass = plan.value === 'verbatim' ? PASS_COPY : PASS_NOTHING;
  }

  /** Data of a COPY, a whole message's or a part of a long one's. */
  copied(payload: Buffer, isPiece: boolean): void {
    if (this.#ports.isWithheld()) return;
    if (this.#copy === undefined) return this.#ports.onBroken('the target sent copied data outside of a COPY');
    if (this.#copy !== 'verbatim') return this.#copiedRows(this.#copy.push(payload, !isPiece));
    if (isPiece) this.#ports.forward();
    else this.run(1);
  }

  longCopy(): void {
    if (this.#copy === 'verbatim') this.run(1);
  }

  endCopy(): void {
    if (this.#copy instanceof CopyMask) this.#copiedRows(this.#copy.finish());
    this.#copy = undefined;
    this.#pass = PASS_NOTHING;
    this.#ports.forward();
  }

  #begin(plan: AnswerPlan, subjects: SubjectCells): void {
    this.#rows = plan;
    this.#subjects = subjects;
    this.#pass = plan === 'verbatim' ? PASS_ROWS : PASS_NOTHING;
    this.#ports.reader.streamAbove(plan === 'verbatim' && subjects.length === 0 ? STREAM_ABOVE_BYTES : POSTGRES_LIMITS.maskedRowBytes);
  }

  /** The first row of an Execute: how it passes follows from what was described before. */
  #beginPortal(): boolean {
    const portal = this.#ports.queue.head?.portal;
    if (!portal || this.#ports.queue.head?.kind !== 'execute') {
      this.#ports.onBroken('the target sent a row where none was expected');
      return false;
    }
    const { plans, withhold } = this.#ports;
    const plan = plans.ofPortal(portal);
    const { described } = portal.statement;
    const subjects = plans.subjectsOf(portal.command, () => (described === 'none' ? undefined : described), portal);
    if (!plan.ok) withhold(plan.refusal);
    else if (subjects.ok) this.#begin(plan.value, subjects.value);
    else withhold(subjects.refusal);
    return plan.ok && subjects.ok;
  }

  #masked(mask: Exclude<AnswerPlan, 'verbatim'>): void {
    const { reader, queue, add, withhold, onBroken } = this.#ports;
    const { command } = queue;
    if (this.#row.load(reader.buffer, reader.payloadStart, reader.end)) return onBroken('the target sent a malformed row');
    if (this.#row.count !== mask.columns) return withhold(WIDTH_DIFFERS);
    const masked = mask.apply(this.#row);
    if (masked === 0) return this.run(1);
    if (command) {
      command.masked += masked;
      command.rows += 1;
    }
    add(rewriteDataRow(this.#row, mask.replacements));
  }

  #copiedRows(result: CopyStepResult): void {
    if (result === 'unreadable') return this.#ports.withhold(COPY_UNREADABLE);
    const { command } = this.#ports.queue;
    if (command) {
      command.rows += result.rows;
      command.masked += result.masked;
    }
    if (!result.messages) return this.#ports.forward();
    for (const message of result.messages) this.#ports.add(message);
  }
}

const [DATA_ROW, COPY_DATA] = ['D'.charCodeAt(0), 'd'.charCodeAt(0)] as const;
const NOBODYS: SubjectCells = [];
const NOBODY: readonly RowSubject[] = [];
const MALFORMED = uncounted('a row of it is malformed');
const TOO_LONG_TO_COUNT = uncounted(`a row is longer than ${POSTGRES_LIMITS.maskedRowBytes} bytes`);
const WIDTH_DIFFERS: PostgresRefusal = { reason: 'masking_disagreement', detail: 'The answer has other columns than were described; it is withheld.' };
const ROW_TOO_LONG: PostgresRefusal = {
  reason: 'row_too_long', sqlState: '54000', detail: `A row is longer than ${POSTGRES_LIMITS.maskedRowBytes} bytes and cannot be masked; the answer is withheld.`, hint: 'Select fewer or shorter columns.',
};
const COPY_UNREADABLE: PostgresRefusal = { reason: 'masking_disagreement', detail: 'The copied data cannot be read safely, so the rest of it is withheld.' };
