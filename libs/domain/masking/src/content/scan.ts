import type { ContentKind } from '@interlock/contracts';
import { AT, BYTE_CLASS, DIGIT, isDigit, isWord } from './bytes.js';
import { cardAt } from './card.js';
import { emailAround } from './email.js';
import { nationalIdAround, tokenEnd } from './national-id.js';

/** Where sensitive content lies in a text, in bytes, `end` exclusive. */
export interface ContentSpan {
  readonly start: number;
  readonly end: number;
  readonly kind: ContentKind;
}

const NONE: readonly ContentSpan[] = [];

/**
 * Finds sensitive content in one complete value, in one pass over its bytes. Spans are in order and do not overlap; at one
 * place a card wins over a national id.
 */
export function scanContent(bytes: Uint8Array, kinds: readonly ContentKind[]): readonly ContentSpan[] {
  const wanted = wantedKinds(kinds);
  let found: ContentSpan[] | undefined;
  let from = 0;
  let examined = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byteClass = BYTE_CLASS[bytes[at]!]!;
    if (byteClass === 0 || (byteClass & (DIGIT | AT)) === 0) continue;
    const span = byteClass === AT ? emailSpan(bytes, at, wanted) : (cardSpan(bytes, at, wanted) ?? (at >= examined ? nationalIdSpan(bytes, at, wanted) : undefined));
    if (span && span.start >= from) {
      (found ??= []).push(span);
      from = span.end;
      at = span.end - 1;
    } else if (byteClass === DIGIT) {
      if (wanted.nationalId && at >= examined) examined = tokenEnd(bytes, at);
      at = endOfDigits(bytes, at) - 1;
    }
  }
  return found ?? NONE;
}

type Wanted = Readonly<Record<'card' | 'email' | 'nationalId', boolean>>;

function wantedKinds(kinds: readonly ContentKind[]): Wanted {
  return { card: kinds.includes('card'), email: kinds.includes('email'), nationalId: kinds.includes('national-id') };
}

function emailSpan(bytes: Uint8Array, at: number, wanted: Wanted): ContentSpan | undefined {
  const span = wanted.email ? emailAround(bytes, at) : undefined;
  return span && { ...span, kind: 'email' };
}

function cardSpan(bytes: Uint8Array, at: number, wanted: Wanted): ContentSpan | undefined {
  const end = wanted.card ? cardAt(bytes, at) : -1;
  return end > 0 ? { start: at, end, kind: 'card' } : undefined;
}

function nationalIdSpan(bytes: Uint8Array, at: number, wanted: Wanted): ContentSpan | undefined {
  if (!wanted.nationalId || !mayBeToken(bytes, at)) return undefined;
  const span = nationalIdAround(bytes, at);
  return span && { ...span, kind: 'national-id' };
}

/** Numbers shorter than any identity number, standing alone, are the common case and end here. */
function mayBeToken(bytes: Uint8Array, at: number): boolean {
  const end = endOfDigits(bytes, at);
  const joinedAfter = isWord(bytes[end]) || ((bytes[end] === 0x2d || bytes[end] === 0x2e || bytes[end] === 0x2b) && isWord(bytes[end + 1]));
  return joinedAfter || end - at >= 8 || isWord(bytes[at - 1]);
}

function endOfDigits(bytes: Uint8Array, start: number): number {
  let end = start;
  while (isDigit(bytes[end])) end += 1;
  return end;
}
