export { OIDC_LIMITS } from './limits.js';
export { BotTokenVerifier, type BotIssuer } from './bot-token-verifier.js';
export { OidcTokenVerifier } from './token-verifier.js';
