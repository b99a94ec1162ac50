/**
 * How deep the expressions of one rule may lie in each other, by {@link nestingOf}. Cedar walks them by recursion on a stack
 * of fixed size; a rule that overruns it leaves the engine unusable, for every rule, until the process ends. So it must never
 * see one. The weakest of its roads, long alternatives, ends at about twice this.
 */
export const NESTING_MAX = 100;

/** Stack that one step takes, in links of a chain such as `a.b` or `1 + 1`. */
const BRACKET_WEIGHT = 3;
const BRANCH_WEIGHT = 2;
const CONNECTIVE_WEIGHT = 1;
/** Strings and comments say nothing about structure, and neither does the path of an entity's type (`::`). */
const TOKEN = /\/\/[^\r\n]*|"(?:\\[\s\S]|[^"\\])*"?|::|&&|\|\||\bif\b|[([{)\]},;.+*!<>=-]/g;

interface Level {
  /** Where it begins, and the branches and connectives since. */
  base: number;
  /** Where its opening bracket stood, for what follows the closing one. */
  readonly after: number;
}

/** Weight of the deepest place of a rule's text, whether it is Cedar or not. */
export function nestingOf(rule: string): number {
  const levels: Level[] = [{ base: 0, after: 0 }];
  let here = 0;
  let deepest = 0;
  for (const [token] of rule.matchAll(TOKEN)) {
    here = step(token, here, levels);
    deepest = Math.max(deepest, here);
  }
  return deepest;
}

function step(token: string, here: number, levels: Level[]): number {
  const level = levels.at(-1)!;
  switch (token) {
    case '(': case '[': case '{':
      levels.push({ base: here + BRACKET_WEIGHT, after: here + 1 });
      return here + BRACKET_WEIGHT;
    case ')': case ']': case '}':
      return levels.length > 1 ? levels.pop()!.after : here;
    case 'if':
      level.base += BRANCH_WEIGHT;
      return here + BRANCH_WEIGHT;
    case '&&': case '||':
      level.base += CONNECTIVE_WEIGHT;
      return level.base;
    case ',': case ';':
      return level.base;
    default:
      return token === '::' || token.startsWith('"') || token.startsWith('//') ? here : here + 1;
  }
}
