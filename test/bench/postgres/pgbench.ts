import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { libpqEnvironment, type Road } from './road.js';

/** One cell of the matrix. */
export interface Load {
  readonly workload: 'select-only' | 'tpcb-like';
  readonly protocol: 'simple' | 'prepared';
  readonly clients: number;
}

export interface Measured {
  readonly tps: number;
  readonly transactions: number;
  /** Latency of a transaction in milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Part of the transactions whose latency is noted. */
const SAMPLED = 0.25;

/** Runs one load on one road for some seconds. Faults when a single transaction failed. */
export async function runLoad(pgbench: string, road: Road, load: Load, seconds: number, folder: string): Promise<Measured> {
  const threads = String(Math.min(2, load.clients));
  const output = await runPgbench(pgbench, road, [
    '--no-vacuum', '--builtin', load.workload, '--protocol', load.protocol, '--client', String(load.clients), '--jobs', threads, '--time', String(seconds),
    '--log', '--log-prefix', join(folder, 'latency'), '--sampling-rate', String(SAMPLED),
  ]);
  const latencies = takeLatencies(folder);
  const failed = Number(/number of failed transactions: (\d+)/.exec(output)?.[1] ?? 0);
  if (failed > 0) throw new Error(`${failed} transactions failed on the road ${road.name}:\n${output}`);
  const transactions = numberIn(output, /transactions actually processed: (\d+)/);
  // Of no transaction at all, pgbench says no rate.
  return { tps: transactions === 0 ? 0 : numberIn(output, /tps = ([\d.]+)/), transactions, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) };
}

/** Milliseconds that one run of a script takes, its rows received and thrown away by libpq. */
export async function runScript(pgbench: string, road: Road, file: string): Promise<number> {
  return numberIn(await runPgbench(pgbench, road, ['--no-vacuum', '--file', file, '--transactions', '1', '--client', '1']), /latency average = ([\d.]+) ms/);
}

/** pgbench's own tables: a million accounts at scale 10. */
export async function initialise(pgbench: string, road: Road, scale: number): Promise<void> {
  await runPgbench(pgbench, road, ['--initialize', '--quiet', '--scale', String(scale)]);
}

async function runPgbench(pgbench: string, road: Road, args: readonly string[]): Promise<string> {
  const child = spawn(pgbench, args, { env: { ...process.env, ...(await libpqEnvironment(road)) }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`pgbench ${args.join(' ')} ended with ${code} on the road ${road.name}:\n${output}`);
  return output;
}

function numberIn(output: string, pattern: RegExp): number {
  const found = pattern.exec(output)?.[1];
  if (found === undefined) throw new Error(`pgbench did not say ${pattern.source}:\n${output}`);
  return Number(found);
}

/** Third field of each line: microseconds (pgbench manual, "Per-Transaction Logging"). */
function takeLatencies(folder: string): number[] {
  const files = readdirSync(folder).filter((name) => name.startsWith('latency.')).map((name) => join(folder, name));
  const latencies = files.flatMap((file) => readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => Number(line.split(' ')[2]) / 1_000));
  for (const file of files) rmSync(file);
  return latencies.toSorted((one, other) => one - other);
}

export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
