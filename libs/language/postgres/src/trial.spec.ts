import { beforeAll, describe, expect, it } from 'vitest';
import { clinic, meaningOf } from '../spec/clinic.js';
import { changesBetween, companionsQuery, holdingOf, isOfItsSession, loadParser, parseStatements, relationsOf, untriable, withReturning } from './index.js';

beforeAll(loadParser);

describe('the rows that a statement changes can be counted and taken back', () => {
  it.each(["update visits set price = 0 where id = 1", 'delete from visits v using people p where v.person_id = p.id', "insert into visits (id) values (1) on conflict do nothing",
    'merge into visits v using people p on v.person_id = p.id when matched then delete', 'with gone as (delete from visits returning id) update people set fee = 0 where id in (select id from gone)', 'update people_paying set name = null where id = 1',
  ])('%s', (sql) => expect(holdingOf(meaningOf(sql), clinic)).toEqual({ beside: [] }));

  it.each([
    ['truncate visits', /truncate/], ['select 1', /select/], ['vacuum visits', /vacuum/], ['drop table visits', /drop/], ['create database x', /administer/], ['copy visits from stdin', /copy/], ['begin', /begin/],
    ['delete from nowhere where id = 1', /only its session may know/], ['update visits set price = 0 where current of c', /its session has prepared or declared/],
  ])('not those of %s', (sql, why) => expect(holdingOf(meaningOf(sql), clinic).unbounded).toMatch(why));

  it.each([
    ['delete from visits where price > random()', 'random'], ['update visits set kind = clears()::text where id = 1', 'public.clears'], ["delete from visits where kind = pg_read_file('x')", 'pg_read_file'],
  ])('but not what else %s may do', (sql, name) => expect(holdingOf(meaningOf(sql), clinic).beside).toEqual([expect.stringContaining(`It calls ${name}, which may do more`)]));
});

describe('a statement is run by its own session alone', () => {
  it.each(['set search_path to ward', "set datestyle to 'German'", 'reset all', 'discard plans', 'listen news', 'unlisten *', 'copy visits from stdin', 'begin', 'prepare p as select 1', 'deallocate all', 'declare c cursor for select 1', 'close all'])('%s', (sql) => expect(isOfItsSession(meaningOf(sql))).toBe(true));

  it.each(['delete from visits', 'copy visits to stdout', 'create table x (id int)', 'vacuum visits', 'select 1'])('not %s', (sql) => expect(isOfItsSession(meaningOf(sql))).toBe(false));
});

describe('a statement is tried only where a rollback takes all of it back', () => {
  it.each(["update visits set price = 0 where id = 1 returning *", 'delete from visits where kind = lower(ward)'])('%s', (sql) => expect(untriable(meaningOf(sql), clinic)).toBeUndefined());

  it.each([
    ['insert into visits (id) values (1)', /sequences/], ['update visits set price = default where id = 1', /sequences/], ['merge into visits v using people p on v.person_id = p.id when matched then delete', /sequences/],
    ['with new as (insert into notes (id) values (1)) delete from visits where id = 1', /code|sequences/], ['delete from visits where price > random()', /code/], ['update notes set body = null where id = 1', /code/],
    ['update people_paying set name = null where id = 1', /view/], ['truncate visits', /truncate/],
  ])('not %s', (sql, why) => expect(untriable(meaningOf(sql), clinic)).toMatch(why));
});

describe('the rows that a statement changes are given back', () => {
  it.each([
    ['delete from visits where id = 1', 'delete from visits where id = 1\nRETURNING "visits".tableoid, "visits".ctid, "visits".xmin, "visits".*', 'delete from visits where id = 1\nRETURNING "visits".*'],
    ['delete from "Odd Name" as "a""b" -- why\n;', 'delete from "Odd Name" as "a""b" -- why\nRETURNING "a""b".tableoid, "a""b".ctid, "a""b".xmin, "a""b".*', 'delete from "Odd Name" as "a""b" -- why\nRETURNING "a""b".*'],
    ["delete from visits v where kind = 'é' returning v.id, *", "delete from visits v where kind = 'é' returning \"v\".tableoid, \"v\".ctid, \"v\".xmin, v.id, *", "delete from visits v where kind = 'é' returning v.id, *"],
    ['update visits set price = 0', 'update visits set price = 0\nRETURNING old.tableoid, old.ctid, old.xmin, "visits".*', 'update visits set price = 0\nRETURNING "visits".*'],
  ])('%s', (sql, text, shown) => {
    expect(withReturning(sql, 18)).toEqual({ text, shown, identity: 3 });
    expect(parseStatements(text)).toMatchObject({ ok: true, value: { length: 1 } });
  });

  it('without their identity, where the server does not tell what they were, or `old` is another', () => {
    expect(withReturning('update visits set price = 0', 17)).toEqual({ text: 'update visits set price = 0\nRETURNING "visits".*', shown: 'update visits set price = 0\nRETURNING "visits".*', identity: 0 });
    expect(withReturning('update visits set price = 0 from people old', 18)).toMatchObject({ identity: 0 });
    expect(withReturning('update visits set price = 0 returning id', 17)).toEqual({ text: 'update visits set price = 0 returning id', shown: 'update visits set price = 0 returning id', identity: 0 });
  });

  it.each(['delete from visits returning with (old as o) o.id', 'select 1', 'insert into visits (id) values (1)', 'delete from visits; delete from people', ''])('not in the form of %s', (sql) => expect(withReturning(sql, 18)).toBeUndefined());
});

describe('what a transaction changed', () => {
  const row = (relation: string, inserted: number, updated: number, deleted: number, more: object = {}) => ({ relation, schema: 'public', name: `t${relation}`, inserted: String(inserted), updated: String(updated), deleted: String(deleted), counts: 'on', ...more });
  const database = row('1262', 0, 0, 0);

  it('is told apart from what it had changed before', () => {
    expect(changesBetween([row('1', 5, 0, 0), database], [row('1', 7, 0, 1), row('2', 0, 3, 0), database])).toEqual([{ object: 'public.t1', inserted: 2, updated: 0, deleted: 1 }, { object: 'public.t2', inserted: 0, updated: 3, deleted: 0 }]);
    expect(changesBetween([row('1', 5, 0, 0), database], [row('1', 5, 0, 0), database])).toEqual([]);
  });

  it('leaves out where long values of a row are kept', () => expect(changesBetween([database], [row('3', 9, 0, 0, { schema: 'pg_toast' }), database])).toEqual([]));

  it.each([
    ['the server does not count', [{ ...database, counts: 'off' }]], ['an answer is empty', []], ['a number is none', [row('1', 0, 0, 0, { deleted: 'x' }), database]], ['less was changed than before', [row('1', 4, 0, 0), database]],
  ])('is not known where %s', (_, after) => expect(changesBetween([row('1', 5, 0, 0), database], after)).toBeUndefined());

  it('is asked for of relations alone', () => {
    expect(relationsOf(meaningOf('delete from visits v using people p where v.id = p.id'), clinic).map(({ name }) => name)).toEqual(['visits']);
    expect(companionsQuery([201])).toContain('c.oid IN (201)');
    for (const oids of [[], [0], [1.5], [Number.NaN]]) expect(() => companionsQuery(oids)).toThrow('oid');
  });
});
