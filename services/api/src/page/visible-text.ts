/** A stretch of text as a reader must see it. */
export interface Stretch {
  /** `escape`: written out, because nobody could see it, or it would move what stands around it. `foreign`: not ASCII, and easily taken for it. */
  readonly kind: 'plain' | 'escape' | 'foreign';
  readonly text: string;
}

/** A part of a text that is laid out on its own. */
export interface Block {
  readonly stretches: readonly Stretch[];
  /** Its last line goes on in the next block. */
  readonly goesOn: boolean;
}

const HIDDEN = String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}`;
const PARTS = new RegExp(String.raw`(${HIDDEN})|((?:(?!${HIDDEN})\P{ASCII})+)`, 'gu');

/**
 * What a text is, character by character: control, bidirectional, zero-width and other invisible characters, and spaces that are no
 * plain space, are written as `\u{202e}`, as everywhere else (`escaped` of the kernel, which a browser does not load; its spec holds the two together).
 * Line breaks and tabs stay.
 */
export function stretchesOf(text: string): Stretch[] {
  const found: Stretch[] = [];
  const add = (kind: Stretch['kind'], piece: string): void => {
    const last = found.at(-1);
    if (last?.kind === 'plain' && kind === 'plain') found[found.length - 1] = { kind, text: last.text + piece };
    else if (piece !== '') found.push({ kind, text: piece });
  };
  let at = 0;
  for (const match of text.matchAll(PARTS)) {
    add('plain', text.slice(at, match.index));
    const [whole, hidden] = match;
    if (hidden === '\n' || hidden === '\t') add('plain', hidden);
    else if (hidden === undefined) add('foreign', whole);
    else add('escape', `\\u{${hidden.codePointAt(0)!.toString(16)}}`);
    at = match.index + whole.length;
  }
  add('plain', text.slice(at));
  return found;
}

/** Characters of a block; a browser lays out so many at once without a pause, and skips blocks that are out of sight. */
const BLOCK_CHARACTERS = 4_000;
const BLOCK_LINES = 100;

/** A text of any length in blocks, parted at line breaks where there are any. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < text.length;) {
    const end = endOfBlock(text, at);
    const isBreak = text[end - 1] === '\n';
    blocks.push({ stretches: stretchesOf(text.slice(at, isBreak ? end - 1 : end)), goesOn: !isBreak && end < text.length });
    at = end;
  }
  return blocks;
}

function endOfBlock(text: string, at: number): number {
  const limit = Math.min(text.length, at + BLOCK_CHARACTERS);
  let end = at;
  for (let lines = 0; lines < BLOCK_LINES; lines += 1) {
    const next = text.indexOf('\n', end);
    if (next < 0 || next >= limit) break;
    end = next + 1;
  }
  if (end > at || limit === text.length) return end > at ? end : limit;
  const isSplitPair = /[\uD800-\uDBFF]/.test(text[limit - 1]!) && /[\uDC00-\uDFFF]/.test(text[limit]!);
  return isSplitPair ? limit - 1 : limit;
}
