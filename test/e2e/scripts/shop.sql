\set ON_ERROR_STOP off
\pset pager off
\d
\d customers
\d+ orders
\dt
\dv
\di
\dn
\df
\l shop
select count(*) from orders;
select id, status, placed_at from orders where id between 5 and 9 order by id;
select o.status, count(*), min(o.id) from orders o join order_items i on i.order_id = o.id group by o.status order by o.status;
select * from order_totals order by order_id limit 5;
select id, name, city, created_at from customers order by id limit 5;
select 1 as one, null as nothing, 'text' as words, 1.50::numeric as number, true as yes, '2026-01-02'::date as day, array[1,2,3] as list, '{"a": [1, 2]}'::jsonb as document;
select * from no_such_table;
select 1/0;
select 'still here';
prepare by_status (text) as select count(*) from orders where status = $1;
execute by_status('placed');
execute by_status('shipped');
execute by_status(1, 2);
deallocate by_status;
execute by_status('placed');
begin;
declare walk cursor for select id, status from orders order by id;
fetch 3 from walk;
fetch forward 2 from walk;
move 5 in walk;
fetch next from walk;
close walk;
fetch 1 from walk;
rollback;
begin;
insert into payments (id, order_id, amount, method) values (900001, 1, 10.00, 'card');
savepoint before_error;
insert into payments (id, order_id, amount, method) values (900001, 1, 10.00, 'card');
select 'skipped: the transaction is aborted';
rollback to savepoint before_error;
update payments set amount = 11.00 where id = 900001;
release savepoint before_error;
select id, order_id, amount, method from payments where id = 900001;
savepoint again;
update payments set amount = -1 where id = 900001;
rollback to again;
select amount from payments where id = 900001;
rollback;
select count(*) from payments where id = 900001;
begin;
select 1/0;
commit;
show transaction_isolation;
begin isolation level serializable read only;
show transaction_isolation;
insert into payments (order_id, amount, method) values (1, 1, 'card');
rollback;
\echo :ERROR :SQLSTATE
select id, status from orders where id = 1 \gx
select id from orders where id < 4 order by id \g (format=csv)
select status, count(*) from orders group by status order by status \crosstabview status status count
values (1, 'a'), (2, 'b') order by 1 desc;
table products limit 2;
with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select array_agg(n) from r;
explain (costs off) select * from orders where id = 7;
set application_name = 'transcript';
show application_name;
reset application_name;
show search_path;
select E'line\nbreak' as "a b", $$dollar 'quoted'$$;
/* a comment */ select /* in /* nested */ it */ 2; -- and a line
;
select;
