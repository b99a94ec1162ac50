import {
  AUTHENTICATION_MESSAGE_MAX_BYTES,
  BACKEND_DESCRIPTION_MAX_BYTES,
  BACKEND_MESSAGE_MAX_BYTES,
  BACKEND_REPORT_MAX_BYTES,
  BACKEND_SMALL_MESSAGE_MAX_BYTES,
  FRONTEND_MESSAGE_MAX_BYTES,
  FRONTEND_SMALL_MESSAGE_MAX_BYTES,
} from './limits.js';

/**
 * The message types of one side of the dialogue in one phase: how long each may declare itself, and which may be
 * handed out in pieces. Indexed by the type byte, so that the splitter looks up and never searches.
 */
export type MessageTypes = {
  /** Ceiling of the declared length in bytes; 0 where the type does not exist. */
  readonly ceilings: Uint32Array;
  /** 1 where a long message may be streamed: its body is data, not something a decision needs whole. */
  readonly streamed: Uint8Array;
};

/** A set of type bytes, indexed by the byte: 1 for members. */
export type TypeSet = Uint8Array;

/** The set of the given types: `typeSet('DC')` holds DataRow and CommandComplete. */
export function typeSet(letters: string): TypeSet {
  const set = new Uint8Array(256);
  for (const letter of letters) set[letter.charCodeAt(0)] = 1;
  return set;
}

function messageTypes(streamed: string, ceilings: readonly (readonly [letters: string, maxBytes: number])[]): MessageTypes {
  const table = new Uint32Array(256);
  for (const [letters, maxBytes] of ceilings) {
    for (const letter of letters) table[letter.charCodeAt(0)] = maxBytes;
  }
  return { ceilings: table, streamed: typeSet(streamed) };
}

/** What a client may send once it is authenticated. PostgreSQL (SocketBackend) draws the same line between long and short types. */
export function frontendTypes(maxBytes: number = FRONTEND_MESSAGE_MAX_BYTES): MessageTypes {
  return messageTypes('d', [
    ['QPBFd', maxBytes],
    ['CDEHScfX', FRONTEND_SMALL_MESSAGE_MAX_BYTES],
  ]);
}

/** What a client may send while it authenticates: `p` (PasswordMessage, SASL, GSS) and Terminate. */
export function frontendAuthenticationTypes(): MessageTypes {
  return messageTypes('', [
    ['p', AUTHENTICATION_MESSAGE_MAX_BYTES],
    ['X', FRONTEND_SMALL_MESSAGE_MAX_BYTES],
  ]);
}

/** What a server may send, in any phase; `maxBytes` bounds the messages that carry data. */
export function backendTypes(maxBytes: number = BACKEND_MESSAGE_MAX_BYTES): MessageTypes {
  return messageTypes('DdV', [
    ['DdV', maxBytes],
    ['EN', BACKEND_REPORT_MAX_BYTES],
    ['Tt', BACKEND_DESCRIPTION_MAX_BYTES],
    ['R', AUTHENTICATION_MESSAGE_MAX_BYTES],
    ['123ACGHIKSWZcnsv', BACKEND_SMALL_MESSAGE_MAX_BYTES],
  ]);
}
