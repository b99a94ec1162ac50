import { Keywords } from '@interlock/language-pattern';
import { CompiledKind } from './compiled-kind.js';
import { ARMOUR_BYTES, BEFORE_BYTES } from './kind.js';
import { SECRET_KINDS } from './kinds.js';
import { entropyOf, isName, isNoValue, isReference, standsForAValue } from './lookalike.js';

/** Where a secret lies, in bytes, `end` exclusive. */
export interface SecretSpan {
  readonly start: number;
  readonly end: number;
  /** Id of its kind. */
  readonly kind: string;
  /** How sure the find is, up to 1. */
  readonly score: number;
}

/** A secret is told up to this length; what is longer, to there. It is also what one keyword may cost in steps. */
const LONGEST_BYTES = 4_096;
const LONGEST_KEYWORD_BYTES = 32;
/** How much of a text has to be in hand, before a place and after it, to find what begins there. */
export const SECRET_REACH_BYTES = { before: 128, after: ARMOUR_BYTES + BEFORE_BYTES + 64 } as const;

const NONE: readonly SecretSpan[] = [];
/** Longer texts, private keys, are not held against words of documentation. */
const PLAUSIBLE_PLACEHOLDER_BYTES = 300;

interface Trial {
  readonly compiled: CompiledKind;
  readonly keyword: string;
}

interface Finder {
  readonly keywords: Keywords;
  /** By keyword. */
  readonly trials: readonly (readonly Trial[])[];
}

let finder: Finder | undefined;

function finderOf(): Finder {
  if (finder) return finder;
  const byWord = new Map<string, Trial[]>();
  for (const kind of SECRET_KINDS) {
    const compiled = new CompiledKind(kind);
    for (const keyword of compiled.keywords) byWord.set(keyword, [...(byWord.get(keyword) ?? []), { compiled, keyword }]);
  }
  return (finder = { keywords: new Keywords([...byWord.keys()]), trials: [...byWord.values()] });
}

/**
 * Finds secrets in one pass for the words that every secret has in or before it, and tries a kind only where a word of it stands. Spans are in
 * order and do not overlap: where finds do, they are one, of the surest kind.
 */
export function findSecrets(bytes: Uint8Array): readonly SecretSpan[] {
  const found = secretsTold(bytes, 0, bytes.length);
  return found.length === 0 ? NONE : joined(found);
}

/**
 * The secrets that are told by words that end after `from`, up to `until`, in any order, overlapping where kinds do: for a text that comes in pieces, each
 * of whose stretches is asked about once. It reads `SECRET_REACH_BYTES` around the stretch.
 */
export function secretsTold(bytes: Uint8Array, from: number, until: number): readonly SecretSpan[] {
  const { keywords, trials } = finderOf();
  let found: SecretSpan[] | undefined;
  keywords.scan(bytes, (keyword, end) => {
    if (end <= from) return;
    for (const trial of trials[keyword]!) {
      const span = tried(trial, bytes, end);
      if (span) (found ??= []).push(span);
    }
  }, Math.max(0, from - LONGEST_KEYWORD_BYTES), until);
  return found ?? NONE;
}

/** Whether a name, of a column for example, has a word in it that tells of a secret behind it. */
export function tellsOfSecret(name: string): boolean {
  let tells = false;
  finderOf().keywords.scan(Buffer.from(name), () => (tells = true));
  return tells;
}

function tried({ compiled: { kind, parts }, keyword }: Trial, bytes: Uint8Array, keywordEnd: number): SecretSpan | undefined {
  if (kind.behindKeyword) return secretAt(kind, parts, bytes, keywordEnd);
  const first = keywordEnd - keyword.length;
  if (kind.beginsRun && goesOn(bytes, first, keyword)) return undefined;
  for (let start = Math.max(0, first - (kind.lead ?? 0)); start <= first; start += 1) {
    const span = isJoinedBefore(bytes, start) ? undefined : secretAt(kind, parts, bytes, start);
    if (span) return span;
  }
  return undefined;
}

/** How far back a run is looked at for an earlier keyword: within what a stream has in hand before a place. */
const RUN_BYTES = 64;

/** Whether the run of letters, digits, `-` and `_` that a keyword stands in has the same one before it: tried from each of many, a long run would be read as often. */
function goesOn(bytes: Uint8Array, at: number, keyword: string): boolean {
  for (let start = at - 1; start >= 0 && at - start <= RUN_BYTES && isOfRun(bytes[start]!); start -= 1) if (isAt(bytes, start, keyword) && !isJoinedBefore(bytes, start)) return true;
  return false;
}

function isOfRun(byte: number): boolean {
  return isAlphanumeric(byte) || byte === 0x2d || byte === 0x5f;
}

/** Keywords are in lower case, and met in any. */
function isAt(bytes: Uint8Array, start: number, keyword: string): boolean {
  for (let at = 0; at < keyword.length; at += 1) if (((bytes[start + at] ?? 0) | 0x20) !== keyword.charCodeAt(at)) return false;
  return true;
}

function secretAt(kind: CompiledKind['kind'], { before, secret, after }: CompiledKind['parts'], bytes: Uint8Array, at: number): SecretSpan | undefined {
  const start = before ? before.endFrom(bytes, at, Math.min(bytes.length, at + BEFORE_BYTES)) : at;
  if (start < 0) return undefined;
  const end = secret.endFrom(bytes, start, Math.min(bytes.length, start + (kind.longest ?? LONGEST_BYTES)));
  if (end < 0 || !endsThere(kind, after, bytes, end)) return undefined;
  const score = scoreOf(kind, bytes, start, end);
  return score === 0 ? undefined : { start, end, kind: kind.id, score };
}

function endsThere(kind: CompiledKind['kind'], after: CompiledKind['parts']['after'], bytes: Uint8Array, end: number): boolean {
  if (after) return after.endFrom(bytes, end, Math.min(bytes.length, end + 64)) >= 0;
  return kind.after === '' || !isAlphanumeric(bytes[end]);
}

/** 0 for what only looks like a secret. */
function scoreOf(kind: CompiledKind['kind'], bytes: Uint8Array, start: number, end: number): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  if (isLookAlike(kind, text)) return 0;
  if (kind.entropy !== undefined && entropyOf(text) < kind.entropy) return 0;
  if (!kind.check) return kind.score;
  if (kind.check.passes(text)) return Math.min(1, kind.score + 0.09);
  return kind.check.required ? 0 : kind.score;
}

function isLookAlike({ wary }: CompiledKind['kind'], text: string): boolean {
  if (text.length <= PLAUSIBLE_PLACEHOLDER_BYTES && standsForAValue(text)) return true;
  if (wary === undefined) return false;
  return isReference(text) || (wary !== 'of references' && isNoValue(text)) || (wary === 'of names' && isName(text));
}

/** A letter or digit before it makes it a part of something else; after a backslash it is the end of an escape, as in `\nghp_`. */
function isJoinedBefore(bytes: Uint8Array, start: number): boolean {
  return isAlphanumeric(bytes[start]) && isAlphanumeric(bytes[start - 1]) && bytes[start - 2] !== 0x5c;
}

function isAlphanumeric(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a);
}

/** Finds that overlap become one, as long as all of them, of the surest kind. */
function joined(found: readonly SecretSpan[]): readonly SecretSpan[] {
  const spans: SecretSpan[] = [];
  for (const span of found.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    const last = spans.at(-1);
    if (!last || span.start >= last.end) spans.push(span);
    else spans[spans.length - 1] = { ...(span.score > last.score ? span : last), start: last.start, end: Math.max(last.end, span.end) };
  }
  return spans;
}
