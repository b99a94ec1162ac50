import { loadParser, parseStatements } from '@interlock/language-postgres';
import { must, type FuzzEntry } from '../fuzz.js';

const SEEDS = [
  'select 1', 'SELECT 1; DROP TABLE orders', "select e'\\x41' || $1 from \"a b\".c as x where y = any(array[1,2]) -- comment", '/* nested /* comment */ */ table customers',
  "delete from orders where id = 7 returning *", 'with recursive r(n) as (select 1 union all select n + 1 from r) select n from r', "do $x$ begin execute 'drop table t'; end $x$",
  "copy customers (id, name) from stdin with (format csv, delimiter ';')", 'select "é", U&"d\\0061t\\+000061" from t', "prepare p as select 1; execute p", '', ';;',
  `select ${'('.repeat(60)}1${')'.repeat(60)}`, "insert into t values (1, 'a') on conflict do nothing", 'begin; savepoint a; rollback to a; commit', "select 'it''s' || E'\\'' || $tag$x$tag$",
];

export const sql: FuzzEntry = {
  name: 'SQL text', seeds: SEEDS.map((text) => Buffer.from(text)), prepare: loadParser, inputMs: 1_500, inputBytes: 64 * 1024 * 1024,
  run: (input) => {
    const text = input.toString();
    const result = parseStatements(text);
    if (!result.ok) return `${result.refusal.reason} ${result.refusal.sqlState}`;
    for (const statement of result.value) {
      must(text.slice(statement.start, statement.end) === statement.text, 'a statement is exactly its characters');
      must(Buffer.from(text).toString('utf8', statement.startByte, statement.endByte) === statement.text, 'a statement is exactly its bytes');
    }
    return [...new Set(result.value.map(({ node }) => Object.keys(node)[0]))].toSorted().join();
  },
};
