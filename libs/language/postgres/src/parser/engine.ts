import createParser, { type ParserModule } from 'libpg-query/wasm/libpg-query.js';
import { SQL_LIMITS } from '../limits.js';
import { accepted, refused, type Outcome } from '@interlock/kernel';

/** What PostgreSQL's parser said: the tree as JSON text, or its error. */
export type RawParse =
  | { readonly kind: 'tree'; readonly json: string }
  /** Beyond SQL_LIMITS.treeBytes. */
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'error'; readonly message: string; readonly position: number };

/**
 * One instance of PostgreSQL's own parser in use, and one spare.
 *
 * A stack overflow inside wasm leaves the instance's shadow stack where it was, so an instance that trapped is never
 * used again: the spare takes over at once and a new spare is made in the background. Until it is there, the next trap
 * leaves the engine without an instance: who can wait does, and parsing is refused as retryable.
 */
class ParserEngine {
  private current: ParserModule | undefined;
  private spare: ParserModule | undefined;
  private making: Promise<void> | undefined;

  async load(): Promise<void> {
    this.current ??= await createParser();
    await this.makeSpare();
  }

  /** Resolves once there is an instance; undefined where there is one. */
  get starting(): Promise<void> | undefined {
    return this.current === undefined ? this.makeSpare() : undefined;
  }

  parse(text: string): Outcome<RawParse> {
    return this.guarded((parser) => parseRaw(parser, text));
  }

  /** The tokens of PostgreSQL's own lexer as JSON text; an error message otherwise. */
  scan(text: string): Outcome<string> {
    return this.guarded((parser) => scanRaw(parser, text));
  }

  private guarded<T>(use: (parser: ParserModule) => T): Outcome<T> {
    const parser = this.current;
    if (parser === undefined) return parserAbsent();
    try {
      return accepted(use(parser));
    } catch (fault) {
      if (!isTrap(fault)) throw fault;
      this.replace();
      return refused('statement_too_complex', 'the statement nests deeper than the parser can follow', {
        hint: 'Split it, or use IN (...) or = ANY (...) instead of long chains of operators.',
      });
    }
  }

  private replace(): void {
    this.current = this.spare;
    this.spare = undefined;
    void this.makeSpare();
  }

  private async makeSpare(): Promise<void> {
    this.making ??= createParser().then((made) => {
      if (this.current === undefined) this.current = made;
      else this.spare = made;
    });
    await this.making;
    this.making = undefined;
    if (this.spare === undefined) await this.makeSpare();
  }
}

function parserAbsent(): Outcome<never> {
  return refused('parser_unavailable', 'the SQL parser is being started', { retryable: true, hint: 'Send the statement again.' });
}

/** A stack overflow or an abort inside wasm (`WebAssembly.RuntimeError`), or memory that it did not get (it exits). */
function isTrap(fault: unknown): boolean {
  return fault instanceof RangeError || (fault instanceof Error && fault.name === 'RuntimeError') || (fault as { name?: unknown }).name === 'ExitStatus';
}

function withText<T>(parser: ParserModule, text: string, use: (pointer: number) => T): T {
  const bytes = parser.lengthBytesUTF8(text) + 1;
  const pointer = parser._malloc(bytes);
  parser.stringToUTF8(text, pointer, bytes);
  const result = use(pointer);
  parser._free(pointer);
  return result;
}

/** Reads the C struct PgQueryParseResult { char* parse_tree; char* stderr_buffer; PgQueryError* error }. */
function parseRaw(parser: ParserModule, text: string): RawParse {
  return withText(parser, text, (pointer) => {
    const result = parser._wasm_parse_query_raw(pointer);
    const error = parser.getValue(result + 8, 'i32');
    const raw: RawParse = error !== 0
      ? readError(parser, error)
      : readTree(parser, parser.getValue(result, 'i32'));
    parser._wasm_free_parse_result(result);
    return raw;
  });
}

/** Looks at the length before the text is copied: reading a tree costs as much as writing it. */
function readTree(parser: ParserModule, tree: number): RawParse {
  const bytes = parser.HEAPU8.indexOf(0, tree) - tree;
  return bytes > SQL_LIMITS.treeBytes ? { kind: 'tooLarge' } : { kind: 'tree', json: parser.UTF8ToString(tree) };
}

/** Reads the C struct PgQueryError { char* message; char* funcname; char* filename; int lineno; int cursorpos; … }. */
function readError(parser: ParserModule, error: number): RawParse {
  const message = parser.getValue(error, 'i32');
  return {
    kind: 'error',
    message: message === 0 ? 'syntax error' : parser.UTF8ToString(message),
    position: parser.getValue(error + 16, 'i32'),
  };
}

function scanRaw(parser: ParserModule, text: string): string {
  return withText(parser, text, (pointer) => {
    const result = parser._wasm_scan(pointer);
    const answer = parser.UTF8ToString(result);
    parser._wasm_free_string(result);
    return answer;
  });
}

export const engine = new ParserEngine();

/** Starts PostgreSQL's parser (some 50 ms). Must have resolved before anything is parsed; later calls are free. */
export async function loadParser(): Promise<void> {
  await engine.load();
}

/** While the parser is away, for a moment, after texts that were too much for it: resolves when it is there. Undefined while it is. */
export function parserStarting(): Promise<void> | undefined {
  return engine.starting;
}
