export type { Decoded, Violation, ViolationReason } from './violation.js';

export {
  AUTHENTICATION_MESSAGE_MAX_BYTES,
  BACKEND_DESCRIPTION_MAX_BYTES,
  BACKEND_MESSAGE_MAX_BYTES,
  BACKEND_REPORT_MAX_BYTES,
  BACKEND_SMALL_MESSAGE_MAX_BYTES,
  CANCEL_KEY_MAX_BYTES,
  CANCEL_KEY_MIN_BYTES,
  COLUMNS_MAX,
  COPY_BINARY_EXTENSION_MAX_BYTES,
  COPY_ROW_MAX_BYTES,
  FRONTEND_MESSAGE_MAX_BYTES,
  FRONTEND_SMALL_MESSAGE_MAX_BYTES,
  FUNCTION_ARGUMENTS_MAX,
  PARAMETERS_MAX,
  PROTOCOL_OPTIONS_MAX,
  REPORT_FIELDS_MAX,
  SASL_MECHANISMS_MAX,
  SCRAM_ITERATIONS_MAX,
  SCRAM_ITERATIONS_MIN,
  SCRAM_SALT_MAX_BYTES,
  STARTUP_PACKET_MAX_BYTES,
  STARTUP_PARAMETERS_MAX,
  STREAM_ABOVE_BYTES,
} from './limits.js';

export type { MessageTypes, TypeSet } from './message-types.js';
export { backendTypes, frontendAuthenticationTypes, frontendTypes, typeSet } from './message-types.js';

export type { FrameStep } from './framing.js';
export { FrameReader, HEADER_BYTES } from './framing.js';

export type { Format } from './payload.js';

export type { CancelRequest, NegotiatedVersion, StartupMessage, StartupPacket } from './startup.js';
export {
  decodeStartupPacket,
  encodeCancelRequest,
  encodeSslRequest,
  encodeStartupMessage,
  ENCRYPTION_ACCEPTED_TLS,
  ENCRYPTION_REFUSED,
  negotiateVersion,
  NEWEST_MINOR_VERSION,
  StartupReader,
} from './startup.js';

export type {
  Bind,
  Close,
  CopyData,
  CopyDone,
  CopyFail,
  Describe,
  Execute,
  FrontendAuthenticationMessage,
  FrontendMessage,
  FunctionCall,
  Parse,
  Password,
  Query,
  SaslInitialResponse,
  SaslResponse,
} from './frontend.js';
export {
  decodeFrontend,
  decodePassword,
  decodeSaslInitialResponse,
  decodeSaslResponse,
  encodeFrontend,
} from './frontend.js';

export type {
  Authentication,
  BackendKeyData,
  BackendMessage,
  CommandComplete,
  CopyResponse,
  DataRow,
  ErrorResponse,
  FieldDescription,
  FunctionCallResponse,
  NegotiateProtocolVersion,
  NoticeResponse,
  NotificationResponse,
  ParameterDescription,
  ParameterStatus,
  ReadyForQuery,
  RowDescription,
  TransactionStatus,
} from './backend.js';
export { decodeBackend, encodeBackend } from './backend.js';

export type { Replacements } from './data-row.js';
export { DataRowCursor, rewriteDataRow } from './data-row.js';

export type { ReportFields } from './errors.js';
export { SQLSTATE } from './errors.js';

export type { CopyOptions, CopyStep } from './copy-reader.js';
export { CopyReader } from './copy-reader.js';
export type { CopyTextOptions } from './copy-text.js';
export { CopyTextReader } from './copy-text.js';
export type { CopyCsvOptions } from './copy-csv.js';
export { CopyCsvReader } from './copy-csv.js';
export { CopyBinaryReader } from './copy-binary.js';

export type {
  ScramAnswered,
  ScramBegun,
  ScramChallenge,
  ScramIterations,
  ScramKeys,
  ScramMechanism,
  ScramStart,
} from './scram.js';
export {
  SCRAM_SHA_256,
  SCRAM_SHA_256_PLUS,
  scramAnswer,
  scramBegin,
  scramChallenge,
  scramKeys,
  scramVerify,
} from './scram.js';
