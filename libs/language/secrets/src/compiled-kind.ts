import { compilePattern, prefixesIn, type Pattern } from '@interlock/language-pattern';
import type { SecretKind } from './kind.js';

/** A kind with its patterns, which are compiled when it is first met: most are never. */
export class CompiledKind {
  #parts: Parts | undefined;

  constructor(readonly kind: SecretKind) {}

  get parts(): Parts {
    return (this.#parts ??= {
      before: this.kind.before === undefined ? undefined : patternOf(this.kind.before, true),
      secret: patternOf(this.kind.secret, false),
      after: this.kind.after ? patternOf(this.kind.after, true) : undefined,
    });
  }

  /** Lower-case words of which one stands in every secret of this kind, or before it. */
  get keywords(): readonly string[] {
    const { kind } = this;
    const words = kind.keywords?.map((word) => word.toLowerCase()) ?? prefixesIn(kind.before ?? kind.secret, { ignoreCase: kind.before !== undefined });
    if (words.length === 0) throw new RangeError(`secret ${kind.id} needs keywords: its format begins with nothing in particular`);
    return [...new Set(words)];
  }
}

interface Parts {
  readonly before: Pattern | undefined;
  readonly secret: Pattern;
  readonly after: Pattern | undefined;
}

/** Many kinds have a part in common, such as what stands between a name and its value. */
const known = new Map<string, Pattern>();

function patternOf(text: string, ignoreCase: boolean): Pattern {
  const key = `${ignoreCase ? 'i' : 'c'}${text}`;
  let pattern = known.get(key);
  if (!pattern) {
    const compiled = compilePattern(text, { ignoreCase });
    if (!compiled.ok) throw new RangeError(`pattern ${text}: ${compiled.refusal.detail}`);
    known.set(key, (pattern = compiled.value));
  }
  return pattern;
}
