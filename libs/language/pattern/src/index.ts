export { compilePattern, prefixesIn, Pattern, type PatternOptions, type Place } from './pattern.js';
export { type PatternRefusal } from './unfit.js';
export { type Extent } from './measure.js';
export { PATTERN_LIMITS } from './limits.js';
export { Keywords, type OnKeyword } from './keywords.js';
export { sampleOf } from './sample.js';
