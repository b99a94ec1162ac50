import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One way to pull a masked value out of its database; masking/README.md says what the fields mean. */
export interface Way {
  readonly id: string;
  readonly group: string;
  readonly role: string;
  readonly channel: string;
  /** What the bare target gives away: the value in some form, a difference between two secrets, or time that passes. */
  readonly shows: 'value' | 'bit' | 'time';
  readonly steps: readonly string[];
  /** Only a role with more rights than Interlock's would get that far at the bare target. */
  readonly privileged?: true;
  /** Several statements in one text, which the extended protocol does not carry. */
  readonly simple?: true;
  /** What its owner does at the target to have it as before. */
  readonly undo?: readonly string[];
}

const folder = fileURLToPath(new URL('./masking/ways/', import.meta.url));

/** One of the folder's SQL files. */
export function sqlOf(name: 'schema' | 'one' | 'two' | 'filled'): string {
  return readFileSync(`${folder}${name}.sql`, 'utf8');
}

/** Every way of every file, and no id twice. */
export function readWays(): Way[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.jsonl') && file !== 'benign.jsonl');
  const ways = files.toSorted().flatMap((file) => linesOf<Way>(file));
  if (new Set(ways.map(({ id }) => id)).size < ways.length) throw new Error('two ways have the same id');
  return ways;
}

/** Statements that have nothing to do with masked columns. */
export function readBenign(): Pick<Way, 'id' | 'group' | 'steps' | 'simple'>[] {
  return linesOf('benign.jsonl');
}

function linesOf<T>(file: string): T[] {
  return readFileSync(`${folder}${file}`, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as T);
}
