import { accepted, sha256Hex, type Outcome } from '@interlock/kernel';
import { SQL_LIMITS } from './limits.js';
import { textTooLong, type SyntaxRefusal } from './parser/parse.js';
import { shapeOf } from './shape.js';

const LEFT_OUT = '<interlock: ';
/** How a told literal begins. No text that holds it is taken from a client, so that what is told cannot be imitated. */
const TOLD = `'${LEFT_OUT}`;

/**
 * A text as its event tells it: itself up to `SQL_LIMITS.wholeTextLength`; beyond, with each long string literal replaced by its size
 * and its SHA-256 (of the UTF-8 bytes between its quotes, doubled quotes as they stand). Refused (`statement_too_large`) when the
 * scanner is not sure where its literals are, or nothing in it is long enough to leave out; `invalid_text` when it imitates one.
 */
export function toldText(text: string): Outcome<string, SyntaxRefusal> {
  if (text.includes(TOLD)) return { ok: false, refusal: { reason: 'invalid_text', sqlState: '22023', detail: `a literal must not begin with ${LEFT_OUT}, which the gateway writes in place of long ones` } };
  if (text.length <= SQL_LIMITS.wholeTextLength) return accepted(text);
  const spans = text.includes('\0') ? undefined : shapeOf(text)?.spans;
  const told = spans === undefined ? text : withoutLong(text, spans);
  return told === text && text.length > SQL_LIMITS.textBytes ? { ok: false, refusal: textTooLong() } : accepted(told);
}

/** Whether a text, as {@link toldText} gives it, leaves literals out. */
export function leavesOut(told: string): boolean {
  return told.includes(TOLD);
}

/** Whether a literal of such a text may stand for another value, which is not known. */
export function isLeftOut(literal: string): boolean {
  return literal.startsWith(LEFT_OUT);
}

function withoutLong(text: string, spans: readonly number[]): string {
  const parts: string[] = [];
  let copied = 0;
  for (let at = 0; at < spans.length; at += 2) {
    const [start, end] = [spans[at]!, spans[at + 1]!];
    if (end - start <= SQL_LIMITS.literalLength) continue;
    const literal = Buffer.from(text.slice(start + 1, end - 1));
    parts.push(text.slice(copied, start), `${TOLD}${literal.length} bytes, SHA-256 ${sha256Hex(literal)}>'`);
    copied = end;
  }
  parts.push(text.slice(copied));
  return parts.join('');
}
