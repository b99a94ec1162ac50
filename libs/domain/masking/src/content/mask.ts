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
  let from = 0;
  for (const span of spans) {
    parts.push(value.subarray(from, span.start), placeholder(value, span, form));
    from = span.end;
  }
  parts.push(value.subarray(from));
  return Buffer.concat(parts);
}

/** Outside a JSON string a word would break the document, so a number becomes `null` there. */
function placeholder(value: Buffer, span: ContentSpan, form: 'text' | 'json'): Buffer {
  return form === 'json' && !insideJsonString(value, span.start) ? JSON_NULL : PLACEHOLDER[span.kind];
}

function insideJsonString(value: Buffer, offset: number): boolean {
  let inside = false;
  for (let at = 0; at < offset; at += 1) {
    if (inside && value[at] === BACKSLASH) at += 1;
    else if (value[at] === QUOTE) inside = !inside;
  }
  return inside;
}
