/** One statement of a script, and where it begins. */
export interface ScriptStatement {
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

/** What may begin at a place of a script and hides semicolons: quoted texts and names, dollar quotes, comments. */
const HIDING = /'|"|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|--|\/\*|;|\b(?:begin\s+atomic|case|end)\b|[^\s]/giy;

/**
 * The statements of a script as psql reads one: cut at semicolons outside of quotes, comments and `BEGIN ATOMIC … END`. Left out are psql's own
 * commands (a line that begins with a backslash) and the data that follows `COPY … FROM STDIN`, up to `\.`.
 */
export function* statementsOf(script: string): Generator<ScriptStatement> {
  const lines = new Lines(script);
  let at = 0;
  while (at < script.length) {
    at = afterBlank(script, at);
    if (script[at] === '\\') {
      at = endOfLine(script, at);
      continue;
    }
    const end = endOfStatement(script, at);
    const text = script.slice(at, end);
    if (text.trim() !== '') yield { text, line: lines.at(at) };
    at = end + 1;
    if (COPY_IN.test(text)) at = afterCopyData(script, at);
  }
}

const COPY_IN = /^copy\s[\s\S]*\sfrom\s+stdin\b/i;

/** Past white space and comments that stand before a statement. */
function afterBlank(script: string, from: number): number {
  const blank = /(?:\s+|--[^\n]*|;)*/y;
  blank.lastIndex = from;
  blank.test(script);
  const at = Math.max(blank.lastIndex, from);
  return script.startsWith('/*', at) ? afterBlank(script, afterComment(script, at)) : at;
}

function endOfLine(script: string, from: number): number {
  const end = script.indexOf('\n', from);
  return end === -1 ? script.length : end + 1;
}

/** The first semicolon that ends the statement, or the end of the script. */
function endOfStatement(script: string, from: number): number {
  let at = from;
  let depth = 0;
  for (;;) {
    while (at < script.length && /\s/.test(script[at] ?? '')) at += 1;
    if (at >= script.length) return script.length;
    HIDING.lastIndex = at;
    const found = HIDING.exec(script)?.[0].toLowerCase() ?? ' ';
    if (found === ';' && depth === 0) return at;
    if (found.startsWith('begin')) depth += 1;
    else if (found === 'case' && depth > 0) depth += 1;
    else if (found === 'end' && depth > 0) depth -= 1;
    at = isWordStart(found) ? afterWord(script, at + found.length, found) : afterHiding(script, at, found);
  }
}

function isWordStart(found: string): boolean {
  return /^[\w\u0080-\uffff]/.test(found);
}

/** Past the rest of a name or number, so that a word inside one is none; an `E` or `U&` before a quote belongs to it. */
function afterWord(script: string, from: number, found: string): number {
  if (found.length > 1) return from;
  const rest = /[\w$\u0080-\uffff]*/y;
  rest.lastIndex = from;
  rest.test(script);
  const isEscaped = rest.lastIndex === from && found === 'e' && script[from] === "'";
  return isEscaped ? afterQuoted(script, from, /[^'\\]*(?:\\[\s\S][^'\\]*|''[^'\\]*)*'?/y) : Math.max(rest.lastIndex, from);
}

function afterHiding(script: string, at: number, found: string): number {
  if (found === "'") return afterQuoted(script, at, /[^']*(?:''[^']*)*'?/y);
  if (found === '"') return afterQuoted(script, at, /[^"]*(?:""[^"]*)*"?/y);
  if (found === '--') return endOfLine(script, at);
  if (found === '/*') return afterComment(script, at);
  if (!found.startsWith('$') || found.length === 1) return at + 1;
  const tag = script.slice(at, at + found.length);
  const end = script.indexOf(tag, at + tag.length);
  return end === -1 ? script.length : end + tag.length;
}

function afterQuoted(script: string, quote: number, rest: RegExp): number {
  rest.lastIndex = quote + 1;
  rest.test(script);
  return rest.lastIndex;
}

/** Comments of this form nest. */
function afterComment(script: string, from: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  let depth = 0;
  for (let found = mark.exec(script); found !== null; found = mark.exec(script)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return script.length;
}

/** Past the data of a COPY: everything up to the line `\.`. */
function afterCopyData(script: string, from: number): number {
  const start = endOfLine(script, from);
  const end = /^\\\.\r?$/gm;
  end.lastIndex = start;
  const found = end.exec(script);
  return found === null ? script.length : endOfLine(script, found.index);
}

/** Counts lines once, from place to later place. */
class Lines {
  private line = 1;
  private seen = 0;

  constructor(private readonly text: string) {}

  at(place: number): number {
    for (let next = this.text.indexOf('\n', this.seen); next !== -1 && next < place; next = this.text.indexOf('\n', this.seen)) {
      this.line += 1;
      this.seen = next + 1;
    }
    return this.line;
  }
}
