import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml';
import type { PolicyProblem } from '@interlock/adapter-cedar';
import { CONFIGURATION_LIMITS } from './limits.js';

export type Path = readonly PropertyKey[];

/** A YAML file (YAML 1.2) that remembers where everything stands. */
export class LocatedYaml {
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  constructor(readonly file: string, text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, strict: true, uniqueKeys: true });
  }

  /** What the parser complains about, the first of each line; the content is whole only when it is nothing. */
  get problems(): PolicyProblem[] {
    const all = [...this.#document.errors, ...this.#document.warnings].map((error) => ({ file: this.file, ...this.#at(error.pos[0]), detail: firstSentence(error.message) }));
    return all.filter((problem, index) => all.findIndex((other) => other.line === problem.line) === index);
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
