import { z } from 'zod';

/** The kinds of act that must be kept apart. */
export const Duty = z.enum(['create', 'read', 'modify', 'delete', 'approve', 'audit', 'administer']);
export type Duty = z.infer<typeof Duty>;

/** One object of a target, by its place in the target's hierarchy, outermost first, e.g. table [shop, public, orders]. */
export const ObjectRef = z.object({
  kind: z.enum(['target', 'database', 'schema', 'table', 'view', 'sequence', 'function', 'type', 'role', 'setting', 'channel', 'other']),
  path: z.array(z.string()).max(8),
  /**
   * What the target itself knows the object by, whatever it is called (PostgreSQL: `relation:16384`); absent where the language
   * cannot tell. Part of the digest: people agree to this very object, and not to another that takes its name meanwhile.
   */
  id: z.string().optional(),
});
export type ObjectRef = z.infer<typeof ObjectRef>;

/** One verb on one object: the unit that policy judges. */
export const Access = z.object({
  verb: z.string(),
  duty: Duty,
  object: ObjectRef,
  /** Columns read or written, by name, where the object has columns; `*` for all or unknown. */
  columnsRead: z.array(z.string()).optional(),
  columnsWritten: z.array(z.string()).optional(),
});
export type Access = z.infer<typeof Access>;

export const FactValue = z.union([z.boolean(), z.number(), z.string(), z.array(z.string())]);
export type FactValue = z.infer<typeof FactValue>;

/** One bind parameter as the client sent it. */
export const Parameter = z.object({
  /** Type as the protocol names it (PostgreSQL: the OID, 0 when the server is to infer it). */
  type: z.string(),
  format: z.enum(['text', 'binary']),
  /** UTF-8 text or base64 of the bytes by `format`; null for SQL NULL. Empty where `omitted` stands for it. */
  value: z.string().nullable(),
  /**
   * A value too long for the event: its size and what its bytes hash to. With `values` it stands for that many, which are all that
   * follow: the size of them together, and the hash of the canonical JSON (RFC 8785) of the list of them, none omitted.
   */
  omitted: z.object({ bytes: z.number().int(), sha256: z.string(), values: z.number().int().positive().optional() }).optional(),
});
export type Parameter = z.infer<typeof Parameter>;

/** What whoever sends a command says of it: for people to read and for rules to insist on, never a fact. */
export const Stated = z.object({
  reason: z.string().max(500).optional(), ticket: z.string().max(100).optional(),
  /** That the glass is to be broken where a rule lets its sender, and why. */
  breakGlass: z.string().max(500).optional(),
});
export type Stated = z.infer<typeof Stated>;

/** What a command means, in a form policy can judge. */
export const Action = z.object({
  protocol: z.string(),
  /** The command's own verb: select, insert, update, delete, truncate, create, alter, drop, grant, copy, call, set, begin, ... */
  verb: z.string(),
  /** Exactly the text that is forwarded; of a long one, long literals are told by their size and SHA-256, in a form that no client's text can have. */
  text: z.string(),
  parameters: z.array(Parameter),
  accesses: z.array(Access),
  /** E.g. hasWhere, tautology, statementCount, functions, volatileFunctions, transactionControl. */
  facts: z.record(z.string(), FactValue),
  /** What the meaning depends on beside the text: search_path, database, role. */
  context: z.record(z.string(), z.string()),
  /** Part of the digest, where anything is stated. */
  stated: Stated.optional(),
});
export type Action = z.infer<typeof Action>;
