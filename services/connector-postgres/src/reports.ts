import type { Content } from '@interlock/contracts';
import { maskContent } from '@interlock/language-content';
import { encodeBackend, type ErrorResponse, type NoticeResponse, type NotificationResponse, type ReportFields } from '@interlock/protocol-postgres';
import type { Sensitivity } from './reader.js';

/** Classes of SQLSTATE whose messages tell of names, states and resources. A value can still be used as a name (`value::regclass`), so content is looked for in them too. */
const TELLS_NO_VALUES = new Set(['08', '0A', '25', '26', '34', '40', '42', '53', '54', '55', '57']);
const COMMON_CODE = '22000';
const COMMON_MESSAGE = 'the statement failed on data that is masked for this principal';
const COMMON_NOTICE = 'a notice of a statement on masked data was withheld';

/** Codes by which a client knows that it may try again, or that it was stopped itself; code of the target that raises one says no more by it. */
const TELLS_CIRCUMSTANCES = new Set(['40', '53', '55', '57']);
const WITHHELD_PAYLOAD = '[redacted]';

type Report = ErrorResponse | NoticeResponse;

/** What a report may hold of masked columns: of those that its statement names, of rows that it writes, or of any that code of the target reads. */
export interface ReportPlace extends Pick<Sensitivity, 'touches' | 'isBeside'> {
  /** The target has masked columns. */
  readonly hasColumns: boolean;
}

/** An error or notice as the client may see it; undefined when it may pass as it is. */
export function maskReport(report: Report, place: ReportPlace, kinds: readonly Content[]): Buffer | undefined {
  const fields = withoutContent(fieldsAt(report, place), kinds);
  return fields === report.fields ? undefined : encodeBackend({ kind: report.kind, fields });
}

/**
 * A notification with its content masked; undefined when it may pass as it is. Where columns are masked its payload is withheld: whoever sends to the
 * channel, triggers among them, may have put a value in.
 */
export function maskNotification(message: NotificationResponse, hasColumns: boolean, kinds: readonly Content[]): Buffer | undefined {
  const payload = hasColumns && message.payload !== '' ? WITHHELD_PAYLOAD : maskText(message.payload, kinds);
  return payload === message.payload ? undefined : encodeBackend({ ...message, payload });
}

function fieldsAt(report: Report, { touches, isBeside, hasColumns }: ReportPlace): ReportFields {
  if (hasColumns && comesFromCode(report.fields)) return commonFields(report, TELLS_CIRCUMSTANCES.has(report.fields.code.slice(0, 2)) ? report.fields.code : COMMON_CODE);
  if (touches) return commonFields(report);
  return isBeside ? withoutRows(report.fields) : report.fields;
}

/** Triggers, defaults, casts and constraints run code that no statement shows: what it was doing stands in the context, which COPY and JSON fill otherwise. */
function comesFromCode({ where }: ReportFields): boolean {
  return where !== undefined && !where.split('\n').every((line) => /^(COPY|JSON)\b/.test(line));
}

/** The parts of a report in which PostgreSQL shows whole rows, keys, and what runs. */
function withoutRows(fields: ReportFields): ReportFields {
  const { detail, hint, where, internalQuery, internalPosition, ...kept } = fields;
  return [detail, hint, where, internalQuery, internalPosition].every((part) => part === undefined) ? fields : kept;
}

/** Statements on masked columns: only what cannot hold a value is kept, and failures on values look all alike. */
function commonFields({ kind, fields }: Report, saysOnly?: string): ReportFields {
  const { severity, severityCode = severity, code, message, position } = fields;
  if (kind === 'noticeResponse') return { severity, severityCode, code: '01000', message: COMMON_NOTICE };
  if (saysOnly !== undefined) return { severity, severityCode, code: saysOnly, message: COMMON_MESSAGE };
  if (!TELLS_NO_VALUES.has(code.slice(0, 2))) return { severity, severityCode, code: COMMON_CODE, message: COMMON_MESSAGE };
  return { severity, severityCode, code, message, ...(position === undefined ? {} : { position }) };
}

function withoutContent(fields: ReportFields, kinds: readonly Content[]): ReportFields {
  if (kinds.length === 0) return fields;
  let masked: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== 'string') continue;
    const clean = maskText(value, kinds);
    if (clean !== value) (masked ??= { ...fields })[name] = clean;
  }
  return (masked as ReportFields | undefined) ?? fields;
}

function maskText(text: string, kinds: readonly Content[]): string {
  if (kinds.length === 0) return text;
  const bytes = Buffer.from(text);
  const masked = maskContent(bytes, kinds);
  return masked === bytes ? text : masked.toString('utf8');
}
