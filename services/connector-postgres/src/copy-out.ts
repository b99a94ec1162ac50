import { accepted, type Outcome } from '@interlock/kernel';
import type { Catalog, CopyEffect } from '@interlock/language-postgres';
import { CopyBinaryReader, CopyCsvReader, CopyTextReader, encodeFrontend, type CopyReader, type CopyResponse } from '@interlock/protocol-postgres';
import { RowMask, shapeOf, type CellRule } from './mask-rows.js';
import type { Reader, Sensitivity } from './reader.js';
import type { PostgresRefusal } from './refuse.js';

/** What became of pushed bytes: masked CopyData messages, or a stream that cannot be read safely. */
export type CopyStepResult = { readonly messages: readonly Buffer[]; readonly rows: number; readonly masked: number } | 'unreadable';

/** Masks the rows of COPY TO STDOUT. */
export class CopyMask {
  readonly #reader: CopyReader;
  readonly #mask: RowMask;
  #headerLeft: boolean;

  constructor(reader: CopyReader, mask: RowMask, hasHeader: boolean) {
    this.#reader = reader;
    this.#mask = mask;
    this.#headerLeft = hasHeader;
  }

  push(payload: Buffer): CopyStepResult {
    this.#reader.push(payload);
    return this.#drain();
  }

  finish(): CopyStepResult {
    this.#reader.finish();
    return this.#drain();
  }

  #drain(): CopyStepResult {
    const messages: Buffer[] = [];
    let rows = 0;
    let masked = 0;
    for (let step = this.#reader.next(); step !== 'more' && step !== 'end'; step = this.#reader.next()) {
      if (step === 'violation') return 'unreadable';
      const isRow = step === 'row' && !this.#headerLeft;
      if (step === 'row') this.#headerLeft = false;
      const cells = isRow ? this.#cells() : [];
      const changed = cells.filter((cell) => cell !== undefined).length;
      messages.push(copyData(changed > 0 ? this.#reader.rewrite(cells) : this.#reader.buffer.subarray(this.#reader.start, this.#reader.end)));
      rows += isRow ? 1 : 0;
      masked += changed;
    }
    return { messages, rows, masked };
  }

  #cells(): (Uint8Array | null | undefined)[] {
    return Array.from({ length: this.#reader.count }, (_, column) => {
      const value = this.#reader.value(column);
      return value === null ? undefined : this.#mask.value(column, value);
    });
  }
}

/** CopyData has the same form both ways. */
function copyData(data: Buffer): Buffer {
  return encodeFrontend({ kind: 'copyData', data });
}

/** How the data of one COPY TO STDOUT passes: as it is, or row by row. Refuses where columns cannot be told apart safely. */
export function planCopyOut(response: CopyResponse, copy: CopyEffect | undefined, sensitivity: Sensitivity, reader: Reader, catalog: Catalog): Outcome<'verbatim' | CopyMask, PostgresRefusal> {
  if (reader.plan.isEmpty) return accepted('verbatim');
  const columns = response.columnFormats.length;
  const findings = sensitivity.findings?.columns;
  if (!copy || (findings && findings.length !== columns)) return withheld('its columns cannot be told apart');
  const rules = Array.from({ length: columns }, (_, index) => copyRule(findings?.[index], copy.format, reader, catalog));
  if (rules.every((rule) => rule === undefined)) return accepted('verbatim');
  const splitter = readerOf(copy, columns);
  if (!splitter) return withheld(`the format ${copy.format} with these options cannot be read`);
  return accepted(new CopyMask(splitter, new RowMask(rules, reader.plan.contentKinds), isOn(copy.options['header'])));
}

type Finding = NonNullable<Sensitivity['findings']>['columns'][number];

function copyRule(finding: Finding | undefined, format: string, reader: Reader, catalog: Catalog): CellRule | undefined {
  const direct = finding && finding !== 'clear' && 'direct' in finding ? finding.direct : undefined;
  const rule = direct && reader.ruleOf(direct);
  if (direct && rule) {
    const typeOid = catalog.relationByOid(direct.oid)?.columns.find((column) => column.attnum === direct.attnum)?.typeOid ?? 0;
    return { kind: 'transform', transform: rule.transform, shape: shapeOf(typeOid, format === 'binary' ? 'binary' : 'text') };
  }
  if (reader.plan.contentKinds.length === 0) return undefined;
  return { kind: 'content', form: format === 'binary' ? 'structure' : 'text' };
}

function readerOf({ format, options }: CopyEffect, columns: number): CopyReader | undefined {
  const encoding = options['encoding'];
  if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) return undefined;
  const { delimiter, quote, escape } = options;
  const nullText = options['null'];
  switch (format) {
    case 'text':
      return new CopyTextReader({ columns, ...(delimiter === undefined ? {} : { delimiter }), ...(nullText === undefined ? {} : { nullText }) });
    case 'csv':
      return new CopyCsvReader({
        columns, ...(delimiter === undefined ? {} : { delimiter }), ...(nullText === undefined ? {} : { nullText }), ...(quote === undefined ? {} : { quote }), ...(escape === undefined ? {} : { escape }),
      });
    case 'binary':
      return new CopyBinaryReader({ columns });
    default:
      return undefined;
  }
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && !/^(false|off|0)$/i.test(value);
}

function withheld(why: string): { readonly ok: false; readonly refusal: PostgresRefusal } {
  return { ok: false, refusal: { reason: 'masking_disagreement', detail: `The data is withheld because it cannot be masked safely: ${why}.` } };
}
