export { OIDC_LIMITS } from './limits.js';
export { OidcTokenVerifier } from './token-verifier.js';
