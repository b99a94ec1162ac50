import { accepted, type Outcome } from '@interlock/kernel';
import type { RowSubject } from '@interlock/gateway';
import type { Catalog, CopyEffect } from '@interlock/language-postgres';
import type { CopyReader, CopyResponse, FieldDescription } from '@interlock/protocol-postgres';
import { formatOf } from './answer-plan.js';
import { isOn, readerOf } from './copy-out.js';
import type { Sensitivity } from './reader.js';
import type { PostgresRefusal } from './refuse.js';
import { subjectType, typeIn } from './subject-types.js';

/** A cell that holds a subject, as a budget counts it. */
interface SubjectCell {
  readonly budget: string;
  readonly column: number;
  /** The same for the same value, in whatever format it comes. */
  readonly read: (cell: Buffer) => string;
}

/** Whose the rows of one answer are. */
export type SubjectCells = readonly SubjectCell[];

type Withheld = { readonly ok: false; readonly refusal: PostgresRefusal };

/** Whose a row is; nobody's where it holds NULL instead of a subject. */
export function subjectsIn(cells: SubjectCells, cellOf: (column: number) => Buffer | null): RowSubject[] {
  return cells.flatMap(({ budget, column, read }) => {
    const cell = cellOf(column);
    return cell === null ? [] : [{ budget, subject: read(cell) }];
  });
}

/** The cells of an answer that hold subjects. Refuses where it is not what its statement was judged to give, or a subject cannot be read. */
export function subjectCells({ subjects = [] }: Sensitivity, fields: readonly FieldDescription[], formats: readonly ('text' | 'binary')[] | undefined): Outcome<SubjectCells, PostgresRefusal> {
  const cells: SubjectCell[] = [];
  for (const { budget, columns, width } of subjects) {
    if (width !== fields.length) return uncounted('it has other columns than were expected');
    for (const { index } of columns) {
      const field = fields[index]!;
      const read = subjectType(field.typeOid)?.[formatOf(formats, index, field)];
      if (!read) return uncounted(`column ${index + 1} holds subjects in a form that cannot be compared`);
      cells.push({ budget, column: index, read });
    }
  }
  return accepted(cells);
}

/** Whose the copied rows are; undefined where they are nobody's. */
export function copySubjects({ subjects = [] }: Sensitivity, response: CopyResponse, copy: CopyEffect | undefined, catalog: Catalog): Outcome<CopySubjects | undefined, PostgresRefusal> {
  if (subjects.every(({ columns }) => columns.length === 0)) return accepted(undefined);
  const width = response.columnFormats.length;
  const reader = copy && readerOf(copy, width);
  if (!reader || subjects.some((one) => one.width !== width)) return uncounted('its columns cannot be told apart');
  const cells: CopiedCell[] = [];
  for (const { budget, columns } of subjects) {
    for (const { index, of } of columns) {
      const { copied, text } = subjectType(typeIn(catalog, of)) ?? {};
      if (!copied || !text) return uncounted(`column ${index + 1} holds subjects of a type that is not copied`);
      cells.push({ budget, column: index, read: text, copied });
    }
  }
  return accepted(new CopySubjects(reader, cells, isOn(copy.options['header'])));
}

interface CopiedCell extends SubjectCell {
  readonly copied: RegExp;
}

/** Reads whose the rows of COPY TO STDOUT are, message by message. */
export class CopySubjects {
  readonly #reader: CopyReader;
  readonly #cells: readonly CopiedCell[];
  #headerLeft: boolean;

  constructor(reader: CopyReader, cells: readonly CopiedCell[], hasHeader: boolean) {
    this.#reader = reader;
    this.#cells = cells;
    this.#headerLeft = hasHeader;
  }

  /** Everyone of whom a message holds rows. Refuses a row that goes on in the next one: it would be seen before it is counted. */
  in(payload: Buffer): Outcome<readonly RowSubject[], PostgresRefusal> {
    const reader = this.#reader;
    const found: RowSubject[] = [];
    let left = payload.length;
    reader.push(payload);
    for (let step = reader.next(); step !== 'more' && step !== 'end'; step = reader.next()) {
      if (step === 'violation') return uncounted('the copied data cannot be read');
      left -= reader.end - reader.start;
      const isHeader = step === 'row' && this.#headerLeft;
      if (step === 'row') this.#headerLeft = false;
      if (step !== 'row' || isHeader) continue;
      if (!this.#looksRight()) return uncounted('a subject in it does not look as the values of its column do');
      found.push(...subjectsIn(this.#cells, (column) => reader.value(column)));
    }
    return left === 0 ? accepted(found) : uncounted('a row of it lies across two messages');
  }

  #looksRight(): boolean {
    return this.#cells.every(({ column, copied }) => this.#reader.isNull(column) || copied.test(this.#reader.value(column)!.toString('latin1')));
  }
}

export function uncounted(why: string): Withheld {
  return {
    ok: false,
    refusal: { reason: 'subjects_not_counted', detail: `The answer is withheld because whose rows it shows cannot be counted: ${why}.`, hint: 'Select the subjects in text format, in a statement of its own.' },
  };
}
