export { findSecrets, SECRET_REACH_BYTES, secretsTold, tellsOfSecret, type SecretSpan } from './find.js';
export { SECRET_KINDS } from './kinds.js';
export { type SecretKind } from './kind.js';
export { entropyOf } from './lookalike.js';
