/** What the parser would make of a text, known before it is asked. */
export interface ParsingEffort {
  /**
   * Code units of the text, those counted several times that the parser writes down several times: the source of `SET (a, b, …) = source`
   * goes into its tree once for each column, and sources may hold further ones. A short text can so become a tree of gigabytes.
   */
  readonly written: number;
  /**
   * How often the lexer looks at a code unit of a run of operator signs. It reads a run to its end, and then takes one sign, or the two that
   * begin a comment, and reads on behind them: of `+++++…` or `/*\/*\/*…` it sees each sign as often as there are signs before it.
   */
  readonly lexed: number;
}

/**
 * The effort of a text. The scanner knows strings, quoted names, comments and dollar quotes as PostgreSQL's lexer does; where it takes
 * something for such an assignment that is none it counts too much, never too little.
 */
export function parsingEffort(sql: string): ParsingEffort {
  return (SET.test(sql) && sql.includes(')')) || LONG_RUN.test(sql) ? new Scanner(sql).effort() : { written: sql.length, lexed: 0 };
}

/** Without this word there is no such assignment. */
const SET = /\bset\b/i;
const LONG_RUN = /[-+*/<>=~!@#%^&|`?]{32}/;
const RUN = /[-+*/<>=~!@#%^&|`?]+/y;
const NAME = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const SPACE = /[ \t\n\r\f\v]+|--[^\n\r]*/y;

/** One level of parentheses. */
interface Level {
  /** Names of columns may be listed in the parentheses that opened it. */
  readonly mayList: boolean;
  commas: number;
  inSet: boolean;
  /** What the source around here is written times, by an assignment of this level. */
  factor: number;
}

class Scanner {
  readonly #sql: string;
  readonly #levels: Level[] = [{ mayList: false, commas: 0, inSet: false, factor: 1 }];
  #times = 1;
  #previous = '';
  #lexed = 0;
  #runEnd = 0;
  /** Columns of the list that has just been closed. */
  #listed = 0;

  constructor(sql: string) {
    this.#sql = sql;
  }

  effort(): ParsingEffort {
    let written = 0;
    for (let at = 0; at < this.#sql.length;) {
      const end = this.#tokenEnd(at);
      written += (end - at) * this.#times;
      at = end;
    }
    return { written, lexed: this.#lexed };
  }

  /** Once for each place at which the lexer begins to read a run. */
  #readRun(at: number): void {
    if (at >= this.#runEnd) this.#runEnd = ending(RUN, this.#sql, at) ?? at;
    this.#lexed += this.#runEnd - at;
  }

  #tokenEnd(start: number): number {
    const space = ending(SPACE, this.#sql, start) ?? this.#commentEnd(start);
    if (space !== undefined) return space;
    this.#readRun(start);
    const end = this.#quotedEnd(start) ?? ending(NAME, this.#sql, start) ?? start + 1;
    this.#take(end - start > 3 ? '' : this.#sql.slice(start, end).toLowerCase());
    return end;
  }

  /** Comments nest. */
  #commentEnd(start: number): number | undefined {
    const sql = this.#sql;
    if (!sql.startsWith('/*', start)) return undefined;
    let depth = 0;
    for (let at = start; at < sql.length; at += 1) {
      if (sql.startsWith('/*', at)) {
        depth += 1;
        this.#readRun(at);
      } else if (sql.startsWith('*/', at)) depth -= 1;
      else continue;
      at += 1;
      if (depth === 0) return at + 1;
    }
    return sql.length;
  }

  #quotedEnd(start: number): number | undefined {
    const sql = this.#sql;
    const character = sql[start];
    if (character === '"') return closing(sql, start, '"', false);
    if (character === '\'') return closing(sql, start, '\'', false);
    if ((character === 'e' || character === 'E') && sql[start + 1] === '\'') return closing(sql, start + 1, '\'', true);
    const opened = character === '$' ? ending(DOLLAR_QUOTE, sql, start) : undefined;
    if (opened === undefined) return undefined;
    const closed = sql.indexOf(sql.slice(start, opened), opened);
    return closed < 0 ? sql.length : closed + opened - start;
  }

  #take(token: string): void {
    const level = this.#levels.at(-1)!;
    const listed = this.#listed;
    this.#listed = 0;
    if (token === 'set') level.inSet = true;
    else if (token === '(') this.#levels.push({ mayList: level.inSet && (this.#previous === 'set' || this.#previous === ','), commas: 0, inSet: false, factor: 1 });
    else if (token === ')' && this.#levels.length > 1) this.#close(level);
    else if (token === '=' && listed > 0) this.#repeat(level, listed);
    else if (token === ',' || token === ';') this.#separate(level);
    this.#previous = token;
  }

  #close(level: Level): void {
    this.#repeat(level, 1);
    this.#levels.pop();
    if (level.mayList) this.#listed = level.commas + 1;
  }

  #separate(level: Level): void {
    level.commas += 1;
    this.#repeat(level, 1);
  }

  #repeat(level: Level, factor: number): void {
    this.#times = (this.#times / level.factor) * factor;
    level.factor = factor;
  }
}

function ending(pattern: RegExp, text: string, start: number): number | undefined {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** Past the closing quote; a doubled one stays inside, and so does one behind a backslash where those count. */
function closing(sql: string, start: number, quote: string, escapes: boolean): number {
  for (let at = start + 1; at < sql.length; at += 1) {
    if (escapes && sql[at] === '\\') at += 1;
    else if (sql[at] === quote && sql[at + 1] === quote) at += 1;
    else if (sql[at] === quote) return at + 1;
  }
  return sql.length;
}
