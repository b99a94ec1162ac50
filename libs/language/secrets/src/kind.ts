/**
 * One kind of secret, as data. What is looked for is `before`, then the secret itself, then `after`, each read as far as it goes and
 * none given back to the one before it; only the secret is told.
 */
export interface SecretKind {
  /** Stable, e.g. `github-token`. */
  readonly id: string;
  /** For people, e.g. `GitHub personal access token`. */
  readonly title: string;
  /** How sure a find is, up to 1: about 0.9 where the format says it all, 0.7 where a name stands before it, 0.4 where only a word like `password` does. */
  readonly score: number;
  /** The format, in the syntax of `@interlock/language-pattern`. */
  readonly secret: string;
  /** What stands before it; read in both cases. */
  readonly before?: string;
  /** What must follow; nothing that is part of a word follows where it is absent. */
  readonly after?: string;
  /** Words of which one is there; absent where the format itself begins with one. */
  readonly keywords?: readonly string[];
  /** The format begins behind the keyword, not with it. */
  readonly behindKeyword?: boolean;
  /** How many bytes of the format may stand before the keyword. */
  readonly lead?: number;
  /** It begins with a run of letters, digits, `-` and `_` without an end: where its keyword stands twice in one, the first is where it begins, and the second is not tried. */
  readonly beginsRun?: boolean;
  /** Bytes that are read of it at most, where that is not 4,096. */
  readonly longest?: number;
  /** Bits per character of the secret, at least: the entropy of its own distribution of characters. */
  readonly entropy?: number;
  /** Whether a secret of this kind is what it looks like. `required` drops what fails; else it only adds to the score. */
  readonly check?: { readonly passes: (secret: string) => boolean; readonly required: boolean };
  /** What beside words of documentation is no secret: a reference to a value elsewhere, or words too, or also names that end in digits. */
  readonly wary?: 'of references' | 'of words' | 'of names';
}

/** Longest secret of any kind: a private key in its armour, bytes. */
export const ARMOUR_BYTES = 16_384;

/** How far `before` goes, in bytes. */
export const BEFORE_BYTES = 352;

/** What may stand between a name and its value: in code, files of settings, JSON (also inside a string), XML, SQL, headers and flags. */
const BETWEEN = '(?: ?: ?(?:string|str) ?=)?[ \\t"\'`\\\\\\])>=:,(\\[|?]{1,12}(?:\\n[ \\t]{1,8})?(?:(?:bearer|basic|token) )?["\'`]?';
const NAMES = '(?:key|token|secret|pass|pwd|auth|cred|api|id|access|license|dsn|hook|pat|sid|sign)';
/** The rest of a name after the word that it was found by, and what stands before the value. */
const NAMED = `[ \\w.-]*?${NAMES}[\\w.-]*?${BETWEEN}`;
/** The same where the word says it all. A name that goes on to speak of a hash is no secret's. */
const ASSIGNED = `[\\w-]*?(?: ?: ?(?:string|str) ?=|["'\`\\\\\\]]{0,3}[ \\t]{0,4}(?:=>|:=|==|=|:|\\(|>|")|["'\`\\\\]{1,2}[ ]?,)[ \\t"'\`\\\\=>:,(\\[]{0,6}`;

/** A name that goes on is another name. */
const STRAIGHT = ASSIGNED.slice('[\\w-]*?'.length);

type More = Partial<Omit<SecretKind, 'id' | 'title' | 'secret'>>;

/** A format that is told by itself. */
export function token(id: string, title: string, secret: string, more: More = {}): SecretKind {
  return { id, title, score: 0.9, secret, ...more };
}

/** A value whose format is common, behind a name that holds one of `words` and says that it is a secret. */
export function named(id: string, title: string, words: readonly string[], secret: string, more: More = {}): SecretKind {
  return { id, title, score: 0.7, secret, before: NAMED, keywords: words, behindKeyword: true, entropy: secret.includes('a-f') ? 2.7 : 3, ...more };
}

/** A value behind a name that says no more than that it is a secret. Words joined by `_` may be joined by `-`, or by nothing. */
export function assigned(id: string, title: string, words: readonly string[], secret: string, more: More = {}): SecretKind {
  const keywords = words.flatMap((word) => ['_', '-', ''].map((joint) => word.replaceAll('_', joint)));
  return { id, title, score: 0.4, secret, before: ASSIGNED, keywords, behindKeyword: true, wary: 'of names', ...more };
}

/** The same for a word that begins many others. */
export function straight(id: string, title: string, words: readonly string[], secret: string, more: More = {}): SecretKind {
  return assigned(id, title, words, secret, { before: STRAIGHT, ...more });
}

/** What a password in an address is made of: what is printed, without spaces, quotes, `/`, `@`, `<`, `>` and the backslash. */
const IN_ADDRESS = '[!#-&(-.0-;=?A-\\[\\]-_a-~]{3,128}';

/** The password of an address `scheme://user:password@host`. */
export function address(id: string, title: string, scheme: string): SecretKind {
  return { id, title, score: 0.85, before: `${scheme}://[\\w.%+~*-]{0,64}:`, secret: IN_ADDRESS, after: '@[\\w.\\[$-]', wary: 'of references' };
}
