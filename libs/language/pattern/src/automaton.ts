import { byteClasses, type ByteClasses } from './byte-classes.js';
import { PATTERN_LIMITS } from './limits.js';
import type { Instruction, Program } from './program.js';
import { Unfit } from './unfit.js';
import { isWordAt, WORD_BYTES } from './word.js';

const DEAD = 0;

/**
 * A pattern as one table: states by classes of bytes. Each step costs the same, whatever the pattern and the text. An entry is the
 * number of the next state, doubled, plus one where a match ended before the byte that was read: so the edge of a word, which the byte
 * after it decides, costs nothing.
 */
export class Automaton {
  constructor(
    private readonly table: Uint16Array,
    private readonly classes: Uint8Array,
    private readonly width: number,
    /** Entries to begin with: after what is no part of a word, and after what is. */
    private readonly starts: readonly [number, number],
    /** Instructions looked at while it was built: its time and its size grow with them. */
    readonly steps: number,
  ) {}

  /** Where the match ends that begins at `at` and goes no further than `until`; -1 where there is none. */
  endFrom(bytes: Uint8Array, at: number, until: number): number {
    const { table, classes, width } = this;
    let entry = this.starts[isWordAt(bytes, at - 1) ? 1 : 0];
    let end = -1;
    for (let place = at; place < until; place += 1) {
      entry = table[(entry >> 1) * width + classes[bytes[place]!]!]!;
      if ((entry & 1) === 1) end = place;
      if (entry >> 1 === DEAD) return end;
    }
    return this.#endsBefore(entry, bytes, until) ? until : end;
  }

  /** Which bytes a match may begin with. */
  get begins(): Uint8Array {
    return this.classes.map((column) => Number(this.starts.some((start) => this.table[(start >> 1) * this.width + column]! >> 1 !== DEAD)));
  }

  /** Whether a match ends before what stands at `place`, which may be outside of the bytes. */
  #endsBefore(entry: number, bytes: Uint8Array, place: number): boolean {
    const outside = place < 0 || place >= bytes.length;
    return (this.table[(entry >> 1) * this.width + (outside ? this.width - 1 : this.classes[bytes[place]!]!)]! & 1) === 1;
  }
}

/** Builds the whole table. @throws Unfit where it takes more states, or more work, than `PATTERN_LIMITS`. */
export function automatonOf(program: Program): Automaton {
  return new Builder(program).build();
}

/** What may be read next, in order of preference, and whether a match ends here. */
interface Closed {
  readonly reads: readonly number[];
  readonly matches: boolean;
}

class Builder {
  readonly #instructions: readonly Instruction[];
  readonly #classes: ByteClasses;
  readonly #hasEdges: boolean;
  readonly #states = new Map<string, number>();
  readonly #kernels: { readonly kernel: readonly number[]; readonly afterWord: boolean }[] = [];
  readonly #seen: Uint32Array;
  #round = 0;
  #steps = 0;

  constructor(private readonly program: Program) {
    this.#instructions = program.instructions;
    this.#classes = byteClasses(program.instructions);
    this.#hasEdges = program.instructions.some(({ op }) => op === 'edge');
    this.#seen = new Uint32Array(program.instructions.length);
    this.#state([], false);
  }

  build(): Automaton {
    const starts = [false, true].map((afterWord) => this.#state([this.program.start], afterWord) * 2) as [number, number];
    const width = this.#classes.samples.length + 1;
    const rows: number[][] = [];
    for (let state = 0; state < this.#kernels.length; state += 1) rows.push(this.#row(state));
    const table = new Uint16Array(rows.length * width);
    rows.forEach((row, index) => table.set(row, index * width));
    return new Automaton(table, this.#classes.of, width, starts, this.#steps);
  }

  #row(state: number): number[] {
    const { kernel, afterWord } = this.#kernels[state]!;
    const within = this.#close(kernel, false);
    const atEdge = this.#hasEdges ? this.#close(kernel, true) : within;
    const row = this.#classes.samples.map((byte) => {
      const intoWord = WORD_BYTES[byte] === 1;
      const { reads, matches } = intoWord === afterWord ? within : atEdge;
      return this.#state(this.#step(reads, byte), intoWord) * 2 + Number(matches);
    });
    return [...row, Number((afterWord ? atEdge : within).matches)];
  }

  /** The number of a state, a new one where it was not met before. */
  #state(kernel: readonly number[], afterWord: boolean): number {
    const told = this.#hasEdges && kernel.length > 0 && afterWord;
    const key = told ? `w${kernel.join()}` : kernel.join();
    let state = this.#states.get(key);
    if (state === undefined) {
      state = this.#kernels.length;
      if (state >= PATTERN_LIMITS.states) throw tooLarge(`more than ${PATTERN_LIMITS.states} states`);
      this.#states.set(key, state);
      this.#kernels.push({ kernel, afterWord: told });
    }
    return state;
  }

  /** Follows everything that reads no byte. What is less preferred than a match is left out. */
  #close(kernel: readonly number[], atEdge: boolean): Closed {
    const reads: number[] = [];
    const open = kernel.toReversed();
    this.#round += 1;
    while (open.length > 0) {
      const at = open.pop()!;
      if (this.#seen[at] === this.#round) continue;
      this.#seen[at] = this.#round;
      this.#work();
      const instruction = this.#instructions[at]!;
      if (instruction.op === 'byte') reads.push(at);
      else if (instruction.op === 'split') open.push(instruction.second, instruction.first);
      else if (instruction.op === 'edge' && atEdge !== instruction.negated) open.push(instruction.next);
      else if (instruction.op === 'match') return { reads, matches: true };
    }
    return { reads, matches: false };
  }

  #step(reads: readonly number[], byte: number): readonly number[] {
    const kernel = new Set<number>();
    for (const at of reads) {
      this.#work();
      const instruction = this.#instructions[at]!;
      if (instruction.op === 'byte' && instruction.of[byte] === 1) kernel.add(instruction.next);
    }
    return [...kernel];
  }

  #work(): void {
    if ((this.#steps += 1) > PATTERN_LIMITS.steps) throw tooLarge('more work than a pattern may take');
  }
}

function tooLarge(what: string): Unfit {
  return new Unfit('pattern_too_large', 0, `its automaton takes ${what}; repeat less, or write what is repeated so that it does not begin like what comes before or after it`);
}
