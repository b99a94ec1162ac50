import { describe, expect, it } from 'vitest';
import { checkPolicies } from './check.js';
import { NESTING_MAX, nestingOf } from './nesting.js';

const rule = (condition: string) => `@id("deep") @reason("r") permit (principal, action, resource) when { ${condition} };`;
const check = (condition: string) => checkPolicies([{ file: 'policies/deep.cedar', text: rule(condition) }]).problems.map((problem) => problem.detail);

describe('a rule that would overrun the engine', () => {
  it.each([
    ['brackets', `${'('.repeat(400)}true${')'.repeat(400)}`],
    ['sets', `${'['.repeat(400)}1${']'.repeat(400)}.isEmpty()`],
    ['records', `${'{a:'.repeat(1_000)}1${'}'.repeat(1_000)} == {a: 1}`],
    ['members', `context${'.a'.repeat(2_000)}`],
    ['members by name', `context${'["a"]'.repeat(3_000)}`],
    ['calls', `context.functions${'.contains("a")'.repeat(800)}`],
    ['sums', `1${' + 1'.repeat(3_000)} == 1`],
    ['alternatives', `${'context.functions.contains("a") || '.repeat(400)}true`],
    ['branches', `${'if true && true then '.repeat(500)}true${' else true'.repeat(500)}`],
    ['brackets behind strings and comments', `"\\"(" == "//" && // "\n${'('.repeat(400)}true${')'.repeat(400)}`],
  ])('is refused before the engine sees it: %s', (_, condition) => {
    expect(check(condition)).toEqual(['the rule is nested too deeply']);
    expect(check('context.hasWhere')).toEqual([]);
  });

  it('leaves room for what people write', () => {
    const list = Array.from({ length: 80 }, (_, index) => `context.functions.contains("f${index}")`).join(' || ');
    expect(check(list)).toEqual([]);
    expect(nestingOf(rule(list))).toBeLessThan(NESTING_MAX);
    expect(check(`${'('.repeat(25)}context.hasWhere${')'.repeat(25)}`)).toEqual([]);
    expect(check(`[${Array(800).fill('"a"').join(', ')}].contains("a")`)).toEqual([]);
  });

  it('is not made of the text of a string', () => expect(nestingOf(`"${'('.repeat(500)}"`)).toBe(0));
});
