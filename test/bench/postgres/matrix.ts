import { runLoad, type Load, type Measured } from './pgbench.js';
import { cpuSeconds } from './process-cost.js';
import type { Road } from './road.js';

export const MATRIX: readonly Load[] = (['select-only', 'tpcb-like'] as const).flatMap((workload) =>
  (['simple', 'prepared'] as const).flatMap((protocol) => [1, 8, 32].map((clients) => ({ workload, protocol, clients }))));

/** A road with the processes whose time is counted while it is used. */
export interface Measurable {
  readonly road: Road;
  /** Process ids by name, asked for anew before every run. */
  readonly processes: () => Readonly<Record<string, number>>;
}

export interface Cell extends Measured {
  readonly load: Load;
  readonly road: Road['name'];
  /** Microseconds of processor time for each transaction, by process. */
  readonly cpuUs: Readonly<Record<string, number>>;
}

export interface MatrixOptions {
  readonly pgbench: string;
  readonly seconds: number;
  readonly folder: string;
  readonly tell: (line: string) => void;
}

/** Every load on every road, the roads in turn within each load, so that what else the machine does meets all of them alike. */
export async function runMatrix(roads: readonly Measurable[], options: MatrixOptions): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const load of MATRIX) {
    for (const measurable of roads) cells.push(await runCell(measurable, load, options));
    options.tell(`${describeLoad(load)}: ${cells.slice(-roads.length).map((cell) => `${cell.road} ${Math.round(cell.tps)}/s`).join(', ')}`);
  }
  return cells;
}

export function describeLoad({ workload, protocol, clients }: Load): string {
  return `${workload}, ${protocol}, ${clients} client${clients === 1 ? '' : 's'}`;
}

async function runCell({ road, processes }: Measurable, load: Load, { pgbench, seconds, folder }: MatrixOptions): Promise<Cell> {
  const pids = Object.entries(processes());
  const before = pids.map(([, pid]) => cpuSeconds(pid));
  const measured = await runLoad(pgbench, road, load, seconds, folder);
  const cpuUs = Object.fromEntries(pids.map(([name, pid], at) => [name, ((cpuSeconds(pid) - before[at]!) * 1e6) / measured.transactions]));
  return { ...measured, load, road: road.name, cpuUs };
}
