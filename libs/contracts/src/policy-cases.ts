import { z } from 'zod';
import { FactValue } from './action.js';
import { RiskMeasure } from './risk.js';
import { VERBS, type Verb } from './vocabulary.js';

const Volatility = z.enum(['immutable', 'stable', 'volatile']);

/** What a target holds, as far as cases need it: names are `schema.name`, columns by name. */
export const CatalogSketch = z.strictObject({
  searchPath: z.array(z.string().min(1)).default(['public']),
  tables: z.record(z.string().regex(/^[^.]+\.[^.]+$/, 'schema.table'), z.array(z.string().min(1))).default({}),
  views: z.record(z.string().regex(/^[^.]+\.[^.]+$/, 'schema.view'), z.strictObject({ columns: z.array(z.string().min(1)), query: z.string().min(1) })).default({}),
  functions: z.record(z.string().regex(/^[^.]+\.[^.]+$/, 'schema.function'), Volatility).default({}),
});
export type CatalogSketch = z.infer<typeof CatalogSketch>;

/** One access of an action, its resource as rules write it. */
export const SketchedAccess = z.strictObject({
  verb: z.enum(Object.keys(VERBS) as [Verb, ...Verb[]]),
  resource: z.string().regex(/^[A-Z][A-Za-z]*::"[^"\\]+"$/, 'a resource as rules write it, e.g. Table::"shop/public/orders"'),
  columnsRead: z.array(z.string()).optional(),
  columnsWritten: z.array(z.string()).optional(),
});
export type SketchedAccess = z.infer<typeof SketchedAccess>;

/** One row of a table of cases: who sends what where, and what must come of it. */
export const PolicyCase = z.strictObject({
  name: z.string().min(1).optional(),
  principal: z.string().min(1),
  target: z.string().min(1),
  /** The text of a command, understood as a connector would. */
  command: z.string().min(1).optional(),
  /** Or what a command means, for what no text shows. Facts that are left out are those of one plain statement that says which rows it means. */
  action: z.strictObject({ accesses: z.array(SketchedAccess).min(1), facts: z.record(z.string(), FactValue).default({}) }).optional(),
  /** Who made the objects it touches, by their names at the target (`schema.table`). Who made an object that neither this nor `preexisting` names is not known. */
  madeBy: z.record(z.string().min(1), z.string().min(1)).default({}),
  /** Objects that were there before anyone made them through Interlock. */
  preexisting: z.array(z.string().min(1)).default([]),
  /** Rows that the target expects it to change or, where it changes none, to return. Left out, it is not known, which counts against it. */
  estimatedRows: z.number().int().nonnegative().optional(),
  /** People who agreed to it: it is decided again with their grant. */
  agreed: z.array(z.string().min(1)).min(1).optional(),
  /** When, RFC 3339 with its offset; a Wednesday at noon UTC where it is left out, and quiet before it. */
  at: z.iso.datetime({ offset: true }).default('2026-01-07T12:00:00Z'),
  /** What was counted of the principal's recent behaviour, whatever the stretch: nothing where it is left out. */
  recent: z.partialRecord(RiskMeasure, z.number().int().min(0)).default({}),
  /** Commands that the session was allowed before it, by their texts. */
  after: z.array(z.string().min(1)).max(20).default([]),
  expect: z.enum(['allow', 'ask', 'deny']),
  /** All rules that must be given as reasons, and no others; `default-deny` where none permits. Left out: whichever they are. */
  rules: z.array(z.string().min(1)).optional(),
});
export type PolicyCase = z.infer<typeof PolicyCase>;

/** A file `cases/*.yaml` beside `interlock.yaml`. */
export const CaseFile = z.strictObject({
  /** By target. */
  catalogs: z.record(z.string(), CatalogSketch).default({}),
  cases: z.array(PolicyCase).min(1),
});
export type CaseFile = z.infer<typeof CaseFile>;
