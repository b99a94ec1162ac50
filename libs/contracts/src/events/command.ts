import { z } from 'zod';
import { Action } from '../action.js';
import { Decision, GrantFact } from '../decision.js';
import { BoundedEffect } from '../impact.js';
import { GatheredFacts } from '../object.js';
import { Circumstances } from '../risk.js';

/** The request and its decision, one event: acknowledged before the first byte of the command leaves for the target. */
export const CommandDecided = z.object({
  principal: z.string(),
  target: z.string(),
  action: Action,
  actionDigest: z.string(),
  decision: Decision,
  /** `forward` when a parked command is decided again with its grant. */
  phase: z.enum(['request', 'forward']),
  grant: GrantFact.optional(),
  /** By access, null where no rule reads any of it: what history and target said at that moment. Absent where nothing was gathered. */
  gathered: z.array(GatheredFacts.nullable()).optional(),
  /** Where a risk model or a dynamic separation is declared. */
  circumstances: Circumstances.optional(),
});

const Judged = z.object({ outcome: Decision.shape.outcome, rules: z.array(z.string()) });

/**
 * Policy decided a recorded command again, from its recorded facts and under the bundle of its version, and came to something else
 * than the connector. It is an incident. After an outage the same decision, by its event, may be told twice.
 */
export const DecisionMismatch = z.object({
  /** Event of the recorded decision, and the batch that holds it. */
  event: z.string(),
  sequence: z.number().int(),
  /** Who decided, `<service>/<instance>`. */
  connector: z.string(),
  principal: z.string(),
  target: z.string(),
  bundleVersion: z.number().int(),
  /** One sentence each: what is otherwise. */
  differences: z.array(z.string()).min(1),
  recorded: Judged,
  /** Absent where no decision could have been made at all, e.g. by a bundle that was never published. */
  again: Judged.optional(),
  /** The lock that was set for it, or stood; absent when the one set for it had been lifted. */
  lock: z.string().optional(),
});

/** A command that could not become an action (not parsed, over a limit). Denied. */
export const CommandRefused = z.object({
  principal: z.string(),
  target: z.string(),
  /** The text as sent, cut at 64 KiB; its SHA-256 covers all of it. */
  text: z.string(),
  textHash: z.string(),
  reason: z.string(),
  detail: z.string(),
  /** The masking rule that it is about, where there is one, what to do next, and the bundle in force; absent in events of before they were told. */
  rule: z.string().optional(),
  hint: z.string().optional(),
  bundleVersion: z.number().int().optional(),
});

export const CommandOutcome = z.object({
  /** `unknown`: forwarded, and no answer was seen. `not_sent`: allowed, and never forwarded. */
  status: z.enum(['completed', 'failed', 'unknown', 'not_sent', 'cancelled']),
  /** The protocol's own summary, e.g. `DELETE 1`. */
  summary: z.string().optional(),
  /** The protocol's error code, e.g. an SQLSTATE. */
  errorCode: z.string().optional(),
  rows: z.number().int(),
  bytes: z.number().int(),
  /** Where the answer begins in the exchange's recording; it has `bytes` bytes there. Replay finds it by this. */
  firstByte: z.number().int().nonnegative().optional(),
  /** Cells masked in the answer. */
  masked: z.number().int(),
  durationMs: z.number(),
  /** Where people agreed to a bound: what was done within it, or was rolled back. */
  effect: BoundedEffect.optional(),
});

/** One chunk of streamed input, acknowledged before it was forwarded. */
export const InputChunk = z.object({
  index: z.number().int(),
  bytes: z.number().int(),
  hash: z.string(),
});

/** A query of the gateway's own, on a side connection. */
export const ProbeRan = z.object({ target: z.string(), purpose: z.string(), text: z.string() });

/**
 * One chunk of a recording was stored. `hash` is SHA-256 over its ciphertext in stream RECORDING. After an outage the same
 * chunk, by index and hash, may be told twice.
 */
export const RecordingChunk = z.object({
  index: z.number().int(),
  /** Offset of its first byte in the exchange's recording, before encryption. */
  firstByte: z.number().int(),
  bytes: z.number().int(),
  hash: z.string(),
  /** Sequence of the chunk's message in stream RECORDING. */
  sequence: z.number().int().positive().optional(),
  /** Where the chunk's ciphertext begins in that message, which may hold chunks of several exchanges; 0 when absent. */
  offset: z.number().int().nonnegative().optional(),
  /** Where its ciphertext begins in the stream of the key that this event's payload is encrypted under. */
  keyOffset: z.number().int().nonnegative().optional(),
});
