import { accepted, refused, type Outcome, type Refusal } from '@interlock/kernel';
import type { Interpretation } from '../interpret.js';
import type { ColumnRef, Lineage } from './lineage.js';
import { checkSensitive, type IsSensitive, type SensitiveFindings } from './sensitive.js';

/** Which columns rules mask. */
export interface ColumnRules {
  /** Every one, named by its rule. */
  readonly sensitive: readonly { readonly rule: string }[];
  columnRule(schema: string, table: string, column: string): ColumnRule | undefined;
}

interface ColumnRule {
  readonly rule: string;
  /** Where values are masked under a key: whose. Equal values then look equal. */
  readonly kind?: string | undefined;
}

/**
 * What a statement does with masked columns. Refused with `masking_unsafe` where masking its answer would not hide them: where they decide about
 * rows or failures, are computed with or copied, where values that a client chose would be masked under their key, or where its answer cannot be followed. The refusal names the rule of the column that it is about; one
 * about no column in particular names none.
 * `isComparable`: which of them may be compared with parameters; who says that has to see to it that those of `findings.compared` are tokens.
 */
export function maskable(meaning: Interpretation, rules: ColumnRules, isComparable?: IsSensitive): Outcome<SensitiveFindings> {
  const known = followed(meaning);
  if (!known.ok) return unsafe(undefined, known.refusal.detail, known.refusal.hint);
  const findings = checkSensitive(known.value, (column) => ruleOf(rules, column) !== undefined, isComparable);
  return refusalOf(findings, rules, isComparable) ?? accepted(findings);
}

/** Where its answer comes from; refused where no rule about columns could follow it, `detail` says why, as a clause. */
export function followed({ lineage, facts }: Interpretation): Outcome<Lineage> {
  if (!lineage.ok || (facts['opaque'] !== true && !hasAny(facts['dangerousFunctions']) && facts['sensitiveCatalog'] !== true)) return lineage;
  return refused('lineage_unknown', 'it reads in a way that no column rule can follow (procedural code, statistics or a function that reads on its own)', {
    hint: 'Use plain statements that name their tables and columns.',
  });
}

function refusalOf(findings: SensitiveFindings, rules: ColumnRules, isComparable?: IsSensitive): ReturnType<typeof unsafe> | undefined {
  const [shaping] = findings.shaping;
  if (shaping) {
    const hint = isComparable?.(shaping) ? 'Compare it in a WHERE, by = or IN, with tokens that are bound as parameters, and use it in no other way.' : 'Do not filter, join, sort, group or compute on it.';
    return unsafe(ruleName(rules, shaping), `${nameOf(shaping)} would decide which rows come back or whether the statement fails`, hint);
  }
  const [altered] = findings.altersSensitive;
  if (altered) return unsafe(ruleName(rules, altered), `it would change ${nameOf(altered)}, to which the rule is bound`, 'Ask someone who may change the configuration to take the rule off that column first.');
  if (findings.carries) return unsafe(undefined, 'it would copy a masked value to where no rule masks it', 'Copy only columns that no rule masks.');
  const derived = findings.columns.find((column) => column !== 'clear' && 'derived' in column) as { readonly derived: readonly ColumnRef[] } | undefined;
  const [origin] = derived?.derived ?? [];
  const mixed = findings.columns.flatMap((column) => (column !== 'clear' && 'direct' in column && column.mixed ? column.direct : [])).find((column) => ruleOf(rules, column)?.kind !== undefined);
  if (mixed) return unsafe(ruleName(rules, mixed), `a column of its answer has other values beside those of ${nameOf(mixed)}, and they would tell what the masked ones stand for`, 'Select the column by itself, without other values in a UNION or VALUES.');
  return origin && unsafe(ruleName(rules, origin), `a column of its answer is computed from ${nameOf(origin)}`, 'Select the column itself; it comes back masked.');
}

function unsafe(rule: string | undefined, why: string, hint?: string): { readonly ok: false; readonly refusal: Refusal } {
  const detail = `the statement cannot be masked safely, because ${why}.`;
  return { ok: false, refusal: { reason: 'masking_unsafe', detail, ...(rule === undefined ? {} : { rule }), ...(hint === undefined ? {} : { hint }) } };
}

function ruleName(rules: ColumnRules, column: ColumnRef): string | undefined {
  return [column, ...column.alike].map((one) => ruleOf(rules, one)?.rule).find((rule) => rule !== undefined);
}

function ruleOf(rules: ColumnRules, { schema, table, column }: ColumnRef): ColumnRule | undefined {
  return rules.columnRule(schema, table, column);
}

function hasAny(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function nameOf({ schema, table, column }: ColumnRef): string {
  return `${schema}.${table}.${column}`;
}
