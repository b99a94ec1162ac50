import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FOUND_KINDS, netFor, VALUE_KINDS } from '@interlock/language-content';
import { Random } from '../../../libs/language/content/spec/random.js';
import { benign, kinds } from './measure.js';
import { report, type Measured } from './report.js';
import { binary, cells, dense, ordinary } from './texts.js';

const SEED = 20_260_101;
const BYTES = 8_000_000;
const EACH = 500;
const SPEED = fileURLToPath(new URL('speed.mjs', import.meta.url));

/** What the content net costs, what it finds, and what it masks falsely. Answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.some((arg) => arg !== '--write')) throw new RangeError('unknown option; there is --write');
  const net = netFor(VALUE_KINDS);
  const texts = [['ordinary text', ordinary, '300'], ['dense rows', dense, '60'], ['binary', binary, '']] as const;
  const rates = texts.map(([text, make, aim]) => {
    console.error(text);
    const bytes = make(new Random(SEED), BYTES);
    return { text, size: bytes.length / 1e6, aim, ...inOwnProcess<Record<'table' | 'whole' | 'streamed' | 'names', number>>('text', bytes) };
  });
  console.error('answers');
  const answer = cells(new Random(SEED));
  const latency = inOwnProcess<Measured['latency']>('cells', Buffer.from(JSON.stringify(answer.map((cell) => cell.toString('base64')))));
  console.error('kinds');
  const text = report({ rates, latency, cells: answer.length, kinds: kinds(net, SEED, EACH), benign: benign(netFor(FOUND_KINDS), SEED, EACH) });
  console.log(text);
  if (args.includes('--write')) write(text);
  return 0;
}

function inOwnProcess<Result>(what: 'text' | 'cells', input: Buffer): Result {
  const { stdout, status } = spawnSync(process.execPath, [SPEED, what], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`the bench of speed ended with ${status}`);
  return JSON.parse(stdout) as Result;
}

function write(text: string): void {
  const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));
  mkdirSync(docs, { recursive: true });
  writeFileSync(`${docs}benchmarks-masking.md`, text);
}
