import { accepted, type Outcome } from '@interlock/kernel';
import type { Catalog, CopyEffect } from '@interlock/language-postgres';
import { CopyBinaryReader, CopyCsvReader, CopyTextReader, encodeFrontend, type CopyReader, type CopyResponse } from '@interlock/protocol-postgres';
import { RowMask, type CellRule } from './mask-rows.js';
import type { Reader, Sensitivity } from './reader.js';
import type { PostgresRefusal } from './refuse.js';

/** What became of pushed bytes: `messages` to send instead, absent when the message may pass as it came; or a stream that cannot be read safely. */
export type CopyStepResult = { readonly messages: readonly Buffer[] | undefined; readonly rows: number; readonly masked: number } | 'unreadable';

/** Masks the rows of COPY TO STDOUT. */
export class CopyMask {
  readonly #reader: CopyReader;
  readonly #mask: RowMask;
  #headerLeft: boolean;
  /** Bytes that were pushed and not handed out: of a row that lies across two messages. */
  #heldBytes = 0;

  constructor(reader: CopyReader, mask: RowMask, hasHeader: boolean) {
    this.#reader = reader;
    this.#mask = mask;
    this.#headerLeft = hasHeader;
  }

  /** `isMessage`: the payload is that of one whole message, which may pass as it came where it holds whole rows that keep all their fields. */
  push(payload: Buffer, isMessage: boolean): CopyStepResult {
    const heldBefore = this.#heldBytes;
    this.#heldBytes += payload.length;
    this.#reader.push(payload);
    return this.#drain(isMessage && heldBefore === 0);
  }

  finish(): CopyStepResult {
    this.#reader.finish();
    return this.#drain(false);
  }

  #drain(mayPass: boolean): CopyStepResult {
    const reader = this.#reader;
    const kept: Buffer[] = [];
    let rows = 0;
    let masked = 0;
    for (let step = reader.next(); step !== 'more' && step !== 'end'; step = reader.next()) {
      if (step === 'violation') return 'unreadable';
      const cells = step === 'row' && !this.#headerLeft ? this.#cells() : undefined;
      if (step === 'row') this.#headerLeft = false;
      kept.push(cells ? reader.rewrite(cells) : reader.buffer.subarray(reader.start, reader.end));
      this.#heldBytes -= reader.end - reader.start;
      rows += step === 'row' ? 1 : 0;
      masked += cells?.filter((cell) => cell !== undefined).length ?? 0;
    }
    const passes = mayPass && masked === 0 && this.#heldBytes === 0;
    return { messages: passes ? undefined : kept.map(copyData), rows, masked };
  }

  /** What replaces the fields of the row; undefined where all are kept. */
  #cells(): (Uint8Array | null | undefined)[] | undefined {
    const reader = this.#reader;
    let cells: (Uint8Array | null | undefined)[] | undefined;
    for (let column = 0; column < reader.count; column += 1) {
      if (reader.isNull(column) || !this.#mask.mayChange(column, reader.buffer, reader.fieldStart(column), reader.fieldEnd(column))) continue;
      const replacement = this.#mask.value(column, reader.value(column)!);
      if (replacement !== undefined) (cells ??= [])[column] = replacement;
    }
    return cells;
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
    return { kind: 'transform', mask: reader.maskOf(rule, typeOid, format === 'binary' ? 'binary' : 'text') };
  }
  if (reader.plan.contentKinds.length === 0) return undefined;
  return { kind: 'content', form: format === 'binary' ? 'structure' : 'text' };
}

/** In text format a value never looks like this; with any other null text a row would tell whose masked value equals it. */
const UNMISTAKABLE_NULL = '\\N';

export function readerOf({ format, options }: CopyEffect, columns: number): CopyReader | undefined {
  const encoding = options['encoding'];
  if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) return undefined;
  const { delimiter, quote, escape } = options;
  const nullText = options['null'];
  switch (format) {
    case 'text':
      return new CopyTextReader({ columns, ...(delimiter === undefined ? {} : { delimiter }), ...(nullText === undefined ? {} : { nullText, nullsAreValues: nullText !== UNMISTAKABLE_NULL }) });
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

export function isOn(value: string | undefined): boolean {
  return value !== undefined && !/^(false|off|0)$/i.test(value);
}

function withheld(why: string): { readonly ok: false; readonly refusal: PostgresRefusal } {
  return { ok: false, refusal: { reason: 'masking_disagreement', detail: `The data is withheld because it cannot be masked safely: ${why}.` } };
}
