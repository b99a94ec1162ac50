import { shapeOf } from './shape.js';

/**
 * The text with `…` in place of every literal, for readers who must not see values; undefined when it is not sure where its
 * literals are (comments, `E'…'`, dollar quotes and the like): such a text is not for them at all.
 */
export function withoutLiterals(text: string): string | undefined {
  const spans = shapeOf(text)?.spans;
  if (!spans) return undefined;
  const edges = [0, ...spans, text.length];
  const between = Array.from({ length: edges.length / 2 }, (_, at) => text.slice(edges[2 * at], edges[2 * at + 1]));
  return between.join('…');
}
