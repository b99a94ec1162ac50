export { findNames, MOST_BYTES_AT_ONCE, type NameSpan } from './find.js';
