import { madeBy } from '../made-by.js';
import { describeLoad, MATRIX, type Cell } from './matrix.js';
import type { Load } from './pgbench.js';
import type { MillionRows } from './million.js';

export interface Memory {
  readonly process: string;
  readonly nowMb: number;
  readonly highestMb: number;
}

export interface Results {
  readonly seconds: number;
  readonly versions: readonly string[];
  readonly ack: { readonly p50Ms: number; readonly p99Ms: number };
  readonly cells: readonly Cell[];
  readonly million: readonly MillionRows[];
  readonly memory: readonly Memory[];
  /** Seconds from the end of the synced load until every view had caught up; absent without Interlock. */
  readonly drainSeconds: number | undefined;
}

/** The whole report, as Markdown. */
export function report(results: Results): string {
  return [
    '# Benchmarks', '', ...circumstances(results), '',
    '## Transactions a second', '', ...throughput(results), '',
    '## Latency', '', ...latency(results), '',
    '## Processor time for each transaction', '', ...processorTime(results), '',
    '## A million rows', '', ...millionRows(results), '',
    '## Memory and views', '', ...memoryAndViews(results), '',
    '## Aims', '', ...aims(results), '',
  ].join('\n');
}

function circumstances({ seconds, versions }: Results): string[] {
  return [
    madeBy('postgres', versions),
    '', `pgbench, scale 10, ${seconds} s for each cell, all roads to the same server in one run, all encrypted on every leg. Clients, server and everything between share the machine,`,
    'so ratios tell more than absolute numbers. Interlock decides by policy, records in the ledger before it forwards, records the answer, looks for sensitive content in every',
    'cell and masks `pgbench_accounts.filler`. "Unsynced" is Interlock on a bus that acknowledges before the disk has it: for comparison only, never for use.',
  ];
}

function throughput({ cells }: Results): string[] {
  const unsynced = cells.some(({ road }) => road === 'interlock, unsynced');
  const head = ['load', 'direct', 'pgbouncer', 'interlock', 'of direct', 'of pgbouncer', ...(unsynced ? ['unsynced', 'of pgbouncer'] : [])];
  return table(head, MATRIX.map((load) => {
    const tps = (road: Cell['road']): number | undefined => find(cells, load, road)?.tps;
    const [direct, peer, own, loose] = [tps('direct'), tps('pgbouncer'), tps('interlock'), tps('interlock, unsynced')];
    return [describeLoad(load), whole(direct), whole(peer), whole(own), ratio(own, direct), ratio(own, peer), ...(unsynced ? [whole(loose), ratio(loose, peer)] : [])];
  }));
}

function latency({ cells, ack }: Results): string[] {
  const rows = MATRIX.map((load) => {
    const [direct, peer, own] = (['direct', 'pgbouncer', 'interlock'] as const).map((road) => find(cells, load, road));
    const added = own && direct ? own.p50Ms - direct.p50Ms : undefined;
    return [describeLoad(load), ...[direct, peer, own].map((cell) => (cell ? `${ms(cell.p50Ms)} / ${ms(cell.p99Ms)}` : '')), ms(added), added === undefined ? '' : (added / statements(load) / ack.p50Ms).toFixed(2)];
  });
  return [
    `p50 / p99 in ms. One synced acknowledgement on this disk: p50 ${ms(ack.p50Ms)}, p99 ${ms(ack.p99Ms)} (1 KiB, one after the other, measured in the same run). The last column is the`,
    'median latency that Interlock adds to each statement (a TPC-B transaction has seven), in such acknowledgements.', '',
    ...table(['load', 'direct', 'pgbouncer', 'interlock', 'added p50', 'added per statement, in acks'], rows),
  ];
}

/** Statements, and so decisions, in one transaction. */
function statements({ workload }: Load): number {
  return workload === 'select-only' ? 1 : 7;
}

function processorTime({ cells }: Results): string[] {
  const names = [...new Set(cells.flatMap(({ cpuUs }) => Object.keys(cpuUs)))];
  const rows = MATRIX.map((load) => [describeLoad(load), ...names.map((name) => {
    const cell = cells.find((one) => one.load === load && name in one.cpuUs && one.road !== 'interlock, unsynced');
    return cell === undefined ? '' : String(Math.round(cell.cpuUs[name]!));
  })]);
  return ['Microseconds, user and system, by process.', '', ...table(['load', ...names], rows)];
}

function millionRows({ million }: Results): string[] {
  const direct = million.find(({ road }) => road === 'direct');
  return table(['road', 'seconds', 'rows a second', 'of direct', 'processor seconds'], million.map((one) => [
    one.road, one.seconds.toFixed(2), whole(one.rowsPerSecond), ratio(one.rowsPerSecond, direct?.rowsPerSecond), Object.entries(one.cpu).map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`).join(', '),
  ]));
}

function memoryAndViews({ memory, drainSeconds }: Results): string[] {
  const drained = drainSeconds === undefined ? [] : ['', `After the synced load the views had caught up with the ledger in ${drainSeconds.toFixed(1)} s.`];
  return [...table(['process', 'MB at the end', 'MB at most'], memory.map((one) => [one.process, whole(one.nowMb), whole(one.highestMb)])), ...drained];
}

function aims({ cells, ack }: Results): string[] {
  const share = (clients: number, road: Cell['road']): number => Math.min(...MATRIX.filter((load) => load.clients === clients && load.workload === 'select-only')
    .map((load) => (find(cells, load, road)?.tps ?? Number.NaN) / (find(cells, load, 'pgbouncer')?.tps ?? Number.NaN)));
  const eight = MATRIX.filter((load) => load.clients === 8 && load.workload === 'select-only');
  const added = Math.max(...eight.map((load) => (find(cells, load, 'interlock')?.p50Ms ?? Number.NaN) - (find(cells, load, 'direct')?.p50Ms ?? Number.NaN)));
  const cpu = Math.max(...MATRIX.filter(({ workload }) => workload === 'select-only').map((load) => find(cells, load, 'interlock')?.cpuUs['connectors'] ?? Number.NaN));
  return table(['aim (select-only, the worse of simple and prepared)', 'reached', ''], [
    aim('0.5 of pgbouncer at 32 clients, synced', share(32, 'interlock'), (value) => value >= 0.5),
    aim('0.3 of pgbouncer at 8 clients, synced', share(8, 'interlock'), (value) => value >= 0.3),
    aim('0.6 of pgbouncer at 32 clients, unsynced', share(32, 'interlock, unsynced'), (value) => value >= 0.6),
    aim('0.6 of pgbouncer at 8 clients, unsynced', share(8, 'interlock, unsynced'), (value) => value >= 0.6),
    aim('at most 2 acknowledgements of added median latency at 8 clients', added / ack.p50Ms, (value) => value <= 2),
    aim('at most 120 µs of connector time for each transaction', cpu, (value) => value <= 120),
  ]);
}

function aim(what: string, value: number, reached: (value: number) => boolean): string[] {
  return Number.isFinite(value) ? [what, value.toFixed(2), reached(value) ? 'yes' : 'no'] : [what, '', 'not measured'];
}

function find(cells: readonly Cell[], load: Load, road: Cell['road']): Cell | undefined {
  return cells.find((cell) => cell.load === load && cell.road === road);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [`| ${head.join(' | ')} |`, `|${head.map((_, at) => (at === 0 ? '---' : '---:')).join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)];
}

const whole = (value: number | undefined): string => (value === undefined ? '' : String(Math.round(value)));
const ms = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(2));
const ratio = (value: number | undefined, base: number | undefined): string => (value === undefined || base === undefined ? '' : (value / base).toFixed(2));
