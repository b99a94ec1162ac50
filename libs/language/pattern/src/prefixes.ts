import type { Node } from './node.js';

/** What a match may begin with; `whole` where nothing of the node is left after it. */
interface Prefixes {
  readonly texts: readonly string[];
  readonly whole: boolean;
}

const MOST = 48;
const LONGEST = 16;
/** From so many characters on, a text is told well enough and not multiplied any more. */
const ENOUGH = 4;
const EMPTY: Prefixes = { texts: [''], whole: false };

/**
 * Texts in lower case of which every match begins with one, whatever its case; empty where none can be named. No text of them
 * begins with another.
 */
export function prefixesOf(node: Node): readonly string[] {
  const { texts } = prefixes(node);
  return texts.includes('') ? [] : texts.filter((text) => !texts.some((other) => other !== text && text.startsWith(other)));
}

function prefixes(node: Node): Prefixes {
  switch (node.kind) {
    case 'character':
      return charactersOf(node);
    case 'edge':
      return { texts: [''], whole: true };
    case 'sequence':
      return node.parts.reduce(then, { texts: [''], whole: true });
    case 'choice':
      return eitherOf(node.options.map(prefixes));
    case 'repeat':
      return repeated(node);
  }
}

function charactersOf({ of }: Extract<Node, { kind: 'character' }>): Prefixes {
  const texts = new Set<string>();
  for (const [first, last] of of) {
    if (last > 0x7f || last - first > MOST) return EMPTY;
    for (let character = first; character <= last; character += 1) texts.add(String.fromCharCode(character).toLowerCase());
  }
  return texts.size === 0 || texts.size > 16 ? EMPTY : { texts: [...texts], whole: true };
}

function then(before: Prefixes, part: Node): Prefixes {
  if (!before.whole) return before;
  const after = prefixes(part);
  if (after.texts.length > 1 && before.texts.every((text) => text.length >= ENOUGH)) return { ...before, whole: false };
  const texts = new Set(before.texts.flatMap((one) => after.texts.map((other) => one + other)));
  if (texts.size > MOST || [...texts].some((text) => text.length > LONGEST)) return { ...before, whole: false };
  return { texts: [...texts], whole: after.whole };
}

function eitherOf(options: readonly Prefixes[]): Prefixes {
  const texts = new Set(options.flatMap((option) => option.texts));
  return texts.size > MOST ? EMPTY : { texts: [...texts], whole: options.every(({ whole }) => whole) };
}

function repeated({ of, min, max }: Extract<Node, { kind: 'repeat' }>): Prefixes {
  let all: Prefixes = { texts: [''], whole: true };
  for (let left = Math.min(min, LONGEST); left > 0 && all.whole; left -= 1) all = then(all, of);
  if (max === min || !all.whole) return min > LONGEST ? { ...all, whole: false } : all;
  if (min === 0 && max === 1) return eitherOf([prefixes(of), { texts: [''], whole: true }]);
  return { ...all, whole: false };
}
