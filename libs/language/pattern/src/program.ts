import { unreachable } from '@interlock/kernel';
import type { Characters } from './characters.js';
import { PATTERN_LIMITS } from './limits.js';
import type { Node } from './node.js';
import { Unfit } from './unfit.js';
import { utf8Of, type ByteRanges } from './utf8.js';

/** Which of the 256 bytes. */
export type ByteSet = Uint8Array;

/** One instruction of the automaton that a pattern is written out to. `next` and its kind are places in the program. */
export type Instruction =
  | { readonly op: 'byte'; readonly of: ByteSet; readonly next: number }
  /** `first` is preferred. */
  | { readonly op: 'split'; readonly first: number; readonly second: number }
  | { readonly op: 'edge'; readonly negated: boolean; readonly next: number }
  | { readonly op: 'match' };

export interface Program {
  readonly instructions: readonly Instruction[];
  readonly start: number;
}

/** @throws Unfit where the pattern written out is too large. */
export function programOf(node: Node): Program {
  const writer = new Writer();
  const start = writer.write(node, writer.add({ op: 'match' }));
  return { instructions: writer.instructions, start };
}

/** Writes from the end to the start, so that what comes next is always known. */
class Writer {
  readonly instructions: Instruction[] = [];
  readonly #sets = new Map<string, ByteSet>();

  add(instruction: Instruction): number {
    if (this.instructions.length >= PATTERN_LIMITS.instructions) throw new Unfit('pattern_too_large', 0, `with every repetition written out, the pattern takes more than ${PATTERN_LIMITS.instructions} steps; repeat less`);
    return this.instructions.push(instruction) - 1;
  }

  /** Writes `node` so that it goes on at `next`; answers where it begins. */
  write(node: Node, next: number): number {
    switch (node.kind) {
      case 'character':
        return this.#character(node.of, next);
      case 'edge':
        return this.add({ op: 'edge', negated: node.negated, next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => this.write(part, after), next);
      case 'choice':
        return this.#choice(node.options.map((option) => this.write(option, next)));
      case 'repeat':
        return this.#repeat(node, next);
      default:
        return unreachable(node);
    }
  }

  #choice(starts: readonly number[]): number {
    return starts.slice(0, -1).reduceRight((second, first) => this.add({ op: 'split', first, second }), starts.at(-1)!);
  }

  #repeat({ of, min, max, greedy }: Extract<Node, { kind: 'repeat' }>, next: number): number {
    let start = next;
    if (max === Infinity) {
      start = this.add({ op: 'match' });
      const again = this.write(of, start);
      this.instructions[start] = split(again, next, greedy);
    }
    for (let left = max === Infinity ? 0 : max - min; left > 0; left -= 1) start = this.add(split(this.write(of, start), next, greedy));
    for (let left = min; left > 0; left -= 1) start = this.write(of, start);
    return start;
  }

  /** All characters of one byte are one instruction; the others are one for each of their bytes. */
  #character(of: Characters, next: number): number {
    const runs = utf8Of(of);
    const single = runs.filter((run) => run.length === 1).map(([range]) => range!);
    const longer = runs.filter((run) => run.length > 1).map((run) => this.#run(run, next));
    const starts = [...(single.length > 0 || runs.length === 0 ? [this.add({ op: 'byte', of: this.#set(single), next })] : []), ...longer];
    return this.#choice(starts);
  }

  #run(run: ByteRanges, next: number): number {
    return run.reduceRight((after, [low, high]) => this.add({ op: 'byte', of: this.#set([[low, high]]), next: after }), next);
  }

  /** Equal sets are one object. */
  #set(ranges: ByteRanges): ByteSet {
    const key = ranges.join(' ');
    let set = this.#sets.get(key);
    if (!set) {
      set = new Uint8Array(256);
      for (const [low, high] of ranges) set.fill(1, low, high + 1);
      this.#sets.set(key, set);
    }
    return set;
  }
}

function split(again: number, next: number, greedy: boolean): Instruction {
  return greedy ? { op: 'split', first: again, second: next } : { op: 'split', first: next, second: again };
}
