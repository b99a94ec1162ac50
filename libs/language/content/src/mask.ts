import type { Content } from '@interlock/contracts';
import { KINDS, type FoundKind } from './kinds.js';
import { netFor } from './net.js';
import type { Finding } from './scanner.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const JSON_NULL = Buffer.from('null');
const REDACTED_JSON = Buffer.from('"[redacted]"');
const PARTIAL_MINIMUM_CHARACTERS = 8;
const PLACEHOLDERS: ReadonlyMap<string, Buffer> = new Map((Object.keys(KINDS) as FoundKind[]).map((kind) => [kind, Buffer.from(`[${KINDS[kind].group ?? kind}]`)]));

/** What stands in the place of a finding: the name of its kind, or of its kind's group; where its last four characters stay, stars before them. */
export function placeholderOf({ kind, partial }: Finding, bytes: Uint8Array): Buffer {
  return (partial && lastFour(bytes)) ?? PLACEHOLDERS.get(kind) ?? Buffer.from(`[${kind}]`);
}

/** Undefined for what is so short that four characters would tell it. */
function lastFour(bytes: Uint8Array): Buffer | undefined {
  const characters = [...Buffer.from(bytes).toString()];
  return characters.length < PARTIAL_MINIMUM_CHARACTERS ? undefined : Buffer.from('*'.repeat(characters.length - 4) + characters.slice(-4).join(''));
}

/**
 * A value with its sensitive content replaced; the very same buffer when there was none. Outside a JSON string a word would break the
 * document, so a number becomes `null` there, its sign with it. `column` as for `ContentNet.find`.
 */
export function maskContent(value: Buffer, contents: readonly Content[], form: 'text' | 'json' = 'text', column?: string): Buffer {
  const net = netFor(contents);
  const found = net.find(value, column);
  if (found.length === 0) return value;
  const parts: Buffer[] = [];
  const strings = form === 'json' ? new JsonStrings(value) : undefined;
  let from = 0;
  for (const finding of found) {
    const inString = !strings || strings.contains(finding.start);
    const start = !inString && value[finding.start - 1] === MINUS ? finding.start - 1 : finding.start;
    parts.push(value.subarray(from, start), inString ? placeholderOf(finding, value.subarray(finding.start, finding.end)) : JSON_NULL);
    from = finding.end;
  }
  parts.push(value.subarray(from));
  const masked = Buffer.concat(parts);
  return strings && !net.others.isEmpty && !isJson(masked) ? REDACTED_JSON : masked;
}

/** What words and patterns find may begin or end anywhere, also in the middle of an escape: what is no JSON then is replaced as a whole. */
function isJson(text: Buffer): boolean {
  try {
    JSON.parse(text.toString());
    return true;
  } catch {
    return false;
  }
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
