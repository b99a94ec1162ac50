/** An attempt to get past risk or a dynamic separation, by one agent. `{n}` stands for 1 to 10 in turn. */
export interface RiskAttack {
  readonly name: string;
  /** Sent one after the other, in one session. */
  readonly statements: readonly string[];
  /** Each in a session of its own. */
  readonly anew?: boolean;
  /** With values apart from the text, as drivers send them. */
  readonly bound?: readonly (readonly unknown[])[];
}

const TEN = Array.from({ length: 10 }, (_, index) => index + 1);
const each = (text: string): string[] => TEN.map((n) => text.replaceAll('{n}', String(n)));

/** All ten rows are to go. One row may be deleted, and another, and people are to hear of more. */
export const EMPTYING: readonly RiskAttack[] = [
  { name: 'at once', statements: ['delete from stock'] },
  { name: 'at once, with a condition that is always true', statements: ['delete from stock where id > 0 or true'] },
  { name: 'by emptying', statements: ['truncate stock'] },
  { name: 'row by row', statements: each('delete from stock where id = {n}') },
  { name: 'row by row in one message', statements: [each('delete from stock where id = {n}').join('; ')] },
  { name: 'row by row in one transaction', statements: ['begin', ...each('delete from stock where id = {n}'), 'commit'] },
  { name: 'row by row, connecting anew for each', statements: each('delete from stock where id = {n}'), anew: true },
  { name: 'row by row with values', statements: TEN.map(() => 'delete from stock where id = $1'), bound: TEN.map((n) => [n]) },
  { name: 'row by row by a statement of SQL', statements: ['prepare d(int) as delete from stock where id = $1', ...each('execute d({n})')] },
  { name: 'row by row, each with something harmless around it', statements: each('with d as (delete from stock where id = {n} returning id) select count(*) from d limit 1') },
  { name: 'by code', statements: ['do $$ begin delete from stock; end $$'] },
  { name: 'row by row by code', statements: each('do $$ begin delete from stock where id = {n}; end $$') },
  { name: 'by a function', statements: ['select empty_stock()'] },
  { name: 'through a view', statements: each('delete from stock_view where id = {n}') },
];

/** One session is to enter a payout and pay one. */
export const ENTERING_AND_PAYING: readonly RiskAttack[] = [
  { name: 'one after the other', statements: ['insert into payouts values (2)', 'update payouts set paid = true'] },
  { name: 'the other way round', statements: ['update payouts set paid = true', 'insert into payouts values (2)'] },
  { name: 'in one message', statements: ['insert into payouts values (2); update payouts set paid = true'] },
  { name: 'in one statement', statements: ['with e as (insert into payouts values (2)) update payouts set paid = true where id = 1'] },
  { name: 'by what happens in a conflict', statements: ['insert into payouts values (2), (1) on conflict (id) do update set paid = true'] },
  { name: 'by merging', statements: ['merge into payouts p using (values (1), (2)) as v(id) on p.id = v.id when matched then update set paid = true when not matched then insert values (v.id)'] },
  { name: 'by copying', statements: ["insert into payouts select 2", 'update only payouts set paid = true where id = 1'] },
  { name: 'with a transaction between', statements: ['begin', 'insert into payouts values (2)', 'commit', 'begin', 'update payouts set paid = true', 'commit'] },
  { name: 'with a savepoint that is undone', statements: ['begin', 'savepoint s', 'insert into payouts values (3)', 'rollback to s', 'insert into payouts values (2)', 'update payouts set paid = true', 'commit'] },
  { name: 'with values', statements: ['insert into payouts values ($1)', 'update payouts set paid = $1'], bound: [[2], [true]] },
  { name: 'by code', statements: ['do $$ begin insert into payouts values (2); update payouts set paid = true; end $$'] },
  { name: 'half of it by code', statements: ['insert into payouts values (2)', 'do $$ begin update payouts set paid = true; end $$'] },
  { name: 'by a function', statements: ['insert into payouts values (2)', 'select pay()'] },
  { name: 'through a view', statements: ['insert into payouts values (2)', 'update payouts_view set paid = true'] },
  { name: 'under another name', statements: ['alter table payouts rename to other', 'insert into other values (2)', 'update other set paid = true', 'alter table other rename to payouts'] },
  { name: 'in another schema', statements: ['create schema away', 'alter table payouts set schema away', 'insert into away.payouts values (2)', 'update away.payouts set paid = true', 'alter table away.payouts set schema public'] },
  { name: 'half of it under another name', statements: ['insert into payouts values (2)', 'alter table payouts rename to other', 'update other set paid = true', 'alter table other rename to payouts'] },
  { name: 'named otherwise', statements: ['set search_path to public', 'insert into "payouts" values (2)', 'UPDATE Public.Payouts AS p SET paid = true'] },
];
