import type { Instruction } from './program.js';
import { WORD_BYTES } from './word.js';

/** Bytes between which a program never tells the difference, so that one column of its table serves them all. */
export interface ByteClasses {
  readonly of: Uint8Array;
  /** One byte of each class. */
  readonly samples: readonly number[];
}

export function byteClasses(instructions: readonly Instruction[]): ByteClasses {
  const sets = new Set(instructions.flatMap((instruction) => (instruction.op === 'byte' ? [instruction.of] : [])));
  if (instructions.some(({ op }) => op === 'edge')) sets.add(WORD_BYTES);
  const of = new Uint8Array(256);
  let samples: number[] = [0];
  for (const set of sets) {
    const parts = new Map<number, number>();
    samples = [];
    for (let byte = 0; byte < 256; byte += 1) {
      const part = of[byte]! * 2 + set[byte]!;
      let index = parts.get(part);
      if (index === undefined) {
        parts.set(part, (index = samples.length));
        samples.push(byte);
      }
      of[byte] = index;
    }
  }
  return { of, samples };
}
