import { Unfit } from './unfit.js';

/** Reads a pattern's text character by character. */
export class Reader {
  #at = 0;

  constructor(private readonly text: string) {}

  get at(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at >= this.text.length;
  }

  /** The character in hand, empty at the end. */
  get now(): string {
    return this.done ? '' : String.fromCodePoint(this.text.codePointAt(this.#at)!);
  }

  sees(text: string): boolean {
    return this.text.startsWith(text, this.#at);
  }

  next(): string {
    const character = this.now;
    this.#at += character.length;
    return character;
  }

  /** Steps over `text` if it stands here. */
  takes(text: string): boolean {
    if (!this.sees(text)) return false;
    this.#at += text.length;
    return true;
  }

  /** Steps over what the pattern matches here; `pattern` is sticky. */
  takesMatch(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.text);
    if (match) this.#at += match[0].length;
    return match ?? undefined;
  }

  malformed(detail: string, at = this.#at): Unfit {
    return new Unfit('pattern_malformed', at, detail);
  }

  notLinear(detail: string, at = this.#at): Unfit {
    return new Unfit('pattern_not_linear', at, detail);
  }
}
