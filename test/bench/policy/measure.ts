import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Times of many runs of one thing. */
export interface Times {
  readonly p50Us: number;
  readonly p99Us: number;
  /** Of all of them together, without the clock's own cost. */
  readonly perSecond: number;
}

/** Runs each once, one by one. */
export function timed<T>(inputs: readonly T[], run: (input: T) => unknown): Times {
  const each = new Float64Array(inputs.length);
  const begun = performance.now();
  for (const [index, input] of inputs.entries()) {
    const from = process.hrtime.bigint();
    run(input);
    each[index] = Number(process.hrtime.bigint() - from) / 1_000;
  }
  const seconds = (performance.now() - begun) / 1_000;
  each.sort();
  return { p50Us: each[Math.floor(each.length * 0.5)]!, p99Us: each[Math.floor(each.length * 0.99)]!, perSecond: inputs.length / seconds };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is held after a collection, in the heap and outside of it, MB. A wasm memory grows and never shrinks: of that it is what was needed at most. */
export function memoryMb(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}
