import { beforeAll, describe, expect, it } from 'vitest';
import { loadParser, stated, statedIn } from './index.js';

beforeAll(loadParser);

describe('what a text states', () => {
  it.each<[string, string, object]>([
    ['a block comment before it', '/* interlock: reason="end of month" ticket="OPS-1" */ delete from t', { reason: 'end of month', ticket: 'OPS-1' }],
    ['a block comment within it', 'delete /*interlock:ticket="OPS-1"*/ from t', { ticket: 'OPS-1' }],
    ['a line comment behind it', 'delete from t -- interlock: reason="because"', { reason: 'because' }],
    ['commas and line breaks', '/* interlock:\n reason="a",\n ticket="b"\n*/ select 1', { reason: 'a', ticket: 'b' }],
    ['quotes and backslashes', String.raw`/* interlock: reason="say \"no\" to C:\\" */ select 1`, { reason: 'say "no" to C:\\' }],
    ['text of any script', "select 'é', '日本' /* interlock: reason=\"año 日本\" */", { reason: 'año 日本' }],
    ['unseen characters, for people to be shown them', '/* interlock: reason="a\u202eb" */ select 1', { reason: 'a\u202eb' }],
    ['the first of two comments', '/* interlock: reason="a" */ select 1 /* interlock: reason="b" */', { reason: 'a' }],
    ['that the glass is broken, and why', '/* interlock: break_glass="the shop is down" ticket="INC-7" */ delete from t', { ticket: 'INC-7', breakGlass: 'the shop is down' }],
    ['beside a name that means nothing', '/* interlock: reason="a" mood="b" */ select 1', { reason: 'a' }],
  ])('is read from %s', (_what, text, said) => expect(statedIn(text)).toEqual(said));

  it.each([
    ['a text without comments', 'select 1'], ['another comment', '/* reason="a" */ select 1'], ['a literal', `select '/* interlock: reason="a" */'`], ['a dollar-quoted literal', 'select $$/* interlock: reason="a" */$$'],
    ['a quoted name', 'select 1 as "/* interlock: reason=""a"" */"'], ['a comment within a comment', '/* /* interlock: reason="a" */ */ select 1'], ['a value without quotes', '/* interlock: reason=a */ select 1'],
    ['something said twice', '/* interlock: reason="a" reason="b" */ select 1'], ['an empty reason', '/* interlock: reason=" " */ select 1'], ['a glass that is broken without a reason', '/* interlock: break_glass="" */ select 1'], ['a reason that is too long', `/* interlock: reason="${'a'.repeat(501)}" */ select 1`],
    ['a value cut short', '/* interlock: reason="a */ select 1'], ['words behind it', '/* interlock: reason="a" and so on */ select 1'], ['a first comment that cannot be read, for a second one cannot mend it', '/* interlock: reason= */ select 1 /* interlock: reason="b" */'],
    ['a text that nobody could be asked about', `/* interlock: reason="a" */ select '${'x'.repeat(70_000)}'`],
  ])('is nothing in %s', (_what, text) => expect(statedIn(text)).toBeUndefined());

  it('has its limits', () => {
    expect(stated(new Map([['reason', 'a'.repeat(500)], ['ticket', 'b'.repeat(100)]]))).toMatchObject({ reason: /^a+$/.exec('a'.repeat(500))![0] });
    expect(stated(new Map([['ticket', 'b'.repeat(101)]]))).toBeUndefined();
    expect(stated(new Map([['reason', '\ud800']]))).toBeUndefined();
  });
});
