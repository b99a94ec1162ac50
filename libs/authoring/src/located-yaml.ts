import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml';
import type { PolicyProblem } from '@interlock/adapter-cedar';
import { CONFIGURATION_LIMITS } from './limits.js';

export type Path = readonly PropertyKey[];

/** Complaints of the parser that are looked at: a file that is none has one per character. */
const CONSIDERED = 4 * CONFIGURATION_LIMITS.problems;

/** A YAML file (YAML 1.2) that remembers where everything stands. */
export class LocatedYaml {
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  constructor(readonly file: string, text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, strict: true, uniqueKeys: true });
  }

  /** What the parser complains about, the first of each line; the content is whole only when it is nothing. */
  get problems(): PolicyProblem[] {
    const found = [...this.#document.errors, ...this.#document.warnings].slice(0, CONSIDERED);
    const all = [...this.#directives(), ...found.map((error) => ({ file: this.file, ...this.#at(error.pos[0]), detail: firstSentence(error.message) }))];
    return all.filter((problem, index) => all.findIndex((other) => other.line === problem.line) === index);
  }

  /** A directive could make the same text mean something else: YAML 1.1 has merge keys, and numbers in base 60. */
  #directives(): PolicyProblem[] {
    const { yaml, tags } = this.#document.directives;
    const named = yaml.explicit === true && yaml.version !== '1.2';
    return named || Object.keys(tags).some((handle) => handle !== '!!') ? [{ file: this.file, line: 1, column: 1, detail: 'a directive changes how the file is read', expected: 'YAML 1.2 without directives' }] : [];
  }

  /** @throws ReferenceError when aliases lead nowhere or unfold too far. */
  toJs(): unknown {
    return this.#document.toJS({ maxAliasCount: CONFIGURATION_LIMITS.aliases });
  }

  /** Where the value at this path stands; of a missing one, what should hold it. */
  placeOf(path: Path): { readonly line: number; readonly column: number } {
    const { node } = this.#walk(path);
    return this.#at(node?.range?.[0] ?? 0);
  }

  /** Where this key of the section at this path stands. */
  placeOfKey(path: Path, key: string): { readonly line: number; readonly column: number } {
    const { node } = this.#walk(path);
    const pair = pairOf(node, key);
    return this.#at((pair?.key as Node | undefined)?.range?.[0] ?? node?.range?.[0] ?? 0);
  }

  #walk(path: Path): { readonly node: Node | undefined } {
    let node: Node | undefined = this.#document.contents ?? undefined;
    for (const step of path) {
      const next: unknown = isSeq(node) ? node.items[Number(step)] : pairOf(node, String(step))?.value;
      if (next === undefined || next === null) break;
      node = next as Node;
    }
    return { node };
  }

  #at(offset: number): { readonly line: number; readonly column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

function pairOf(node: Node | undefined, key: string): Pair | undefined {
  return isMap(node) ? node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key) : undefined;
}

function firstSentence(message: string): string {
  return message.split('\n')[0]!.replace(/[.:]$/, '');
}
