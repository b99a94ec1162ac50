import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, startInstallation, stopInstallation, type Place } from '../../e2e/system/installation.js';
import { CHECKOUT } from '../../e2e/system/tools.js';
import { HOURLY_EACH, layAsked, OPEN_EACH } from './asked.js';
import { measureLatency } from './latency.js';
import { readOptions, type Options } from './options.js';
import { measureParked } from './parked.js';
import { report } from './report.js';

/** Of rounds that lie before those that count. */
const WARM_UP = 20;
/** Connections beside those that wait: previews, probes and the bench's own. */
const SPARE = 200;

/** How long an approval takes to reach the target, and what many waiting commands cost. Answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const begun = performance.now();
  const tell = (line: string): void => console.error(`[${((performance.now() - begun) / 1_000).toFixed(1).padStart(6)} s] ${line}`);
  const folder = makeFolder('bench-approval');
  let place: Place | undefined;
  try {
    tell('starting Interlock with its demonstration target');
    place = await startInstallation(folder, process.pid, { env: { INTERLOCK_POSTGRES_CONNECTIONS: String(options.parked + SPARE), INTERLOCK_TARGET_CONNECTIONS: String(Math.max(120, options.parked + SPARE)) } });
    const text = await measured(place, options, tell);
    console.log(text);
    if (options.write) writeFileSync(join(CHECKOUT, 'docs', 'benchmarks-approval.md'), text);
    return 0;
  } finally {
    if (place) await stopInstallation(place).catch((fault: unknown) => tell(String(fault)));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measured(place: Place, { rounds, parked }: Options, tell: (line: string) => void): Promise<string> {
  const forRounds = Math.ceil((rounds + WARM_UP) / HOURLY_EACH);
  const agents = await layAsked(place, forRounds + Math.ceil(parked / OPEN_EACH));
  tell(`${rounds} commands, one after the other`);
  const latencies = (await measureLatency(place, agents.slice(0, forRounds), rounds + WARM_UP)).slice(WARM_UP);
  tell(`${parked} commands at once`);
  return report(latencies, await measureParked(place, agents.slice(forRounds), parked));
}
