import { z } from 'zod';
import { Duty } from './action.js';
import { Name } from './name.js';
import { FACTS, VERBS, type FactName, type Verb } from './vocabulary.js';

/** Limits of a risk model; a unit ends each name. */
export const RISK_LIMITS = {
  /** Points of one term: with as many terms as a model may have, and objects as a command may, a score is far below what a number holds exactly. */
  points: 10_000,
  /** Terms of each kind. */
  terms: 100,
  score: 1_000_000_000,
  /** Objects of one command that an act may count for: more are denied anyway. */
  accesses: 512,
  /** Longest stretch of recent behaviour. */
  minutes: 60,
  /** Highest count that a term may compare with where things are counted one by one. */
  objects: 4_000,
} as const;

/** Never negative: what lowers a score would be added to a risky command by whoever wants it through. */
const Points = z.number().int().min(1).max(RISK_LIMITS.points);
const Count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const TimeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day such as "08:30", at most "24:00"');

/** A fact that counts: `is` a value, `has` a member, or is, or has, `above` so many; with `duties` only where something of these is done. */
export const RiskFact = z.strictObject({
  duties: z.array(Duty).min(1).optional(),
  fact: z.enum(Object.keys(FACTS) as [FactName, ...FactName[]]),
  is: z.union([z.boolean(), z.string()]).optional(),
  has: z.string().min(1).optional(),
  above: Count.optional(),
  points: Points,
});
export type RiskFact = z.infer<typeof RiskFact>;

/** A verb or a duty that counts, once for each object that it is done to. */
export const RiskAct = z.strictObject({ duty: Duty.optional(), verb: z.enum(Object.keys(VERBS) as [Verb, ...Verb[]]).optional(), points: Points });
export type RiskAct = z.infer<typeof RiskAct>;

export const RiskLabel = z.strictObject({ label: z.string().min(1), is: z.string(), points: Points });
export type RiskLabel = z.infer<typeof RiskLabel>;

export const Weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Weekday = z.infer<typeof Weekday>;

/**
 * A stretch of every such day, by the clock on the wall: from `from` up to, and not with, `to`. Where `to` is not after `from` it ends
 * on the next day, and belongs to the day on which it began. The whole day without either.
 */
export const RiskTime = z.strictObject({ days: z.array(Weekday).min(1).optional(), from: TimeOfDay.optional(), to: TimeOfDay.optional(), points: Points });
export type RiskTime = z.infer<typeof RiskTime>;

/**
 * What is counted of a principal's recent commands at one connector, over all its sessions there. `commands` and `objects` (distinct
 * ones) count the command in question, too; `denials` are commands that were refused, understood or not; `rows` are those of ended
 * commands; `risk` is what allowed commands scored by what they were, without their recent terms.
 */
export const RiskMeasure = z.enum(['commands', 'denials', 'objects', 'rows', 'risk']);
export type RiskMeasure = z.infer<typeof RiskMeasure>;

export const RiskRecent = z.strictObject({ measure: RiskMeasure, above: Count, minutes: z.number().int().min(1).max(RISK_LIMITS.minutes), points: Points });
export type RiskRecent = z.infer<typeof RiskRecent>;

const Score = z.number().int().min(1).max(RISK_LIMITS.score);

/** People are asked from this score on. */
export const RiskAsk = z.strictObject({
  score: Score,
  approvers: z.array(z.strictObject({ role: Name, count: z.number().int().min(1).max(10).default(1) })).min(1),
  windowMinutes: z.number().int().min(1).max(1_440).default(15),
});
export type RiskAsk = z.infer<typeof RiskAsk>;

/** What a command counts as risk: the sum of the points of every term that is true of it. */
export const RiskModel = z.strictObject({
  /** As IANA names it, e.g. Europe/Berlin; `times` are read by its clock. */
  timeZone: z.string().min(1).default('UTC'),
  facts: z.array(RiskFact).max(RISK_LIMITS.terms).default([]),
  acts: z.array(RiskAct).max(RISK_LIMITS.terms).default([]),
  labels: z.array(RiskLabel).max(RISK_LIMITS.terms).default([]),
  times: z.array(RiskTime).max(RISK_LIMITS.terms).default([]),
  recent: z.array(RiskRecent).max(RISK_LIMITS.terms).default([]),
  thresholds: z.strictObject({ ask: RiskAsk.optional(), deny: Score.optional() }),
});
export type RiskModel = z.infer<typeof RiskModel>;

/** One term of a model that was true of a command. */
export const RiskTerm = z.object({
  kind: z.enum(['fact', 'act', 'label', 'time', 'recent']),
  points: z.number().int(),
  /** In words, e.g. `hasWhere is false`. */
  because: z.string(),
});
export type RiskTerm = z.infer<typeof RiskTerm>;

/** What a command scored, by which model. */
export const Risk = z.object({
  score: z.number().int().nonnegative(),
  terms: z.array(RiskTerm),
  /** SHA-256 over the canonical JSON (RFC 8785) of the model. */
  model: z.string(),
});
export type Risk = z.infer<typeof Risk>;

/** One side of a dynamic separation, and the first act that exercised it. */
export const ExercisedAct = z.object({
  separation: z.string(),
  side: z.union([z.literal(0), z.literal(1)]),
  /** In words, e.g. `insert on table shop/public/orders`. */
  act: z.string(),
  /** Absent where it is the command in question. */
  command: z.string().optional(),
  /** It gave the place another name, or may have: it counts as both sides, and from then on either may be done under any name. */
  moves: z.boolean().optional(),
  /**
   * Where they are kept apart over a window: the moment from which it is counted, RFC 3339. Of an act that was done before it lies up to a hundredth of
   * the window, or a second, behind the act.
   */
  at: z.string().optional(),
  /** Which principal did it, where it was not the session itself. */
  by: z.string().optional(),
  /** Who stands behind both, in words: `human ann`, `principal agent-etl`. */
  behind: z.string().optional(),
});
export type ExercisedAct = z.infer<typeof ExercisedAct>;

/** What a decision depended on beside the action, as of its moment: recorded with it, so that it can be made again. */
export const Circumstances = z.object({
  /** RFC 3339. */
  at: z.string(),
  recent: z.array(z.object({ measure: RiskMeasure, minutes: z.number().int(), value: z.number().int() })),
  /** What the session has exercised before, and its party where that counts. */
  exercised: z.array(ExercisedAct),
});
export type Circumstances = z.infer<typeof Circumstances>;
