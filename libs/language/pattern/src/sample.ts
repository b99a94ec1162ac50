import { unreachable } from '@interlock/kernel';
import type { Characters } from './characters.js';
import type { Node } from './node.js';
import { parsePattern } from './parse.js';

/** At most so many more than a repetition's least. */
const MORE = 24;
/** Printed ASCII. */
const [FIRST, LAST] = [0x20, 0x7e];

/**
 * A text that a pattern matches, drawn with `below`, which answers a whole number below its argument: for examples and tests. Characters are
 * printed ASCII wherever the pattern leaves the choice. @throws Unfit where the pattern cannot be read
 */
export function sampleOf(pattern: string, below: (limit: number) => number): string {
  return written(parsePattern(pattern, false), below);
}

function written(node: Node, below: (limit: number) => number): string {
  switch (node.kind) {
    case 'character':
      return drawn(node.of, below);
    case 'edge':
      return '';
    case 'sequence':
      return node.parts.map((part) => written(part, below)).join('');
    case 'choice':
      return written(node.options[below(node.options.length)]!, below);
    case 'repeat':
      return Array.from({ length: node.min + below(Math.min(node.max - node.min, MORE) + 1) }, () => written(node.of, below)).join('');
    default:
      return unreachable(node);
  }
}

function drawn(of: Characters, below: (limit: number) => number): string {
  const printed = of.map(([first, last]) => [Math.max(first, FIRST), Math.min(last, LAST)] as const).filter(([first, last]) => first <= last);
  const ranges = printed.length > 0 ? printed : of;
  let left = below(ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0));
  for (const [first, last] of ranges) {
    if (left <= last - first) return String.fromCodePoint(first + left);
    left -= last - first + 1;
  }
  return '';
}
