import { REPORT_FIELDS_MAX } from './limits.js';
import type { PayloadReader } from './payload.js';
import type { MessageWriter } from './writer.js';

/**
 * The fields of an ErrorResponse or NoticeResponse.
 * Source: PostgreSQL documentation, "Error and Notice Message Fields".
 */
export type ReportFields = {
  /** ERROR, FATAL, PANIC or WARNING, NOTICE, DEBUG, INFO, LOG; possibly translated. */
  readonly severity: string;
  /** The same, never translated (PostgreSQL 9.6 and later). */
  readonly severityCode?: string;
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  /** Decimal; in characters, not bytes, from 1, into the statement as the server received it. */
  readonly position?: string;
  readonly internalPosition?: string;
  readonly internalQuery?: string;
  readonly where?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly dataType?: string;
  readonly constraint?: string;
  readonly file?: string;
  readonly line?: string;
  readonly routine?: string;
  /** Fields that this package does not know, by their type letter; the protocol asks readers to ignore them. */
  readonly unrecognized?: ReadonlyMap<string, string>;
};

const FIELD_OF_LETTER = {
  S: 'severity',
  V: 'severityCode',
  C: 'code',
  M: 'message',
  D: 'detail',
  H: 'hint',
  P: 'position',
  p: 'internalPosition',
  q: 'internalQuery',
  W: 'where',
  s: 'schema',
  t: 'table',
  c: 'column',
  d: 'dataType',
  n: 'constraint',
  F: 'file',
  L: 'line',
  R: 'routine',
} as const satisfies Record<string, keyof ReportFields>;

type FieldName = (typeof FIELD_OF_LETTER)[keyof typeof FIELD_OF_LETTER];

const FIELDS: ReadonlyMap<string, FieldName> = new Map(Object.entries(FIELD_OF_LETTER));

/**
 * Reads the fields of one report; of a repeated field the last one. Severity, code and message are always sent; a
 * server that leaves one out is read with an empty string, since a half error is still an error.
 * Text that is not UTF-8 is read with U+FFFD: before a session's encoding is settled a server may use its own.
 */
export function readReportFields(reader: PayloadReader): ReportFields {
  const known: Partial<Record<FieldName, string>> = {};
  const unrecognized = new Map<string, string>();
  for (let count = 0; ; count += 1) {
    const letter = reader.uint8();
    if (letter === 0) break;
    if (count === REPORT_FIELDS_MAX) reader.fail('count-too-large', `more than ${REPORT_FIELDS_MAX} report fields`);
    const name = FIELDS.get(String.fromCharCode(letter));
    const value = reader.displayString();
    if (name === undefined) unrecognized.set(String.fromCharCode(letter), value);
    else known[name] = value;
  }
  const fields = { severity: '', code: '', message: '', ...known };
  return unrecognized.size === 0 ? fields : { ...fields, unrecognized };
}

export function writeReportFields(writer: MessageWriter, fields: ReportFields): MessageWriter {
  for (const [letter, name] of FIELDS) {
    const value = fields[name];
    if (value !== undefined) writer.uint8(letter.charCodeAt(0)).string(value);
  }
  for (const [letter, value] of fields.unrecognized ?? []) writer.uint8(letter.charCodeAt(0)).string(value);
  return writer.uint8(0);
}

/**
 * The SQLSTATE codes that the gateway itself answers with.
 * Source: PostgreSQL documentation, appendix "PostgreSQL Error Codes".
 */
export const SQLSTATE = {
  /** That of every report that is no warning and no error. */
  successfulCompletion: '00000',
  warning: '01000',
  connectionFailure: '08006',
  connectionRejected: '08004',
  /** The connection broke while a transaction was being resolved: it may or may not have happened. */
  transactionResolutionUnknown: '08007',
  protocolViolation: '08P01',
  featureNotSupported: '0A000',
  characterNotInRepertoire: '22021',
  activeTransaction: '25001',
  readOnlyTransaction: '25006',
  failedTransaction: '25P02',
  idleInTransactionTimeout: '25P03',
  invalidStatementName: '26000',
  invalidAuthorization: '28000',
  invalidPassword: '28P01',
  invalidPortalName: '34000',
  invalidDatabaseName: '3D000',
  /** Retryable: the same command may succeed when it is sent again. */
  serializationFailure: '40001',
  /** The command was forwarded and its outcome is not known. */
  statementCompletionUnknown: '40003',
  insufficientPrivilege: '42501',
  syntaxError: '42601',
  duplicatePortal: '42P03',
  duplicateStatement: '42P05',
  insufficientResources: '53000',
  tooManyConnections: '53300',
  configurationLimitExceeded: '53400',
  programLimitExceeded: '54000',
  statementTooComplex: '54001',
  objectNotInPrerequisiteState: '55000',
  lockNotAvailable: '55P03',
  operatorIntervention: '57000',
  queryCanceled: '57014',
  adminShutdown: '57P01',
  crashShutdown: '57P02',
  cannotConnectNow: '57P03',
  idleSessionTimeout: '57P05',
  systemError: '58000',
  internalError: 'XX000',
  /** Interlock's own, of a class that no standard and no PostgreSQL uses: rolled back, for it did more than people had agreed to. */
  effectBoundExceeded: 'IL001',
  /** Not run: what it would do is no longer what people had agreed to. */
  stateChanged: 'IL002',
  /** Nobody was asked: it would do more than people may agree to. */
  effectTooLarge: 'IL003',
} as const;
