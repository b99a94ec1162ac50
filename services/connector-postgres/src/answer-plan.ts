import { accepted, type Outcome } from '@interlock/kernel';
import type { Catalog } from '@interlock/language-postgres';
import type { FieldDescription } from '@interlock/protocol-postgres';
import { contentRule, RowMask, type CellRule } from './mask-rows.js';
import type { Reader, Sensitivity } from './reader.js';
import type { PostgresRefusal } from './refuse.js';

/** How the rows of one answer pass: as they are, or cell by cell. */
export type AnswerPlan = 'verbatim' | RowMask;

/**
 * Plans an answer from what the target says its columns are and what the statement's lineage says they are made of. A sensitive
 * attribute is masked whatever the lineage said; where the two do not agree, nothing of the answer may be seen.
 */
export function planAnswer(fields: readonly FieldDescription[], formats: readonly ('text' | 'binary')[] | undefined, sensitivity: Sensitivity, reader: Reader, catalog: Catalog): Outcome<AnswerPlan, PostgresRefusal> {
  if (reader.plan.isEmpty) return accepted('verbatim');
  const findings = sensitivity.findings?.columns;
  if (findings && findings.length !== fields.length) return disagree(`the answer has ${fields.length} columns where ${findings.length} were expected`);
  const rules: (CellRule | undefined)[] = [];
  for (const [index, field] of fields.entries()) {
    const format = formatOf(formats, index, field);
    const rule = cellRule(field, format, findings?.[index], reader, catalog);
    if (rule === 'unknown') return disagree(`column ${index + 1} belongs to a table that is not in the catalog yet`);
    rules.push(rule);
  }
  return accepted(rules.every((rule) => rule === undefined) ? 'verbatim' : new RowMask(rules, reader.plan.contentKinds));
}

/** Result formats as Bind gave them: none, one for all, or one each. */
export function formatOf(formats: readonly ('text' | 'binary')[] | undefined, index: number, field: FieldDescription): 'text' | 'binary' {
  if (formats === undefined) return field.format;
  return formats.length === 1 ? formats[0]! : (formats[index] ?? 'text');
}

type Finding = NonNullable<Sensitivity['findings']>['columns'][number];

function cellRule(field: FieldDescription, format: 'text' | 'binary', finding: Finding | undefined, reader: Reader, catalog: Catalog): CellRule | undefined | 'unknown' {
  if (reader.hasColumns && field.tableOid !== 0 && !catalog.relationByOid(field.tableOid)) return 'unknown';
  const byPlace = field.tableOid === 0 ? undefined : reader.ruleAt(catalog, field.tableOid, field.columnNumber);
  const byLineage = finding && finding !== 'clear' && 'direct' in finding ? reader.ruleOf(finding.direct) : undefined;
  const rule = byPlace ?? byLineage;
  if (rule) return { kind: 'transform', mask: reader.maskOf(rule, field.typeOid, format) };
  if (reader.plan.contentKinds.length === 0 || (field.tableOid !== 0 && reader.isSparedAt(catalog, field.tableOid, field.columnNumber))) return undefined;
  return contentRule(field, format);
}

function disagree(why: string): { readonly ok: false; readonly refusal: PostgresRefusal } {
  return {
    ok: false,
    refusal: { reason: 'masking_disagreement', detail: `The command ran, and its answer is withheld because it cannot be masked safely: ${why}.`, hint: 'Commit changes of the schema before you read by them, and send the command again.' },
  };
}
