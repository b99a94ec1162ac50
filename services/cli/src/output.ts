import { escapeUnseen, printable, printableLines } from '@interlock/kernel';

export interface Output {
  /** Prints a value: as JSON under --json, else as `text` says it. */
  result(value: unknown, text: () => string): void;
  /** Prints one of many values: under --json on a line of its own. */
  record(value: unknown, text: () => string): void;
  line(text: string): void;
}

export function createOutput(asJson: boolean, write: (text: string) => void): Output {
  return {
    result: (value, text) => write(asJson ? `${printableJson(value, 2)}\n` : ensureNewline(printableLines(text()))),
    record: (value, text) => write(asJson ? `${printableJson(value)}\n` : ensureNewline(printableLines(text()))),
    line: (text) => {
      if (!asJson) write(ensureNewline(printableLines(text)));
    },
  };
}

/** Columns padded to their widest cell; a note where there is nothing. */
export function table(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  if (rows.length === 0) return '(none)';
  const cells = [head, ...rows.map((row) => row.map(cellText))];
  const widths = head.map((_name, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n');
}

const CELL_MAX_CHARACTERS = 100;

function cellText(value: unknown): string {
  const text = printable(value === null || value === undefined ? '' : String(value));
  return text.length > CELL_MAX_CHARACTERS ? `${text.slice(0, CELL_MAX_CHARACTERS - 1)}…` : text;
}

/** The same value as JSON, with whatever a terminal would act on written as JSON escapes it. */
export function printableJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent) as string | undefined;
  return (text ?? 'null').split('\n').map((line) => escapeUnseen(line, inUnits)).join('\n');
}

function inUnits(mark: string): string {
  return mark.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
}

function ensureNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
