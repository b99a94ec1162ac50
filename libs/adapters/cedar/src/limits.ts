/** Ceilings on what authors may write and on what one command may ask. A unit ends each name. */
export const CEDAR_LIMITS = {
  /** Rules in one bundle: checking their types took 0.35 ms each on a busy machine, and whoever takes a new bundle waits for it. */
  rules: 5_000,
  /** Bytes of one rule's text, annotations included. */
  ruleBytes: 16 * 1024,
  /** Parts of one rule's conditions: operators, members, values, elements of sets. */
  ruleParts: 1_000,
  /** Parts of all rules together, each as often as there are verbs that its rule is checked under: that takes up to 6 µs, and nothing else is done meanwhile. */
  checkedParts: 500_000,
  /** Bytes of one policy file. */
  fileBytes: 256 * 1024,
  /** Problems reported at once; the rest would be noise. */
  problems: 50,
  /** Accesses of one command; each is one evaluation. */
  accesses: 512,
  /** Decisions remembered by one judge, at most twice this many. */
  cachedDecisions: 8_192,
  /** Characters of a cache key; a longer one is decided anew each time. */
  cacheKeyLength: 4_096,
  /** Approvers that one role may be asked for. */
  approversPerRole: 10,
  /** Longest time an approval may wait and be used: a day. */
  windowSeconds: 86_400,
  /** Rows that people may agree to have changed by one command. */
  maxRows: 1_000_000,
  /** Longest time within which a broken glass is to be reviewed: a week. */
  reviewSeconds: 7 * 86_400,
  /** That of a rule which names none. */
  defaultReviewSeconds: 86_400,
  /** The window of a rule that names approvers and no window. */
  defaultWindowSeconds: 900,
} as const;
