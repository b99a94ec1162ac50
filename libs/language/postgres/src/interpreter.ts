import type { Outcome } from '@interlock/kernel';
import type { Catalog } from './catalog/model.js';
import type { Interpretation, InterpretationContext } from './interpret.js';
import { SQL_LIMITS } from './limits.js';
import { Recent } from './recent.js';
import { shapeOf } from './shape.js';
import { interpretText } from './text.js';

/** Interprets texts and remembers what they mean, within SQL_LIMITS. */
export interface Interpreter {
  /** As `interpretText`; a text, or the shape of a text, met before under the same circumstances is not parsed again. */
  interpret(sql: string, context: InterpretationContext): Outcome<readonly Interpretation[]>;
}

/** What a remembered meaning depends on beside the catalog. A connector has few of these at a time, so a text keeps a few meanings. */
interface Circumstances {
  readonly target: string;
  readonly database: string;
  readonly user: string;
  readonly searchPath: readonly string[];
  readonly settled: boolean;
  readonly known: boolean;
  readonly defaultPath: readonly string[] | undefined;
}

interface Remembered {
  readonly under: Circumstances;
  readonly meaning: Outcome<readonly Interpretation[]>;
  /** For a shape: how many code units stand before and after the statement in its text. */
  readonly before: number;
  readonly after: number;
}

/** Meanings by one catalog. */
interface Memory {
  readonly texts: Recent<Remembered[]>;
  readonly shapes: Recent<Remembered[]>;
}

/** Meanings of one text under different circumstances: sessions with other search paths. */
const VARIANTS = 8;

/**
 * Makes an interpreter with its own memory; one per connector process is enough. What was remembered by a catalog goes with that
 * catalog: a meaning holds on to it, and every change of a schema makes another.
 */
export function createInterpreter(capacity: number = SQL_LIMITS.cachedTexts): Interpreter {
  const memories = new WeakMap<Catalog, Memory>();
  return {
    interpret: (sql, context) => {
      const { texts, shapes } = memoryOf(memories, context.catalog, capacity);
      const known = recall(texts.get(sql), context);
      if (known !== undefined) return known.meaning;
      const shape = sql.length <= SQL_LIMITS.cachedTextLength && !sql.includes('\0') && sql.isWellFormed() ? shapeOf(sql) : undefined;
      const alike = shape === undefined || shape.spans.length === 0 ? undefined : recall(shapes.get(shape.text), context);
      if (alike !== undefined) return withText(alike, sql);
      const meaning = interpretText(sql, context);
      if (shape !== undefined && shape.spans.length > 0 && isShapeOnly(meaning)) {
        keep(shapes, shape.text, sql, meaning, context);
      } else if (sql.length <= SQL_LIMITS.cachedTextLength && isTextOnly(meaning)) keep(texts, sql, sql, meaning, context);
      return meaning;
    },
  };
}

function memoryOf(memories: WeakMap<Catalog, Memory>, catalog: Catalog, capacity: number): Memory {
  let memory = memories.get(catalog);
  if (!memory) {
    memory = { texts: new Recent(capacity), shapes: new Recent(capacity) };
    memories.set(catalog, memory);
  }
  return memory;
}

function recall(variants: readonly Remembered[] | undefined, context: InterpretationContext): Remembered | undefined {
  return variants?.find(({ under }) => isUnder(under, context));
}

function isUnder(under: Circumstances, context: InterpretationContext): boolean {
  return under.target === context.target && under.database === context.database && under.user === context.user
    && under.settled === (context.searchPathSettled === true) && under.known === (context.searchPathKnown !== false) && samePath(under.searchPath, context.searchPath)
    && samePath(under.defaultPath, context.defaultSearchPath);
}

function samePath(left: readonly string[] | undefined, right: readonly string[] | undefined): boolean {
  if (left === right) return true;
  return left !== undefined && left.length === right?.length && left.every((member, index) => member === right[index]);
}

function keep(memory: Recent<Remembered[]>, key: string, sql: string, meaning: Outcome<readonly Interpretation[]>, context: InterpretationContext): void {
  const [only] = meaning.ok ? meaning.value : [];
  const before = only === undefined ? 0 : sql.indexOf(only.text);
  const remembered: Remembered = {
    under: {
      target: context.target, database: context.database, user: context.user, searchPath: [...context.searchPath],
      settled: context.searchPathSettled === true, known: context.searchPathKnown !== false, defaultPath: context.defaultSearchPath,
    },
    meaning,
    before,
    after: only === undefined ? 0 : sql.length - before - only.text.length,
  };
  memory.set(key, [remembered, ...(memory.get(key) ?? [])].slice(0, VARIANTS));
}

/** The remembered meaning, of this text's own literals. */
function withText({ meaning, before, after }: Remembered, sql: string): Outcome<readonly Interpretation[]> {
  const [only] = meaning.ok ? meaning.value : [];
  return only === undefined ? meaning : { ok: true, value: [{ ...only, text: sql.slice(before, sql.length - after) }] };
}

/** One statement of rows, on whose meaning no literal's value had any bearing. */
function isShapeOnly(meaning: Outcome<readonly Interpretation[]>): boolean {
  const [only, ...others] = meaning.ok ? meaning.value : [];
  return only !== undefined && others.length === 0 && !only.literalsMatter && !only.sessionMatters && SHAPED_VERBS.has(only.verb);
}

const SHAPED_VERBS = new Set(['select', 'insert', 'update', 'delete', 'merge']);

/** Refusals that come and go (a parser that restarts, a name the session has yet to prepare) are not remembered. */
function isTextOnly(meaning: Outcome<readonly Interpretation[]>): boolean {
  if (meaning.ok) return !meaning.value.some((statement) => statement.sessionMatters);
  return meaning.refusal.retryable !== true && meaning.refusal.reason !== 'prepared_statement_unknown';
}
