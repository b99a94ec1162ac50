export { compileMasking, type MaskingPlan, type ReaderOfMasked, type SensitiveColumn } from './plan.js';
export { isPlaceholder } from './placeholder.js';
export { purposeFor } from './purpose.js';
export { coverageOf, proposedTags, type Coverage } from './classify.js';
export { applyTransform, redacted, type CellShape } from './transform.js';
export { NO_CIPHERS, type CipherBook, type ValueCipher } from './cipher.js';
export { maskValue, type CellValue } from './cell-value.js';
export { issueToken, readToken, redeemToken, TOKEN_MAX_CHARACTERS, type TokenParts } from './token.js';
