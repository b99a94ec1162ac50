import type { Stated } from '@interlock/contracts';
import { engine } from './parser/engine.js';

/** A longer text cannot be asked people about, so nothing that it states is looked for. */
const TEXT_CHARACTERS = 64 * 1024;
/** Characters of what may be stated. */
export const REASON_CHARACTERS = 500;
export const TICKET_CHARACTERS = 100;

const MARK = /interlock:/;
const COMMENT = /^(?:\/\*|--)\s*interlock:(.*?)(?:\*\/)?$/s;
const ENTRY = /\s*([a-z_]+)="((?:[^"\\]|\\["\\])*)"\s*,?/sy;

interface Token {
  readonly start: number;
  readonly end: number;
  readonly tokenName: string;
}

/**
 * What a text states of itself, in the first of its comments that begins with `interlock:`, e.g. `interlock: reason="end of month" ticket="OPS-1"`
 * between the marks of a comment of either kind. Comments are those that PostgreSQL's own lexer sees. A quote and a backslash within a value
 * stand behind a backslash. A comment in another form, a value that is empty or too long, or one named twice, states nothing.
 */
export function statedIn(text: string): Stated | undefined {
  if (text.length > TEXT_CHARACTERS || !MARK.test(text)) return undefined;
  const scanned = engine.scan(text);
  if (!scanned.ok || !scanned.value.startsWith('{')) return undefined;
  // The answer holds the text itself, control characters and all.
  const { tokens } = JSON.parse(scanned.value.replace(/\p{Cc}/gu, ' ')) as { readonly tokens: readonly Token[] };
  const bytes = Buffer.from(text);
  for (const { start, end, tokenName } of tokens) {
    if (tokenName !== 'C_COMMENT' && tokenName !== 'SQL_COMMENT') continue;
    const [, entries] = COMMENT.exec(bytes.toString('utf8', start, end)) ?? [];
    if (entries !== undefined) return read(entries);
  }
  return undefined;
}

function read(entries: string): Stated | undefined {
  const said = new Map<string, string>();
  let at = 0;
  while (at < entries.trimEnd().length) {
    ENTRY.lastIndex = at;
    const [, name, value] = ENTRY.exec(entries) ?? [];
    if (name === undefined || said.has(name)) return undefined;
    said.set(name, value!.replaceAll(/\\(.)/gs, '$1'));
    at = ENTRY.lastIndex;
  }
  return stated(said);
}

/** Names under which something is stated, as they are written. */
export const STATED_NAMES = ['reason', 'ticket', 'break_glass'] as const;

/** What may stand as stated, by {@link STATED_NAMES}; undefined where nothing does. */
export function stated(said: ReadonlyMap<string, string>): Stated | undefined {
  const [reason, ticket, breakGlass] = STATED_NAMES.map((name) => said.get(name));
  const kept = { ...(fits(reason, REASON_CHARACTERS) && { reason }), ...(fits(ticket, TICKET_CHARACTERS) && { ticket }), ...(fits(breakGlass, REASON_CHARACTERS) && { breakGlass }) };
  return Object.keys(kept).length > 0 ? kept : undefined;
}

function fits(value: string | undefined, most: number): value is string {
  return value !== undefined && value.trim() !== '' && value.length <= most && value.isWellFormed();
}
