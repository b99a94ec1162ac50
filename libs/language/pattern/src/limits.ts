/** What a pattern may be and become. Whatever goes beyond is refused when it is compiled, so that nothing grows when it runs. */
export const PATTERN_LIMITS = {
  /** UTF-16 units of a pattern's text. */
  textLength: 1_000,
  /** Groups inside groups. */
  depth: 32,
  /** Instructions, after every repetition is written out. */
  instructions: 8_192,
  /** States of one automaton: at most 4,096 rows of 257 entries, 2 bytes each. */
  states: 4_096,
  /** Instructions looked at while states are built. */
  steps: 4_000_000,
} as const;
