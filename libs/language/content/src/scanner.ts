import { ipv6End, ipv6Start, macEnd } from './address.js';
import { COLON, DASH, isDigit, isHex, isLetter, isWord, pastEscape, SLASH, startsAlone } from './bytes.js';
import { Context, REACH_BEFORE } from './context.js';
import { base58End, bech32End, ethereumEnd } from './crypto-address.js';
import { domainEnd, localPartStart } from './email.js';
import { ibanEnd } from './iban.js';
import type { FoundKind } from './kinds.js';
import { internationalEnd } from './phone.js';
import { LONGEST_RUN } from './recognizer.js';
import { TRIGGER, type ContentTable, type Supported } from './table.js';
import { hasCredentials, schemeStart, urlEnd, wwwEnd, wwwStart } from './url.js';

/** Something sensitive in a text: where it lies, in bytes, `end` exclusive; what it is; how sure that is, 0 to 1. */
export interface Finding {
  readonly start: number;
  readonly end: number;
  /** A kind that comes with Interlock, or the id of a recognizer of the configuration. */
  readonly kind: FoundKind | (string & {});
  readonly score: number;
  /** Its last four characters stay. */
  readonly partial?: true;
}

/** What lies before a byte by which something is recognised, at most, bytes: the local part of an e-mail address. */
export const LOOKBACK = 80;
/** What a look reads before the byte in hand, at most. */
export const BEHIND = LOOKBACK + REACH_BEFORE;

/** Classes of words that a schema speaks for. */
export type Hint = ReadonlySet<number>;

/**
 * One pass over a text, which may come in pieces: each step looks at one byte, reads no further than the table says, and depends on
 * nothing but the steps before it, so that what is found does not depend on where the text was cut.
 */
export class Scanner {
  readonly #table: ContentTable;
  readonly #context: Context;
  #hint: Hint | undefined;
  #found: Finding[] = [];
  /** The next byte to look at, counted from the start of the text. */
  #at = 0;

  constructor(table: ContentTable) {
    this.#table = table;
    this.#context = new Context(table.vocabulary);
  }

  get at(): number {
    return this.#at;
  }

  /** Findings in order, which do not overlap; the last ones may still be replaced by what begins before them. */
  get found(): Finding[] {
    return this.#found;
  }

  reset(hint: Hint | undefined): void {
    this.#hint = hint;
    this.#found = [];
    this.#at = 0;
    this.#context.reset();
  }

  /** Goes on to `stop` in `bytes`, of which the first is the text's byte `base`. */
  scan(bytes: Uint8Array, base: number, stop: number): void {
    const { triggers } = this.#table;
    let at = this.#at - base;
    while (at < stop) {
      const trigger = triggers[bytes[at]!]!;
      at = trigger === TRIGGER.none ? at + 1 : this.#look(trigger, bytes, base, at);
    }
    this.#at = base + at;
  }

  /** The next byte to look at. */
  #look(trigger: number, bytes: Uint8Array, base: number, at: number): number {
    switch (trigger) {
      case TRIGGER.digit:
        return this.#number(bytes, base, at);
      case TRIGGER.at:
        return this.#email(bytes, base, at);
      case TRIGGER.colon:
        return bytes[at + 1] === SLASH ? this.#url(bytes, base, at) : this.#address(bytes, base, at);
      case TRIGGER.plus:
        return this.#phone(bytes, base, at);
      default:
        return this.#www(bytes, base, at);
    }
  }

  #number(bytes: Uint8Array, base: number, run: number): number {
    const before = run > 0 ? bytes[run - 1] : undefined;
    if (isDigit(before)) return run + 1;
    let runEnd = run + 1;
    while (runEnd < bytes.length && runEnd - run <= LONGEST_RUN && isDigit(bytes[runEnd])) runEnd += 1;
    const follows = runEnd < bytes.length ? bytes[runEnd] : undefined;
    const afterLetter = isLetter(before) && pastEscape(bytes, run - 1) !== run;
    const recognizers = this.#table.startingWith(runEnd - run, follows, afterLetter);
    const end = recognizers.length > 0 ? this.#recognized(recognizers, bytes, base, run, runEnd) : -1;
    if (end > 0) return end;
    if (afterLetter) return this.#lettered(bytes, base, run, runEnd);
    if (isLetter(follows)) return this.#wallet(bytes, base, run, runEnd);
    return before === DASH || follows === DASH ? this.#dashedMac(bytes, base, run, runEnd) : runEnd;
  }

  /** End of the first strong candidate, or of the weak one whose word is nearest; -1 where there is none. */
  #recognized(recognizers: readonly Supported[], bytes: Uint8Array, base: number, run: number, runEnd: number): number {
    let best: Supported | undefined;
    let [bestStart, bestEnd, nearest] = [0, 0, -1];
    for (const recognizer of recognizers) {
      // The strong ones come first; of what is part of something longer, or has no word around it, no weak one is worth a look.
      if (recognizer.needs.length > 0 && !this.#mayBeWeak(recognizer, bytes, base, run, runEnd)) break;
      const end = recognizer.match(bytes, run, runEnd);
      if (end < 0) continue;
      const start = recognizer.startOf?.(bytes, run) ?? run;
      if (recognizer.shunned >= 0 && this.#context.followsWord(recognizer.shunned, bytes, start)) continue;
      if (recognizer.needs.length === 0) return this.#accept(base, start, end, recognizer.kind, recognizer.score);
      const word = this.#support(recognizer, bytes, base, start, end);
      if (word <= nearest) continue;
      [best, bestStart, bestEnd, nearest] = [recognizer, start, end, word];
    }
    return best ? this.#accept(base, bestStart, bestEnd, best.kind, best.score) : -1;
  }

  #mayBeWeak({ afterLetter }: Supported, bytes: Uint8Array, base: number, run: number, runEnd: number): boolean {
    if (afterLetter !== true && !startsAlone(bytes, run)) return false;
    return this.#hint !== undefined || this.#context.readAround(bytes, base, run, runEnd);
  }

  /**
   * How near the word stands that supports a weak candidate, of several needed the farthest: the greater the nearer, -1 where one is missing. A word
   * that follows counts less than any before, and a schema more.
   */
  #support({ needs, within }: Supported, bytes: Uint8Array, base: number, start: number, end: number): number {
    this.#context.readAround(bytes, base, start, end);
    let support = Infinity;
    for (const need of needs) {
      if (this.#hint?.has(need) === true) continue;
      const word = this.#context.lastOf(need, base + start, within ?? REACH_BEFORE);
      support = Math.min(support, word < base + start ? word : 0);
    }
    return support;
  }

  /** A run right behind letters: of an IBAN, or of a Bitcoin address of the newer form. */
  #lettered(bytes: Uint8Array, base: number, run: number, runEnd: number): number {
    const iban = this.#table.hasIbans ? ibanEnd(bytes, run) : -1;
    if (iban > 0) return this.#accept(base, run - 2, iban, 'iban', 1);
    const address = this.#table.hasWallets && bytes[run] === 0x31 ? bech32End(bytes, run) : -1;
    return address > 0 ? this.#accept(base, run - 2, address, 'crypto-address', 1) : this.#dashedMac(bytes, base, run, runEnd);
  }

  /** A run that letters follow: of a wallet's address. */
  #wallet(bytes: Uint8Array, base: number, run: number, runEnd: number): number {
    if (!this.#table.hasWallets) return this.#dashedMac(bytes, base, run, runEnd);
    const first = bytes[run]!;
    const end = first === 0x30 && runEnd === run + 1 ? ethereumEnd(bytes, run) : first === 0x31 || first === 0x33 ? base58End(bytes, run) : -1;
    return end > 0 ? this.#accept(base, run, end, 'crypto-address', 0.95) : this.#dashedMac(bytes, base, run, runEnd);
  }

  /** Hardware addresses with dashes, from any octet that begins with a digit or has one. */
  #dashedMac(bytes: Uint8Array, base: number, run: number, runEnd: number): number {
    if (!this.#table.hasMacs || runEnd - run > 2) return runEnd;
    let start = run > 0 && runEnd === run + 1 && isHex(bytes[run - 1]) && !isHex(bytes[runEnd]) ? run - 1 : run;
    for (let octet = 0; octet < 5 && start >= 3 && bytes[start - 1] === DASH && isHex(bytes[start - 2]) && isHex(bytes[start - 3]); octet += 1) start -= 3;
    const end = bytes[start + 2] === DASH ? macEnd(bytes, start + 2) : -1;
    return end > 0 ? this.#accept(base, start, end, 'mac', 0.95) : runEnd;
  }

  #phone(bytes: Uint8Array, base: number, plus: number): number {
    const end = internationalEnd(bytes, plus);
    return end > 0 ? this.#accept(base, plus, end, 'phone', 0.9) : plus + 1;
  }

  #email(bytes: Uint8Array, base: number, at: number): number {
    const start = localPartStart(bytes, at);
    const end = start < at ? domainEnd(bytes, at + 1) : -1;
    return end > 0 ? this.#accept(base, start, end, 'email', 1) : at + 1;
  }

  #url(bytes: Uint8Array, base: number, colon: number): number {
    const start = schemeStart(bytes, colon);
    const end = start < colon - 1 ? urlEnd(bytes, start, colon + 3) : -1;
    if (end < 0) return colon + 1;
    const kind = this.#table.has('url-credentials') && hasCredentials(bytes, colon + 3) ? 'url-credentials' : 'url';
    return this.#table.has(kind) ? this.#accept(base, start, end, kind, 1) : colon + 1;
  }

  #www(bytes: Uint8Array, base: number, dot: number): number {
    const start = wwwStart(bytes, dot);
    const end = start < dot ? wwwEnd(bytes, start, dot) : -1;
    return end > 0 ? this.#accept(base, start, end, 'url', 0.85) : dot + 1;
  }

  /** An IPv6 address or a hardware address, at its first colon. */
  #address(bytes: Uint8Array, base: number, colon: number): number {
    const mac = this.#table.hasMacs && isHex(bytes[colon + 2]) ? macEnd(bytes, colon) : -1;
    if (mac > 0) return this.#accept(base, colon - 2, mac, 'mac', 0.95);
    const start = this.#table.hasIps && (isWord(bytes[colon + 1]) || bytes[colon + 1] === COLON) ? ipv6Start(bytes, colon) : -1;
    const end = start >= 0 ? ipv6End(bytes, start) : -1;
    return end > 0 ? this.#accept(base, start, end, 'ip', 0.9) : colon + 1;
  }

  /** What begins before earlier findings and reaches over them takes their place; what begins in one goes on where that ends. */
  #accept(base: number, start: number, end: number, kind: FoundKind, score: number): number {
    const found = this.#found;
    let from = base + start;
    for (let last = found.at(-1); last && last.end > from; last = found.at(-1)) {
      if (last.start < from) from = last.end;
      else found.pop();
    }
    if (from < base + end) found.push({ start: from, end: base + end, kind, score });
    return end;
  }
}
