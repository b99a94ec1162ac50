import type { Protocol } from './sessions.js';
import type { Way } from './ways.js';

/** The same way, spelt, wrapped or carried otherwise. */
export interface Variant {
  readonly steps: readonly string[];
  readonly protocol: Protocol;
}

/** Whole numbers below a bound, the same for the same seed. */
export type Draw = (below: number) => number;

export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PROTOCOLS: readonly Protocol[] = ['simple', 'extended', 'extended, binary'];

/** A variant of a way, as the draws have it. */
export function variantOf({ steps, simple }: Way, draw: Draw): Variant {
  const [only] = steps;
  const isQuery = steps.length === 1 && /^(select|table|with|\()/i.test(only!) && simple !== true && !/\binto temp\b/i.test(only!);
  const wrapped = isQuery ? pick(WRAPPINGS, draw)(only!) : steps;
  const protocol = simple === true ? 'simple' : pick(isQuery && wrapped.length === 1 ? [...PROTOCOLS, 'extended, row by row' as const] : PROTOCOLS, draw);
  return { steps: wrapped.map((step) => respell(step, draw)), protocol };
}

function pick<T>(options: readonly T[], draw: Draw): T {
  return options[draw(options.length)]!;
}

/** Around one query: what gives its rows back in another shape, under another name, or over another channel. */
const WRAPPINGS: readonly ((query: string) => readonly string[])[] = [
  (query) => [query],
  (query) => [`select * from (${query}) w`],
  (query) => [`with w as materialized (${query}) table w`],
  (query) => [`((${query}))`],
  (query) => [`select w::text from (${query}) w`],
  (query) => [`select to_jsonb(w) from (${query}) w`],
  (query) => [`select array_agg(w::text) from (${query}) w`],
  (query) => [`select string_agg(format('%s', w), '/') from (${query}) w`],
  (query) => [`copy (${query}) to stdout`],
  (query) => [`copy (${query}) to stdout (format csv, quote '!')`],
  (query) => [`prepare w as ${query}`, 'execute w', 'deallocate w'],
  (query) => ['begin', `declare w cursor for ${query}`, 'fetch all from w', 'rollback'],
  (query) => [`select l.* from (values (1)) v(n) cross join lateral (${query}) l`],
  (query) => [`select * from (${query}) w union all select * from (${query}) w`],
];

/** Strings of every kind, quoted names, comments, words, and whatever else stands alone. */
const TOKENS = /\$(\w*)\$[\s\S]*?\$\1\$|[EeUu]?&?'(?:[^']|'')*'|[Uu]?&?"[^"]*"|\/\*[\s\S]*?\*\/|--[^\n]*\n?|[A-Za-z_][A-Za-z_0-9]*|\s+|[^\sA-Za-z_'"$]+|./g;
/** Columns and tables whose names may be quoted wherever they stand. */
const NAMES = new Set(['crew', 'payouts', 'ssn', 'mail', 'card', 'pay', 'badge', 'born', 'scan', 'tags', 'deck', 'iban']);
const BLANKS = [' ', '\n', '\t', '  '];
const COMMENTS = ['/**/', ' /* ; select */ '];
/** Words and quotes that the gateway's parser does not tell from others where a comment follows: it takes that for a syntax error, and refuses it. */
const LOOKS_AHEAD = /^(not|nulls|with|without|format|uescape)$|^u&/i;

/** The same statement in other letters, blanks, quotes and forms of operators. */
function respell(text: string, draw: Draw): string {
  const [blanks, letters, names, literals] = [draw(2) === 0, draw(2) === 0, draw(2) === 0, draw(2) === 0];
  let before = '';
  return otherwise(text, draw).replaceAll(TOKENS, (token: string) => {
    const last = before;
    before = token;
    if (/^\s+$/.test(token)) return blanks ? pick(LOOKS_AHEAD.test(last) ? BLANKS : [...BLANKS, ...COMMENTS], draw) : token;
    if (NAMES.has(token)) return names ? quoted(token, draw) : token;
    if (/^[A-Za-z_]\w*$/.test(token)) return letters ? [...token].map((letter) => (draw(2) === 0 ? letter.toUpperCase() : letter)).join('') : token;
    return literals && token.startsWith("'") ? literal(token, draw) : token;
  });
}

function quoted(name: string, draw: Draw): string {
  const code = name.charCodeAt(0).toString(16);
  return pick([`"${name}"`, `U&"\\00${code}${name.slice(1)}"`, `u&"\\+0000${code}${name.slice(1)}"`], draw);
}

function literal(token: string, draw: Draw): string {
  if (token.length < 4 || token.includes('\\') || token.includes('$')) return token;
  const value = token.slice(1, -1);
  const code = value.charCodeAt(0).toString(16);
  const escaped = value.charCodeAt(0) > 0x7f || value.startsWith("'") ? token : pick([`E'\\x${code}${value.slice(1)}'`, `U&'\\00${code}${value.slice(1)}'`], draw);
  return draw(2) === 0 ? escaped : `$v$${value.replaceAll("''", "'")}$v$`;
}

/** Operators and functions under other names that mean the same; nothing inside of strings. */
const ALIKE: readonly (readonly [RegExp, string])[] = [
  [/ \|\| /g, ' operator(pg_catalog.||) '], [/ not like /g, ' !~~ '], [/ like /g, ' ~~ '], [/ ilike /g, ' ~~* '], [/ (upper|reverse|md5|concat|left|right|abs|max|min|length)\(/g, ' pg_catalog.$1('],
  [/ (\w+)::(text|bytea|int|numeric|uuid|date|name)(?=[ ,)])/g, ' cast($1 as $2)'],
];

function otherwise(text: string, draw: Draw): string {
  if (text.includes('$$') || draw(2) === 0) return text;
  // Odd parts are inside of quotes.
  return text.split("'").map((part, index) => (index % 2 === 1 ? part : ALIKE.reduce((said, [from, to]) => said.replaceAll(from, to), part))).join("'");
}
