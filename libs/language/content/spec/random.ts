/** The same numbers for the same seed, so that a run can be made again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** The next number from 0 below `below`. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** So many characters of an alphabet. */
  of(alphabet: string, count: number): string {
    return Array.from({ length: count }, () => alphabet[this.below(alphabet.length)]).join('');
  }

  digits(count: number): string {
    return this.of('0123456789', count);
  }

  /** A text in which `#` is a digit and `@` a capital letter. */
  like(form: string): string {
    return form.replace(/[#@]/g, (mark) => (mark === '#' ? this.digits(1) : this.of('ABCDEFGHIJKLMNOPQRSTUVWXYZ', 1)));
  }
}

export function padded(number: number, width: number): string {
  return String(number).padStart(width, '0');
}
