/**
 * The named ceilings of this package.
 *
 * A length or count that a peer declares is compared with one of these before anything is allocated or awaited for it.
 * Lengths of typed messages are the wire's own: they count the four bytes of the length field, not the type byte.
 */

/** MAX_STARTUP_PACKET_LENGTH of PostgreSQL: SSLRequest, GSSENCRequest, CancelRequest and StartupMessage alike. */
export const STARTUP_PACKET_MAX_BYTES = 10_000;

/** Parameters in one StartupMessage; a packet of the size above could name 2,500. */
export const STARTUP_PARAMETERS_MAX = 256;

/** PG_MAX_AUTH_TOKEN_LENGTH of PostgreSQL: PasswordMessage, SASL and GSS messages, in both directions. */
export const AUTHENTICATION_MESSAGE_MAX_BYTES = 65_535;

/** Query, Parse, Bind, FunctionCall and CopyData from a client, unless the caller names another ceiling. */
export const FRONTEND_MESSAGE_MAX_BYTES = 64 * 1024 * 1024;

/** PQ_SMALL_MESSAGE_LIMIT of PostgreSQL: the client messages that carry a name at most. */
export const FRONTEND_SMALL_MESSAGE_MAX_BYTES = 10_000;

/** DataRow, CopyData and FunctionCallResponse from a server: what PostgreSQL can allocate for one value. */
export const BACKEND_MESSAGE_MAX_BYTES = 1024 * 1024 * 1024;

/** ErrorResponse and NoticeResponse: they may quote a whole statement or value, and are held in memory. */
export const BACKEND_REPORT_MAX_BYTES = 16 * 1024 * 1024;

/** RowDescription and ParameterDescription: 1,664 columns with long names, 65,535 parameters. */
export const BACKEND_DESCRIPTION_MAX_BYTES = 1024 * 1024;

/** All other server messages; libpq believes no more than this for them either. */
export const BACKEND_SMALL_MESSAGE_MAX_BYTES = 30_000;

/** A message with data that is longer than this is handed out in pieces, unless the caller names another threshold. */
export const STREAM_ABOVE_BYTES = 256 * 1024;

/** Secret keys of BackendKeyData and CancelRequest: 4 bytes in protocol 3.0, 4 to 256 from 3.2 on. */
export const CANCEL_KEY_MIN_BYTES = 4;
export const CANCEL_KEY_MAX_BYTES = 256;

/** MaxTupleAttributeNumber of PostgreSQL: columns of one result or COPY row. */
export const COLUMNS_MAX = 1_664;

/** Parameters of one statement: the wire counts them in an unsigned Int16. */
export const PARAMETERS_MAX = 65_535;

/** Arguments of one FunctionCall: FUNC_MAX_ARGS of PostgreSQL. */
export const FUNCTION_ARGUMENTS_MAX = 100;

/** Mechanisms in AuthenticationSASL; options in NegotiateProtocolVersion. */
export const SASL_MECHANISMS_MAX = 32;
export const PROTOCOL_OPTIONS_MAX = 256;

/** Fields of one ErrorResponse or NoticeResponse; the protocol defines 18. */
export const REPORT_FIELDS_MAX = 64;

/** One row of a COPY stream, unless the caller names another ceiling. */
export const COPY_ROW_MAX_BYTES = 16 * 1024 * 1024;

/** The extension area in the header of a binary COPY stream; PostgreSQL writes none. */
export const COPY_BINARY_EXTENSION_MAX_BYTES = 64 * 1024;

/** Iterations of SCRAM-SHA-256: RFC 7677 asks for at least 4,096; the derivation blocks for about 0.5 µs each. */
export const SCRAM_ITERATIONS_MIN = 4_096;
export const SCRAM_ITERATIONS_MAX = 100_000;

/** Salt of SCRAM: PostgreSQL uses 16 bytes. */
export const SCRAM_SALT_MAX_BYTES = 1_024;
