import { mutate } from './mutate.js';
import { Random } from './random.js';

/** One decoder under fuzzing. */
export interface FuzzEntry {
  readonly name: string;
  /** Lawful inputs to start from; the first calls run these unchanged. */
  readonly seeds: readonly Buffer[];
  /** What must have happened before the first input. */
  readonly prepare?: () => Promise<void>;
  /**
   * Decodes one input and answers the name of the outcome (a kind of value, or the reason of a violation). A name that was
   * not seen before keeps the input in the corpus. Throws when a promise of the decoder is broken.
   */
  readonly run: (input: Buffer, random: Random) => string | Promise<string>;
  /** Milliseconds that one input of at most 256 KiB may take, measured three times where it seems to take longer. */
  readonly inputMs?: number;
  /** Bytes outside the JavaScript heap that one input may cost beside 16 times its own size. */
  readonly inputBytes?: number;
}

/** An input that broke a promise, made as short as it could be. */
export interface Finding {
  readonly what: string;
  readonly iteration: number;
  readonly input: Buffer;
}

export interface FuzzReport {
  readonly iterations: number;
  readonly outcomes: readonly string[];
  readonly finding: Finding | undefined;
}

export interface FuzzBudget {
  readonly seed: number;
  readonly seconds: number;
  readonly iterations: number;
}

/** Far above what any sound decoder needs, so that a busy machine fails nothing; a square of the input's length is still seen. */
const INPUT_MS = 1_500;
/** Tried whatever the time says: a slow machine tries fewer inputs, never none. */
const ITERATIONS_MIN = 12;
const INPUT_BYTES = 8 * 1024 * 1024;
const CORPUS_MAX = 400;
const SHORTEN_MS = 3_000;

/** Runs mutated inputs until the budget is used up or a promise is broken. The same seed gives the same inputs. */
export async function fuzz(entry: FuzzEntry, budget: FuzzBudget): Promise<FuzzReport> {
  await entry.prepare?.();
  const corpus = [...entry.seeds];
  const outcomes = new Set<string>();
  const deadline = performance.now() + budget.seconds * 1_000;
  let iteration = 0;
  for (; iteration < budget.iterations && (iteration < ITERATIONS_MIN || performance.now() < deadline); iteration += 1) {
    const input = iteration < entry.seeds.length ? entry.seeds[iteration]! : mutate(corpus, new Random(budget.seed * 1_000_003 + iteration));
    const result = await attempt(entry, input, iteration);
    if (result.broken !== undefined) return { iterations: iteration + 1, outcomes: [...outcomes], finding: await shorten(entry, { what: result.broken, iteration, input }) };
    if (!outcomes.has(result.outcome) && corpus.length < CORPUS_MAX) corpus.push(input);
    outcomes.add(result.outcome);
  }
  return { iterations: iteration, outcomes: [...outcomes].toSorted(), finding: undefined };
}

type Attempt = { readonly outcome: string; readonly broken: string | undefined };

async function attempt(entry: FuzzEntry, input: Buffer, iteration: number): Promise<Attempt> {
  const first = await measured(entry, input, iteration);
  if (first.broken !== undefined) return first;
  let { ms } = first;
  for (let again = 0; again < 2 && ms > (entry.inputMs ?? INPUT_MS); again += 1) ms = Math.min(ms, (await measured(entry, input, iteration)).ms);
  if (ms > (entry.inputMs ?? INPUT_MS)) return { outcome: first.outcome, broken: `it took ${Math.round(ms)} ms` };
  const ceiling = (entry.inputBytes ?? INPUT_BYTES) + 16 * input.length;
  if (first.bytes > ceiling) return { outcome: first.outcome, broken: `it took ${first.bytes} bytes of memory for an input of ${input.length}` };
  return { outcome: first.outcome, broken: undefined };
}

async function measured(entry: FuzzEntry, input: Buffer, iteration: number): Promise<Attempt & { readonly ms: number; readonly bytes: number }> {
  // A copy, so that an input kept in the corpus cannot be written to.
  const copy = Buffer.from(input);
  const bytesBefore = process.memoryUsage().arrayBuffers;
  const begun = performance.now();
  const spent = (): { ms: number; bytes: number } => ({ ms: performance.now() - begun, bytes: process.memoryUsage().arrayBuffers - bytesBefore });
  try {
    const outcome = await entry.run(copy, new Random(iteration));
    return { outcome, broken: undefined, ...spent() };
  } catch (fault) {
    return { outcome: 'thrown', broken: `it threw ${fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)}`, ...spent() };
  }
}

/** Leaves out whatever the finding does not need: halves first, then ever smaller pieces. */
async function shorten(entry: FuzzEntry, finding: Finding): Promise<Finding> {
  let { input, what } = finding;
  const deadline = performance.now() + SHORTEN_MS;
  for (let size = Math.ceil(input.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < input.length && performance.now() < deadline;) {
      const shorter = Buffer.concat([input.subarray(0, at), input.subarray(at + size)]);
      const { broken } = await attempt(entry, shorter, finding.iteration);
      if (broken === undefined) at += size;
      else [input, what] = [shorter, broken];
    }
  }
  return { ...finding, input, what };
}

/** Breaks a promise of the decoder under fuzzing. */
export function must(kept: boolean, promise: string): asserts kept {
  if (!kept) throw new Error(`broken promise: ${promise}`);
}
