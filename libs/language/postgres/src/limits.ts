/** Ceilings of this language. A statement beyond one is refused by name, never cut. */
export const SQL_LIMITS = {
  /** UTF-8 bytes of one query text; equals the ledger's ceiling for one command. */
  textBytes: 512 * 1024,
  /** Objects nested inside one another in a statement's node tree; some 500 chained operators. */
  treeDepth: 1_000,
  /** Statements in one query text. */
  statements: 10_000,
  /** Nodes that the interpretation of one text may look at, repeated recursive terms included; columns looked through count for less. */
  analysisSteps: 400_000,
  /** Texts (and, apart, text shapes) that one interpreter remembers by one catalog. */
  cachedTexts: 2_048,
  /** Longest text, in UTF-16 code units, worth remembering. */
  cachedTextLength: 4 * 1024,
} as const;
