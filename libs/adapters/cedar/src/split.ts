/** The text of one rule and where it begins, in UTF-8 bytes, in its file. */
export interface RuleText {
  readonly text: string;
  readonly byteOffset: number;
}

/**
 * Cuts a policy file into rules, so that every rule can be parsed, hashed and complained about by itself.
 *
 * Only what Cedar's lexer says outside rules matters here: white space, `//` comments, strings, and the semicolon that
 * ends a rule. Each piece is parsed by Cedar afterwards as exactly one rule, and the pieces are counted against Cedar's
 * own reading of the whole file, so a wrong cut is an error and never a different meaning.
 */
export function splitRules(text: string): RuleText[] {
  const rules: RuleText[] = [];
  let start = -1;
  let bytesBefore = 0;
  let counted = 0;
  let at = 0;
  const close = (end: number): void => {
    bytesBefore += Buffer.byteLength(text.slice(counted, start));
    counted = start;
    rules.push({ text: text.slice(start, end), byteOffset: bytesBefore });
    start = -1;
  };
  while (at < text.length) {
    const character = text[at]!;
    if (character === '/' && text[at + 1] === '/') {
      at = endOfLine(text, at);
      continue;
    }
    if (start < 0 && !isSpace(character)) start = at;
    if (character === '"') at = endOfString(text, at);
    else at += 1;
    if (character === ';') close(at);
  }
  if (start >= 0) close(text.trimEnd().length);
  return rules;
}

function endOfLine(text: string, from: number): number {
  const length = text.slice(from).search(/[\r\n]/);
  return length < 0 ? text.length : from + length;
}

function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return Math.min(at + 1, text.length);
}

function isSpace(character: string): boolean {
  return /\s/.test(character);
}
