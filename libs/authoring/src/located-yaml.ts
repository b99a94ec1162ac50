import { isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node, type Pair, type Scalar, type YAMLError } from 'yaml';
import type { PolicyProblem } from '@interlock/adapter-cedar';
import { CONFIGURATION_LIMITS } from './limits.js';

export type Path = readonly PropertyKey[];

/** Complaints of the parser that are looked at: a file that is none has one per character. */
const CONSIDERED = 4 * CONFIGURATION_LIMITS.problems;

const MISPLACED = { detail: 'the line does not fit between its neighbours', expected: 'keys of one section at the same indentation, entries of one list too, and a text that holds ": " in quotes' };
/** Slips after which the parser takes everything that follows for something else; what it says then is about itself. */
const SLIPS_OF_FORM: ReadonlyMap<string, { readonly detail: string; readonly expected: string }> = new Map([
  ['BAD_INDENT', MISPLACED], ['MISSING_CHAR', MISPLACED], ['BLOCK_AS_IMPLICIT_KEY', MISPLACED], ['MULTILINE_IMPLICIT_KEY', MISPLACED],
  ['TAB_AS_INDENT', { detail: 'a tab indents the line', expected: 'spaces' }],
]);

/** A YAML file (YAML 1.2) that remembers where everything stands. */
export class LocatedYaml {
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  constructor(readonly file: string, text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, strict: true, uniqueKeys: true });
  }

  /** What the parser complains about, the first of each line, up to where it lost its way; the content is whole only when it is nothing. */
  get problems(): PolicyProblem[] {
    const found = [...this.#document.errors, ...this.#document.warnings].slice(0, CONSIDERED);
    const lost = found.findIndex(({ code }) => SLIPS_OF_FORM.has(code));
    const told = lost < 0 ? found : found.slice(0, lost + 1);
    const all = [...this.#directives(), ...told.map((error) => ({ file: this.file, ...this.#at(error.pos[0]), ...this.#inWords(error) }))];
    return all.filter((problem, index) => all.findIndex((other) => other.line === problem.line) === index);
  }

  #inWords({ code, message, pos }: YAMLError): { readonly detail: string; readonly expected?: string } {
    if (code === 'DUPLICATE_KEY') return this.#duplicate(pos[0]);
    const words = /^(Missing closing|Flow)/.test(message) ? undefined : SLIPS_OF_FORM.get(code);
    return words ?? { detail: firstSentence(message) };
  }

  #duplicate(offset: number): { readonly detail: string; readonly expected?: string } {
    let detail = 'a key is there twice';
    visit(this.#document, {
      Map: (_key, { items }) => {
        const again = items.find(({ key }) => isScalar(key) && key.range?.[0] === offset);
        const first = items.find(({ key }) => again !== undefined && isScalar(key) && isScalar(again.key) && key.value === again.key.value);
        if (again === undefined || first === undefined) return undefined;
        detail = `the key ${JSON.stringify((again.key as Scalar).value)} is there twice: it stands at line ${this.#at((first.key as Scalar).range?.[0] ?? 0).line} already`;
        return visit.BREAK;
      },
    });
    return { detail, expected: 'every key once in its section' };
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
