export { FOUND_KINDS, groupOf, KINDS, VALUE_KINDS, type FoundKind } from './kinds.js';
export { ContentNet, netFor } from './net.js';
export type { Finding } from './scanner.js';
export { ContentStream, type ContentSink } from './stream.js';
export { maskContent, placeholderOf } from './mask.js';
export { compileRecognizer, RECOGNIZER_STEPS_MAX, RECOGNIZERS_STEPS_MAX, type Custom } from './custom.js';
