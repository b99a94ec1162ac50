import { accepted, refused, type Outcome, type Refusal } from '@interlock/kernel';
import { SQL_LIMITS } from '../limits.js';
import { engine } from './engine.js';
import { parsingEffort } from './effort.js';
import { nestsDeeperThan, type Node } from './tree.js';

/** One statement of a query text. */
export interface ParsedStatement {
  /** Exactly the statement's characters, without the semicolon and the white space around it. */
  readonly text: string;
  /** Offsets in the whole text, in UTF-16 code units: `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Offsets in the whole text's UTF-8 bytes: `[startByte, endByte)`. */
  readonly startByte: number;
  readonly endByte: number;
  /** PostgreSQL's raw parse tree of the statement. */
  readonly node: Node;
}

/** A refusal of the parser, with what a protocol needs for its own error. */
export interface SyntaxRefusal extends Refusal {
  /** SQLSTATE, e.g. 42601. */
  readonly sqlState: string;
  /** 1-based position in characters (code points), where known. */
  readonly position?: number;
}

/** Text shorter than this cannot reach the depth limit: a nested level takes a character and makes three objects at most. */
const SAFE_LENGTH = Math.floor(SQL_LIMITS.treeDepth / 4);

/**
 * Parses a query text with PostgreSQL's own parser (libpg_query 18), as with `standard_conforming_strings` on and UTF-8.
 *
 * No statement at all (white space, comments) gives an empty list. Refused: text that PostgreSQL would refuse
 * (`syntax_error`, 42601), NUL or lone surrogates (`invalid_text`, 22021), and what exceeds SQL_LIMITS
 * (`statement_too_large`, `statement_too_complex`, 54000 and 54001).
 */
export function parseStatements(sql: string): Outcome<ParsedStatement[], SyntaxRefusal> {
  const unfit = unfitText(sql);
  if (unfit !== undefined) return { ok: false, refusal: unfit };
  const effort = parsingEffort(sql);
  if (effort.written > SQL_LIMITS.writtenLength) return tooComplex('the statement assigns too large a source to too many columns at once');
  if (effort.lexed > SQL_LIMITS.lexedSigns) return tooComplex('the statement has too many operator signs without a space between them');
  const raw = engine.parse(sql);
  if (!raw.ok) return { ok: false, refusal: { ...raw.refusal, sqlState: '54001' } };
  if (raw.value.kind === 'error') return { ok: false, refusal: syntaxError(raw.value.message, raw.value.position) };
  if (raw.value.kind === 'tooLarge') return tooComplex(`the statement's parse tree takes more than ${SQL_LIMITS.treeBytes} bytes`);
  const { stmts = [] } = JSON.parse(raw.value.json) as RawTree;
  if (stmts.length > SQL_LIMITS.statements) return tooComplex(`${stmts.length} statements in one text`);
  if (sql.length >= SAFE_LENGTH && nestsDeeperThan(stmts, SQL_LIMITS.treeDepth)) return tooComplex('the statement nests too deep');
  return accepted(located(sql, stmts));
}

interface RawTree {
  readonly stmts?: readonly RawStatement[];
}

interface RawStatement {
  readonly stmt?: Node;
  readonly stmt_location?: number;
  readonly stmt_len?: number;
}

function unfitText(sql: string): SyntaxRefusal | undefined {
  if (sql.length > SQL_LIMITS.textBytes || Buffer.byteLength(sql) > SQL_LIMITS.textBytes) {
    return textTooLong();
  }
  if (sql.includes('\0')) return { reason: 'invalid_text', sqlState: '22021', detail: 'the text holds a NUL' };
  if (!sql.isWellFormed()) return { reason: 'invalid_text', sqlState: '22021', detail: 'the text is not valid Unicode' };
  return undefined;
}

export function textTooLong(): SyntaxRefusal {
  return {
    reason: 'statement_too_large', sqlState: '54000',
    detail: `the text is longer than ${SQL_LIMITS.textBytes} bytes`, hint: 'Send it in parts, or load bulk data with COPY.',
  };
}

function syntaxError(message: string, position: number): SyntaxRefusal {
  const known = position > 0 ? { position } : {};
  if (message.startsWith('memory exhausted')) {
    return { reason: 'statement_too_complex', sqlState: '54001', detail: message, ...known };
  }
  return { reason: 'syntax_error', sqlState: '42601', detail: message, ...known };
}

function tooComplex(what: string): { ok: false; refusal: SyntaxRefusal } {
  const refusal = refused('statement_too_complex', `${what}; the limit is part of this gateway`, { hint: 'Split the statement.' });
  return { ok: false, refusal: { ...refusal.refusal, sqlState: '54001' } };
}

/** What PostgreSQL's lexer calls white space; other Unicode spaces are parts of names to it. */
const LEADING_SPACE = /^[ \t\n\r\f\v]*/;
const TRAILING_SPACE = /(?<![ \t\n\r\f\v])[ \t\n\r\f\v]+$/;

/** Cuts each statement out of the text. PostgreSQL reports bytes; a text of ASCII alone needs no conversion. */
function located(sql: string, stmts: readonly RawStatement[]): ParsedStatement[] {
  const bytes = Buffer.byteLength(sql) === sql.length ? undefined : Buffer.from(sql);
  const total = bytes?.length ?? sql.length;
  const statements: ParsedStatement[] = [];
  const at = { byte: 0, unit: 0 };
  for (const { stmt, stmt_location: from = 0, stmt_len: length } of stmts) {
    if (stmt === undefined) continue;
    const raw = bytes === undefined
      ? sql.slice(from, length === undefined ? total : from + length)
      : bytes.toString('utf8', from, length === undefined ? total : from + length);
    const lead = LEADING_SPACE.exec(raw)?.[0] ?? '';
    const text = raw.slice(lead.length).replace(TRAILING_SPACE, '');
    const startByte = from + Buffer.byteLength(lead);
    at.unit += bytes === undefined ? from - at.byte : bytes.toString('utf8', at.byte, from).length;
    at.byte = from;
    const start = at.unit + lead.length;
    statements.push({ text, start, end: start + text.length, startByte, endByte: startByte + Buffer.byteLength(text), node: stmt });
  }
  return statements;
}
