import { decodeBackend, type BackendMessage, type FieldDescription } from '@interlock/protocol-postgres';

/** What came back for one command, as the agent saw it. */
export interface Answer {
  /** Names of the columns; absent where the description came with another answer. */
  columns?: string[];
  /** Cells as text; binary ones as `\x` and hexadecimal digits; null for NULL. */
  rows: (string | null)[][];
  copied?: string[];
  notices?: string[];
  tag?: string;
  error?: { readonly severity: string; readonly code: string; readonly message: string; readonly detail?: string; readonly hint?: string };
  /** Rows or copied lines that are not shown. */
  notShown?: number;
}

const HEADER_BYTES = 5;
const ROWS_SHOWN = 200;
const CELL_SHOWN = 2_000;

/** Messages that end what one command brings. */
const LAST = new Set<BackendMessage['kind']>(['commandComplete', 'errorResponse', 'emptyQueryResponse', 'portalSuspended']);

/** One message of a recording: where it lies, and what it is; undefined where it cannot be decoded. */
interface Recorded {
  readonly start: number;
  readonly end: number;
  readonly message: BackendMessage | undefined;
}

/** Splits recorded bytes, from a message's beginning on, into messages. A message that is cut at the end is left out. */
function* messagesIn(bytes: Buffer): Generator<Recorded> {
  for (let start = 0; start + HEADER_BYTES <= bytes.length; ) {
    const end = start + 1 + Math.max(4, bytes.readInt32BE(start + 1));
    if (end > bytes.length) return;
    const decoded = decodeBackend(bytes[start]!, bytes, start + HEADER_BYTES, end);
    yield { start, end, message: decoded.ok ? decoded.value : undefined };
    start = end;
  }
}

/** Reads the answer of one command from the bytes it brought. */
export function readAnswer(bytes: Buffer): Answer {
  return read(bytes, ROWS_SHOWN, undefined).answer;
}

/** Reads a stretch of an answer that begins with `head`, which describes its columns: every row of it, and of how many bytes whole messages it is. */
export function readPage(bytes: Buffer, head: Buffer): { readonly answer: Answer; readonly bytes: number } {
  for (const { message } of messagesIn(head)) if (message?.kind === 'rowDescription') return read(bytes, Infinity, message.fields);
  return read(bytes, Infinity, undefined);
}

/** Length of the message that begins here, as it declares it; 0 where none does. */
export function firstMessageBytes(bytes: Buffer): number {
  return bytes.length < HEADER_BYTES ? 0 : 1 + Math.max(4, bytes.readInt32BE(1));
}

function read(bytes: Buffer, most: number, described: readonly FieldDescription[] | undefined): { readonly answer: Answer; readonly bytes: number } {
  const answer: Answer = { rows: [] };
  let fields = described;
  let at = 0;
  for (const { message, end } of messagesIn(bytes)) {
    at = end;
    if (message?.kind === 'rowDescription') {
      fields = message.fields;
      answer.columns = fields.map((field) => field.name);
    } else if (message) take(answer, message, fields, most);
  }
  return { answer, bytes: at };
}

/** Where one answer lies in a dialogue. */
export interface DialogueAnswer {
  readonly firstByte: number;
  readonly bytes: number;
  readonly isError: boolean;
}

/** Where the answers in a dialogue lie: each ends with its last message. What belongs to none (parameters, notifications) stays before the next one. */
export function answersIn(bytes: Buffer): DialogueAnswer[] {
  const answers: DialogueAnswer[] = [];
  let first: number | undefined;
  for (const { start, end, message } of messagesIn(bytes)) {
    if (message === undefined || isBetween(message)) continue;
    first ??= start;
    if (!LAST.has(message.kind)) continue;
    answers.push({ firstByte: first, bytes: end - first, isError: message.kind === 'errorResponse' });
    first = undefined;
  }
  return answers;
}

function isBetween({ kind }: BackendMessage): boolean {
  return kind === 'readyForQuery' || kind === 'parameterStatus' || kind === 'backendKeyData' || kind === 'notificationResponse' || kind.startsWith('authentication') || kind === 'negotiateProtocolVersion';
}

function take(answer: Answer, message: BackendMessage, fields: readonly FieldDescription[] | undefined, most: number): void {
  switch (message.kind) {
    case 'dataRow':
      if (answer.rows.length < most) answer.rows.push(message.cells.map((cell, at) => cellText(cell, fields?.[at])));
      else answer.notShown = (answer.notShown ?? 0) + 1;
      return;
    case 'copyData':
      if ((answer.copied ??= []).length < most) answer.copied.push(shortened(textOf(message.data).trimEnd()));
      else answer.notShown = (answer.notShown ?? 0) + 1;
      return;
    case 'noticeResponse':
      (answer.notices ??= []).push(`${message.fields.severity}: ${message.fields.message}`);
      return;
    case 'commandComplete':
      answer.tag = message.tag;
      return;
    case 'errorResponse': {
      const { severity, code, message: text, detail, hint } = message.fields;
      answer.error = { severity, code, message: text, ...(detail !== undefined && { detail }), ...(hint !== undefined && { hint }) };
      return;
    }
    default:
  }
}

function cellText(cell: Buffer | null, field: FieldDescription | undefined): string | null {
  if (cell === null) return null;
  return shortened(field?.format === 'binary' ? `\\x${cell.toString('hex')}` : textOf(cell));
}

/** Text where it is text; what is not UTF-8 is shown as bytes. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? `\\x${bytes.toString('hex')}` : text;
}

function shortened(text: string): string {
  return text.length > CELL_SHOWN ? `${text.slice(0, CELL_SHOWN)}… (${text.length} characters)` : text;
}
