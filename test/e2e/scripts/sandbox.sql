\set ON_ERROR_STOP off
create table things (id int generated always as identity primary key, name text not null unique, born date, worth numeric(8, 2) default 0);
create index on things (born);
create view dear as select * from things where worth > 10;
\d things
\d dear
insert into things (name, born, worth) values ('lamp', '2025-01-01', 12.5), ('desk', null, 99) returning *;
insert into things (name) values ('lamp');
insert into things (name) values ('lamp') on conflict (name) do update set worth = 13 returning id, worth;
update things set worth = worth * 2 where name = 'desk' returning name, worth;
select * from dear order by id;
\copy things (name, born, worth) from pstdin (delimiter ',', null '-')
chair,2024-05-06,30
shelf\, oak,-,45.10
\.
select * from things order by id;
\copy (select name, born, worth from things order by name) to pstdout csv header
\copy things (name) to pstdout
copy things (name) from stdin;
mirror
bad\q
\.
copy things (name, worth) from stdin;
vase	notanumber
\.
select count(*) from things;
copy (select * from things where worth > 20 order by id) to stdout with (format csv, force_quote *);
begin;
create temp table scratch (n int) on commit drop;
insert into scratch select generate_series(1, 10);
select sum(n), avg(n) from scratch;
savepoint a;
drop table scratch;
select * from scratch;
rollback to a;
select count(*) from scratch;
commit;
select * from scratch;
create function twice(int) returns int language sql immutable as 'select $1 * 2';
select twice(21);
\df twice
drop function twice(int);
do $$ begin raise notice 'a notice: %', 1 + 1; raise warning 'a warning'; end $$;
do $$ begin raise exception 'an exception' using errcode = '22012', detail = 'the detail', hint = 'the hint'; end $$;
\echo :SQLSTATE
listen news;
notify news, 'hello';
select 1;
unlisten news;
select 1; select 2; select 1/0; select 3;
insert into things (name) values ('one of two') \; select 1/0;
select count(*) from things where name = 'one of two';
select 1 as a \; select 2 as b \; select 3 as c;
truncate things;
alter table things add column more text default 'x';
comment on table things is 'a comment';
\d+ things
select repeat('x', 100000) = repeat('x', 100000), length(repeat('é', 50000));
select string_agg(n::text, ',') from generate_series(1, 2000) n;
select n, case when n % 3 = 0 then null else repeat('v', n % 50) end from generate_series(1, 300) n;
drop view dear;
drop table things;
\d
