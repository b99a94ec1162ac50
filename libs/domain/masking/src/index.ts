export { compileMasking, type MaskingPlan, type ReaderOfMasked, type SensitiveColumn } from './plan.js';
export { purposeFor } from './purpose.js';
export { coverageOf, proposedTags, type Coverage } from './classify.js';
export { applyTransform, redacted, type CellShape } from './transform.js';
