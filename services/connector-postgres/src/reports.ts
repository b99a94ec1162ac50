import type { ContentKind } from '@interlock/contracts';
import { maskContent } from '@interlock/language-content';
import { encodeBackend, type ErrorResponse, type NoticeResponse, type NotificationResponse, type ReportFields } from '@interlock/protocol-postgres';

/** Classes of SQLSTATE whose messages tell of names, states and resources. A value can still be used as a name (`value::regclass`), so content is looked for in them too. */
const TELLS_NO_VALUES = new Set(['08', '0A', '25', '26', '34', '40', '42', '53', '54', '55', '57']);
const COMMON_CODE = '22000';
const COMMON_MESSAGE = 'the statement failed on data that is masked for this principal';
const COMMON_NOTICE = 'a notice of a statement on masked data was withheld';

type Report = ErrorResponse | NoticeResponse;

/** An error or notice as the client may see it; undefined when it may pass as it is. */
export function maskReport(report: Report, touchesSensitive: boolean, kinds: readonly ContentKind[]): Buffer | undefined {
  const fields = withoutContent(touchesSensitive ? commonFields(report) : report.fields, kinds);
  return fields === report.fields ? undefined : encodeBackend({ kind: report.kind, fields });
}

/** A notification with its content masked; undefined when it may pass as it is. */
export function maskNotification(message: NotificationResponse, kinds: readonly ContentKind[]): Buffer | undefined {
  const payload = maskText(message.payload, kinds);
  return payload === message.payload ? undefined : encodeBackend({ ...message, payload });
}

/** Statements on masked columns: only what cannot hold a value is kept, and failures on values look all alike. */
function commonFields({ kind, fields }: Report): ReportFields {
  const { severity, severityCode = severity, code, message, position } = fields;
  if (kind === 'noticeResponse') return { severity, severityCode, code: '01000', message: COMMON_NOTICE };
  if (!TELLS_NO_VALUES.has(code.slice(0, 2))) return { severity, severityCode, code: COMMON_CODE, message: COMMON_MESSAGE };
  return { severity, severityCode, code, message, ...(position === undefined ? {} : { position }) };
}

function withoutContent(fields: ReportFields, kinds: readonly ContentKind[]): ReportFields {
  if (kinds.length === 0) return fields;
  let masked: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== 'string') continue;
    const clean = maskText(value, kinds);
    if (clean !== value) (masked ??= { ...fields })[name] = clean;
  }
  return (masked as ReportFields | undefined) ?? fields;
}

function maskText(text: string, kinds: readonly ContentKind[]): string {
  if (kinds.length === 0) return text;
  const bytes = Buffer.from(text);
  const masked = maskContent(bytes, kinds);
  return masked === bytes ? text : masked.toString('utf8');
}
