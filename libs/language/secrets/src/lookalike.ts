/** Words of documentation: what holds one stands for a value. Only A repeats by chance, as zeros do in base 64. */
const STANDS_FOR = /example|placeholder|change.?me|replace.?(?:me|with)|your[_-]|redacted|dummy|(?:^|[_-])(?:sample|fake)(?:$|[_-])|insert.?here|x{5}|\*{3}|\.{3}|([^A])\1{6}/i;
/** Variables, templates and calls in a value's place. */
const REFERS = /^\$\{?[A-Za-z_][\w.:-]*\}?$|\$\{|\{\{|\}\}|^\$\(|^<[\w .:/-]+>?$|^%\w+%$|^%\(|^%[sdv]$|^\[[\w .-]+\]$|^@[A-Z]\w*\.|^@[\w-]+(?:\.[\w-]+|:\d{2,5}|\/)+|^(?:env|arn|ref|vault|file|secret):|process\.env|environ|getenv/i;
/** What is written in a value's place before there is one. */
const STANDS_FOR_NOTHING = /^(?:password|passwd|passphrase|pass|pwd|secret|token|key|user|username|none|null|nil|true|false|undefined|string|test|todo|tbd)\d?[,;)]?$/i;
const PATH = /^\.{0,2}\/[\w./-]*$|^[a-z]:[\\/]|^[a-z][a-z0-9+]*:\/\/|^[a-z]{2}-[a-z]+-\d:|\.(?:json|ya?ml|txt|pem|crt|key|env|js|ts|py|go|rb|php|sh|conf|html?)$/i;
const CODE = /^[a-z_]\w*(?:\.#?\w+)+\(?$|^[a-z_]\w*\(|::/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const VERSION_OR_TIME = /^v?\d+(?:[.:/-]\d+)+(?:[tT ][\d:.+-]+[zZ]?)?$/;
const HASH = /^(?:sha\d{1,3}|md5)[:=-]|^(?:pbkdf2|bcrypt|scrypt|argon2)/i;
const WORDS = /^(?:[A-Z]?[a-z]+|[A-Z]+)(?:[_ .\-/:]?(?:[A-Z]?[a-z]+|[A-Z]+))*[!?.:=]?$/;
const NAME_WITH_DIGITS = /^(?:[A-Z]?[a-z]+|[A-Z]+)(?:[_ .\-/:]?(?:[A-Z]?[a-z]+|[A-Z]+))*\d{1,3}[!?.:=]?$/;
const STEPS = 8;

/** Whether a text in a secret's place only looks like one: words of documentation, or steps such as 12345678. */
export function standsForAValue(text: string): boolean {
  return STANDS_FOR.test(text) || hasSteps(text);
}

/** Whether a text stands for a value that is elsewhere: a variable, a template, a call, or nothing yet. */
export function isReference(text: string): boolean {
  return REFERS.test(text) || STANDS_FOR_NOTHING.test(text);
}

/** Whether a text is a name, which may end in digits; a password may, too. */
export function isName(text: string): boolean {
  return !isDrawn(text) && NAME_WITH_DIGITS.test(text);
}

/** Whether a text that a name alone calls a secret is none: a reference, code, a path, words, a UUID, a time, a number. */
export function isNoValue(text: string): boolean {
  return isReference(text) || PATH.test(text) || UUID.test(text) || VERSION_OR_TIME.test(text) || HASH.test(text) || /^[\d.,]+$/.test(text) || (!isDrawn(text) && (CODE.test(text) || WORDS.test(text)));
}

/** Digits between letters, or letters that change their case within a word, more than once: names do not have that, what is drawn by chance does. */
function isDrawn(text: string): boolean {
  return (text.match(/[A-Za-z]\d+(?=[A-Za-z])|[a-z][A-Z](?=[a-z]?[A-Z])|[A-Z]{2}[a-z](?=[A-Z])/g)?.length ?? 0) >= 2;
}

/** Characters that follow each other as in an alphabet. */
function hasSteps(text: string): boolean {
  let steps = 1;
  for (let at = 1; at < text.length; at += 1) {
    const step = text.charCodeAt(at) - text.charCodeAt(at - 1);
    steps = step === 1 || (text[at] === '0' && text[at - 1] === '9') ? steps + 1 : 1;
    if (steps >= STEPS) return true;
  }
  return false;
}

/** Bits per character: the Shannon entropy of a text's own characters. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
