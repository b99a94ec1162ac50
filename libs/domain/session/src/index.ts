export { ActionDigester, actionDigest, grantDigest, type GrantTerms } from './digest.js';
export { session, NEW_SESSION, type SessionCommand, type SessionEvent, type SessionState } from './session.js';
