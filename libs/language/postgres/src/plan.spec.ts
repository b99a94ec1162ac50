import { describe, expect, it } from 'vitest';
import { explainText, readPlan } from './plan.js';

const told = (plan: object): string => JSON.stringify([{ Plan: plan }]);
const scan = (rows: unknown, more: object = {}): object => ({ 'Node Type': 'Seq Scan', 'Relation Name': 'orders', 'Plan Rows': rows, Filter: "(secret = 'x'::text)", ...more });

describe('a plan', () => {
  it('is asked for without running anything', () => expect(explainText('delete from orders')).toBe('EXPLAIN (FORMAT JSON, VERBOSE false, COSTS true) delete from orders'));

  it('tells the rows that a query would return', () => expect(readPlan(told(scan(42)))).toEqual({ ok: true, value: { rows: 42, lines: ['Seq Scan on orders (42 rows)'] } }));

  it('tells the rows that a change would change: those of its steps, and none of a side query', () => {
    const change = { 'Node Type': 'ModifyTable', Operation: 'Delete', 'Relation Name': 'orders', 'Plan Rows': 0, Plans: [scan(40, { 'Index Name': 'orders_key' }), scan(2), scan(1_000, { 'Subplan Name': 'InitPlan 1' })] };
    expect(readPlan(told(change))).toEqual({ ok: true, value: { rows: 42, lines: ['Delete on orders', '  Seq Scan using orders_key on orders (40 rows)', '  Seq Scan on orders (2 rows)', '  Seq Scan on orders (1000 rows)'] } });
  });

  it('tells no condition, so no value', () => expect(JSON.stringify(readPlan(told(scan(1))))).not.toContain('secret'));

  it('is cut where it is long', () => {
    const lines = readPlan(told({ ...scan(1), Plans: Array.from({ length: 100 }, () => scan(1, { 'Relation Name': 'x'.repeat(1_000) })) }));
    expect(lines.ok && [lines.value.lines.length, lines.value.lines.at(-1), Math.max(...lines.value.lines.map((line) => line.length))]).toEqual([40, '...', 200]);
  });

  it.each([['', 'nothing'], ['[]', 'no plan'], ['[{"Plan":1}]', 'no step'], ['{', 'no JSON'], ['null', 'null']])('is refused where it cannot be read: %s', (answer) => {
    expect(readPlan(answer)).toMatchObject({ ok: false, refusal: { reason: 'plan_unreadable' } });
  });

  it.each([[-1, 0], [1e300, Number.MAX_SAFE_INTEGER], ['many', 0], [null, 0]])('expects %s rows as %s', (rows, read) => expect(readPlan(told(scan(rows)))).toMatchObject({ value: { rows: read } }));
});
