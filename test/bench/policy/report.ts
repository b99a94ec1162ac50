import { madeBy } from '../made-by.js';
import type { Times } from './measure.js';
import type { StatementTimes } from './statements.js';
import { PRINCIPALS } from './workload.js';

export interface RuleRow {
  readonly rules: number;
  readonly loadMs: number;
  /** Requests whose shape was never met. */
  readonly cold: Times;
  /** The same again. */
  readonly warm: Times;
  readonly bare: Times;
  /** What the process grew by, with the rules loaded and thousands of decisions remembered. */
  readonly judgeMb: number;
}

/** The whole report, as Markdown. */
export function report(rows: readonly RuleRow[], statements: StatementTimes): string {
  return [
    '# Benchmarks of decisions', '', ...circumstances(), '',
    '## Decisions', '', ...decisions(rows), '',
    '## Statements', '', 'Text to action with its facts, microseconds.', '', ...statementRows(statements), '',
    '## Aims', '', ...aims(rows, statements), '',
  ].join('\n');
}

function circumstances(): string[] {
  return [
    madeBy('policy'),
    '', `${PRINCIPALS} principals in 200 roles, 2000 tables, requests drawn from a seed. Cold: a shape never met before; warm: met before. Bare Cedar: the same rules in one set, the`,
    'same requests, nothing sliced, checked or remembered, so it costs the same each time. One thread. Load: reading, checking and compiling, as a connector does it.',
  ];
}

function decisions(rows: readonly RuleRow[]): string[] {
  const head = ['rules', 'load ms', 'cold p50 µs', 'p99', 'a second', 'warm p50 µs', 'p99', 'a second', 'bare Cedar p50 µs', 'p99', 'a second', 'cold of bare', 'MB'];
  return table(head, rows.map(({ rules, loadMs, cold, warm, bare, judgeMb }) =>
    [String(rules), whole(loadMs), ...three(cold), ...three(warm), ...three(bare), (cold.p50Us / bare.p50Us).toFixed(2), whole(judgeMb)]));
}

function statementRows({ cold, alike, cached }: StatementTimes): string[] {
  return table(['statement', 'p50', 'p99', 'a second'], ([['a new shape', cold], ['a known shape, other values', alike], ['a known text', cached]] as const).map(([name, times]) => [name, ...three(times)]));
}

function aims(rows: readonly RuleRow[], { alike, cold }: StatementTimes): string[] {
  const by = rows.find(({ rules }) => rules === 500)!;
  const again = alike.p50Us + by.warm.p50Us;
  const anew = cold.p50Us + by.cold.p50Us;
  return table(['aim, with 500 rules', 'statement', 'decision', 'together', ''], [
    ['a repeated statement shape under 20 µs', micro(alike.p50Us), micro(by.warm.p50Us), micro(again), again < 20 ? 'reached' : 'missed'],
    ['a new one under 1000 µs', micro(cold.p50Us), micro(by.cold.p50Us), micro(anew), anew < 1_000 ? 'reached' : 'missed'],
  ]);
}

const three = ({ p50Us, p99Us, perSecond }: Times): string[] => [micro(p50Us), micro(p99Us), whole(perSecond)];
const whole = (value: number): string => String(Math.round(value));
const micro = (value: number): string => (value < 100 ? value.toFixed(1) : whole(value));

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [`| ${head.join(' | ')} |`, `|${head.map((_, at) => (at === 0 ? '---' : '---:')).join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)];
}
