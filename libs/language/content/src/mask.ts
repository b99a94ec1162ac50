import type { ContentKind } from '@interlock/contracts';
import { KINDS, type FoundKind } from './kinds.js';
import { netFor } from './net.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const JSON_NULL = Buffer.from('null');
const PLACEHOLDERS = new Map((Object.keys(KINDS) as FoundKind[]).map((kind) => [kind, Buffer.from(`[${KINDS[kind].group ?? kind}]`)]));

/** What stands in the place of a finding: the name of its kind, or of its kind's group. */
export function placeholderOf(kind: FoundKind): Buffer {
  return PLACEHOLDERS.get(kind)!;
}

/**
 * A value with its sensitive content replaced; the very same buffer when there was none. Outside a JSON string a word would break the
 * document, so a number becomes `null` there, its sign with it. `column` as for `ContentNet.find`.
 */
export function maskContent(value: Buffer, kinds: readonly ContentKind[], form: 'text' | 'json' = 'text', column?: string): Buffer {
  const found = netFor(kinds).find(value, column);
  if (found.length === 0) return value;
  const parts: Buffer[] = [];
  const strings = form === 'json' ? new JsonStrings(value) : undefined;
  let from = 0;
  for (const finding of found) {
    const inString = !strings || strings.contains(finding.start);
    const start = !inString && value[finding.start - 1] === MINUS ? finding.start - 1 : finding.start;
    parts.push(value.subarray(from, start), inString ? placeholderOf(finding.kind) : JSON_NULL);
    from = finding.end;
  }
  parts.push(value.subarray(from));
  return Buffer.concat(parts);
}

/** Where the strings of a JSON text lie, asked in ascending order, so that the text is walked once. */
class JsonStrings {
  #at = 0;
  #inside = false;

  constructor(private readonly text: Buffer) {}

  contains(offset: number): boolean {
    for (; this.#at < offset; this.#at += 1) {
      if (this.#inside && this.text[this.#at] === BACKSLASH) this.#at += 1;
      else if (this.text[this.#at] === QUOTE) this.#inside = !this.#inside;
    }
    return this.#inside;
  }
}
