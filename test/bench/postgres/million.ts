import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MILLION_ROWS, ROWS } from './bench-database.js';
import { runScript } from './pgbench.js';
import { cpuSeconds } from './process-cost.js';
import type { Measurable } from './matrix.js';

export interface MillionRows {
  readonly road: string;
  /** The best of the runs: what the road can do, not what else the machine did. */
  readonly seconds: number;
  readonly rowsPerSecond: number;
  /** Processor seconds of one run, by process. */
  readonly cpu: Readonly<Record<string, number>>;
}

const RUNS = 2;

/** Selects a million rows, received by libpq and thrown away. */
export async function selectMillion(pgbench: string, measurable: Measurable, folder: string): Promise<MillionRows> {
  const file = join(folder, 'million.sql');
  writeFileSync(file, MILLION_ROWS);
  let best: MillionRows | undefined;
  for (let run = 0; run < RUNS; run += 1) {
    const pids = Object.entries(measurable.processes());
    const before = pids.map(([, pid]) => cpuSeconds(pid));
    const seconds = (await runScript(pgbench, measurable.road, file)) / 1_000;
    const cpu = Object.fromEntries(pids.map(([name, pid], at) => [name, cpuSeconds(pid) - before[at]!]));
    if (best === undefined || seconds < best.seconds) best = { road: measurable.road.name, seconds, rowsPerSecond: ROWS / seconds, cpu };
  }
  return best!;
}
