import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CedarJudgeCompiler } from '@interlock/adapter-cedar';
import { bareCedar } from './bare-cedar.js';
import { memoryMb, timed } from './measure.js';
import { randomFrom } from './random.js';
import { report, type RuleRow } from './report.js';
import { measureStatements } from './statements.js';
import { bundleOf, principals, requests, type Request } from './workload.js';

const RULES = [10, 500, 5_000];
const REQUESTS = 3_000;
const BARE = 300;
const STATEMENTS = 2_000;
const SEED = 20_260_101;
const RUN = fileURLToPath(new URL('../run.mjs', import.meta.url));

/** Decisions by so many rules, beside Cedar alone, and what statements cost before them. Answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const [option, count] = args;
  if (option === '--rules') {
    console.log(JSON.stringify(measureRules(Number(count), requests(REQUESTS, principals(), randomFrom(SEED)))));
    return 0;
  }
  if (args.some((arg) => arg !== '--write')) throw new RangeError('unknown option; there is --write');
  const rows = RULES.map(inOwnProcess);
  console.error('statements');
  const text = report(rows, await measureStatements(STATEMENTS, randomFrom(SEED)));
  console.log(text);
  if (args.includes('--write')) write(text);
  return 0;
}

/** A row in a process of its own: a wasm memory that one row has grown would hide what the next one takes. */
function inOwnProcess(rules: number): RuleRow {
  console.error(`${rules} rules`);
  const { stdout, status } = spawnSync(process.execPath, [RUN, 'policy', '--rules', String(rules)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`the bench of ${rules} rules ended with ${status}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as RuleRow;
}

function measureRules(count: number, all: readonly Request[]): RuleRow {
  const bundle = bundleOf(count);
  // What Cedar takes whatever the rules are is there before.
  const smallest = new CedarJudgeCompiler().compile(bundleOf(1));
  if (smallest.ok) smallest.value.judge(all[0]!);
  const before = memoryMb();
  const begun = performance.now();
  const compiled = new CedarJudgeCompiler().compile(bundle);
  if (!compiled.ok) throw new Error(compiled.refusal.detail);
  const judge = compiled.value;
  const loadMs = performance.now() - begun;
  const [warmUp, measured] = [all.slice(0, 200), all.slice(200)];
  for (const request of warmUp) judge.judge(request);
  const cold = timed(measured, (request) => judge.judge(request));
  const known = measured.slice(0, 2_000);
  for (let pass = 0; pass < 3; pass += 1) for (const request of known) judge.judge(request);
  const warm = timed([...known, ...known, ...known], (request) => judge.judge(request));
  const judgeMb = memoryMb() - before;
  const bare = bareCedar(bundle, `bare-${count}`);
  const some = measured.slice(0, BARE);
  for (const request of some.slice(0, 50)) bare(request);
  const outcomes = new Set(measured.map((request) => judge.judge(request).outcome));
  if (outcomes.size < 2) throw new Error(`by ${count} rules of the bench everything comes out alike: it measures nothing`);
  return { rules: count, loadMs, cold, warm, bare: timed(some, bare), judgeMb };
}

function write(text: string): void {
  const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));
  mkdirSync(docs, { recursive: true });
  writeFileSync(`${docs}benchmarks-policy.md`, text);
}
