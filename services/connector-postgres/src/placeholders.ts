import { isPlaceholder } from '@interlock/domain-masking';
import { literalsIn, type CopyEffect, type Interpretation } from '@interlock/language-postgres';
import type { Bind } from '@interlock/protocol-postgres';
import { readerOf } from './copy-out.js';
import type { PostgresRefusal } from './refuse.js';

/** A value that was masked must not be written back in place of the one that stands there. */
export const PLACEHOLDER_WRITTEN: PostgresRefusal = {
  reason: 'placeholder_written', detail: 'It would write a placeholder, which stands for a value that this principal may not see, as if it were the value.',
  hint: 'Leave the column out of what is written, or give it its real value.',
};

/** Only such a text can hold one: in clear, or in escapes. */
const MAY_HOLD = /redacted\]|\*{4}|[eu]&?'/i;

/** Whether a statement that writes rows has a placeholder among its string constants or values. */
export function writesPlaceholder({ facts }: Interpretation, text: string, bind: Bind | undefined): boolean {
  const verbs = facts['writeVerbs'];
  if (!Array.isArray(verbs) || !verbs.some((verb) => WRITING.has(String(verb)))) return false;
  return (bind?.parameters.some((value) => value !== null && isPlaceholder(value.toString())) ?? false) || (MAY_HOLD.test(text) && literalsIn(text).some(isPlaceholder));
}

const WRITING = new Set(['insert', 'update', 'merge']);

/** Looks through the data of one COPY FROM STDIN, message by message, for a placeholder; data that cannot be told apart is left to the target. */
export class CopyInspector {
  readonly #reader: ReturnType<typeof readerOf>;
  #isUnreadable: boolean;
  found = false;

  constructor(copy: CopyEffect) {
    this.#reader = readerOf(copy, copy.columns.length);
    this.#isUnreadable = this.#reader === undefined;
  }

  push(payload: Buffer): void {
    const reader = this.#reader;
    if (reader === undefined || this.#isUnreadable || this.found) return;
    reader.push(payload);
    for (let step = reader.next(); step !== 'more' && step !== 'end'; step = reader.next()) {
      if (step === 'violation') {
        this.#isUnreadable = true;
        return;
      }
      if (step === 'row') this.found ||= Array.from({ length: reader.count }, (_, column) => reader.value(column)).some((value) => value !== null && value !== undefined && isPlaceholder(value.toString()));
    }
  }
}
