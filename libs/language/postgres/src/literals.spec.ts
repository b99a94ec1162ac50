import { beforeAll, expect, it } from 'vitest';
import { literalsIn, loadParser } from './index.js';

beforeAll(loadParser);

it('finds every string constant, in whatever quotes', () => {
  const text = `insert into t values ('it''s', E'\\x5bredacted]', $q$a$q$, U&'\\0062', ('n' || 1)::text), (1, null, $1)`;
  expect(literalsIn(text).toSorted()).toEqual(['[redacted]', 'a', 'b', "it's", 'n']);
  expect(literalsIn("update t set a = (select 'deep' where b = 'x'); delete from t where c = 'y'").toSorted()).toEqual(['deep', 'x', 'y']);
  expect(literalsIn("insert into 'broken'")).toEqual([]);
});
