import { parseStatements } from './parser/parse.js';
import { as, type Node } from './parser/tree.js';

/** Every string constant of a text as PostgreSQL reads it, whatever quotes and escapes it is written in; none of a text that it does not read. */
export function literalsIn(text: string): string[] {
  const parsed = parseStatements(text);
  if (!parsed.ok) return [];
  const found: string[] = [];
  const waiting: unknown[] = parsed.value.map(({ node }) => node);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const value = as(node as Node, 'A_Const')?.sval?.sval;
    if (value !== undefined) found.push(value);
    waiting.push(...Object.values(node as object).filter((part) => typeof part === 'object' && part !== null));
  }
  return found;
}
