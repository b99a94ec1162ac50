import type { ContentKind } from '@interlock/contracts';
import { scanContent, type ContentSpan } from './scan.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const JSON_NULL = Buffer.from('null');

const PLACEHOLDER: Readonly<Record<ContentKind, Buffer>> = {
  card: Buffer.from('[card]'),
  email: Buffer.from('[email]'),
  'national-id': Buffer.from('[national-id]'),
};

/** A value with its sensitive content replaced; the very same buffer when there was none. */
export function maskContent(value: Buffer, kinds: readonly ContentKind[], form: 'text' | 'json' = 'text'): Buffer {
  const spans = scanContent(value, kinds);
  if (spans.length === 0) return value;
  const parts: Buffer[] = [];
  const strings = form === 'json' ? new JsonStrings(value) : undefined;
  let from = 0;
  for (const span of spans) {
    parts.push(value.subarray(from, span.start), placeholder(span, strings));
    from = span.end;
  }
  parts.push(value.subarray(from));
  return Buffer.concat(parts);
}

/** Outside a JSON string a word would break the document, so a number becomes `null` there. */
function placeholder(span: ContentSpan, strings: JsonStrings | undefined): Buffer {
  return strings && !strings.contains(span.start) ? JSON_NULL : PLACEHOLDER[span.kind];
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
