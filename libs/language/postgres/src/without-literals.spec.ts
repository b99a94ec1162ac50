import { describe, expect, it } from 'vitest';
import { withoutLiterals } from './without-literals.js';

describe('a text without its literals', () => {
  it.each([
    ["delete from orders where id = 7 and note = 'pay 4111 1111 1111 1111'", 'delete from orders where id = … and note = …'],
    ["insert into t values ('it''s', 1.5), ($1, NULL)", 'insert into t values (…, …), ($1, NULL)'],
    ['select "a b" from t1 limit 10', 'select "a b" from t1 limit …'],
    ["select '<interlock: 9000 bytes, SHA-256 00>'", 'select …'],
  ])('%s', (text, expected) => expect(withoutLiterals(text)).toBe(expected));

  it.each(["select E'a\\'b'", 'select $$a$$', "select 'a' -- 'secret", "select /* 'secret' */ 1", "select U&'\\0061'", "select 'open", 'select 1e5', 'select 12345678901', "select '\u0001s' \u0001s"])('is not told of what it is not sure of: %s', (text) => {
    expect(withoutLiterals(text)).toBeUndefined();
  });
});
