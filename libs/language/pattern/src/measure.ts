import { unreachable } from '@interlock/kernel';
import type { Node } from './node.js';

/** How many bytes of UTF-8 a match has, at least and at most; `longest` is Infinity where nothing bounds it. */
export interface Extent {
  readonly shortest: number;
  readonly longest: number;
}

export function extentOf(node: Node): Extent {
  switch (node.kind) {
    case 'character':
      // A class without members matches nothing; it is taken as one byte, which is never found.
      return { shortest: bytesOf(node.of[0]?.[0] ?? 0), longest: bytesOf(node.of.at(-1)?.[1] ?? 0) };
    case 'edge':
      return { shortest: 0, longest: 0 };
    case 'sequence': {
      const parts = node.parts.map(extentOf);
      return { shortest: sum(parts.map(({ shortest }) => shortest)), longest: sum(parts.map(({ longest }) => longest)) };
    }
    case 'choice': {
      const options = node.options.map(extentOf);
      return { shortest: Math.min(...options.map(({ shortest }) => shortest)), longest: Math.max(...options.map(({ longest }) => longest)) };
    }
    case 'repeat': {
      const { shortest, longest } = extentOf(node.of);
      return { shortest: shortest * node.min, longest: node.max === 0 ? 0 : longest * node.max };
    }
    default:
      return unreachable(node);
  }
}

export function mayBeEmpty(node: Node): boolean {
  return extentOf(node).shortest === 0;
}

function bytesOf(character: number): number {
  if (character < 0x80) return 1;
  if (character < 0x800) return 2;
  return character < 0x1_0000 ? 3 : 4;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
