/** Ceilings of this language. A statement beyond one is refused by name, never cut. */
export const SQL_LIMITS = {
  /** UTF-8 bytes of one query text; equals the ledger's ceiling for one command. */
  textBytes: 512 * 1024,
  /** Longest text, in UTF-16 code units, whose every literal its event tells; of a longer one, those of more than the second are told by hash. */
  wholeTextLength: 256 * 1024,
  literalLength: 4 * 1024,
  /** Objects nested inside one another in a statement's node tree; some 500 chained operators. */
  treeDepth: 1_000,
  /** Statements in one query text. */
  statements: 10_000,
  /** Statements of one query text that make, change or drop objects: each lays its changes over those of the ones before. */
  definitions: 1_000,
  /**
   * Work that one text may take, in nodes looked at (a microsecond or so each). The text itself counts by its length, columns, tables and names
   * that are gone through count for a part of a node, and what is looked at twice counts twice.
   */
  analysisSteps: 250_000,
  /** Code units of a text, what the parser writes down several times (the source of `SET (a, b) = …`) counted as often. */
  writtenLength: 1024 * 1024,
  /** How often the lexer may look at operator signs that follow one another without a space. */
  lexedSigns: 16 * 1024 * 1024,
  /** UTF-8 bytes of a text's parse tree as the parser gives it; some 150,000 nodes. */
  treeBytes: 8 * 1024 * 1024,
  /** Members that a search_path may be given. */
  searchPathMembers: 256,
  /** Columns of one target list, stars spread out: PostgreSQL's own limit (MaxTupleAttributeNumber). */
  targets: 1_664,
  /** Texts (and, apart, text shapes) that one interpreter remembers by one catalog. */
  cachedTexts: 2_048,
  /** Longest text, in UTF-16 code units, worth remembering. */
  cachedTextLength: 4 * 1024,
} as const;
