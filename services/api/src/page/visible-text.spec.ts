import { describe, expect, it } from 'vitest';
import { escaped, printable } from '@interlock/kernel';
import { blocksOf, stretchesOf, type Block } from './visible-text.js';

const shown = (text: string) => stretchesOf(text).map(({ kind, text: piece }) => (kind === 'plain' ? piece : `[${kind}:${piece}]`)).join('');

describe('a text as its reader must see it', () => {
  it.each([
    ['select 1\n\twhere x', 'select 1\n\twhere x'],
    ['a\u202Eb', 'a[escape:\\u{202e}]b'],
    ['a\u200Bb\uFEFF', 'a[escape:\\u{200b}]b[escape:\\u{feff}]'],
    ['a\r\nb\u0000', 'a[escape:\\u{d}]\nb[escape:\\u{0}]'],
    ['a\u00A0b\u2003c', 'a[escape:\\u{a0}]b[escape:\\u{2003}]c'],
    ['x\u3164y\uFE0F', 'x[escape:\\u{3164}]y[escape:\\u{fe0f}]'],
    ['\uD800', '[escape:\\u{d800}]'],
    ['\u{E0041}', '[escape:\\u{e0041}]'],
    ['οrders', '[foreign:ο]rders'],
    ['naïve "日本"', 'na[foreign:ï]ve "[foreign:日本]"'],
    ['é\u202Eé', '[foreign:é][escape:\\u{202e}][foreign:é]'],
    ['\\u{202E}', '\\u{202E}'],
    ['', ''],
  ])('%j', (text, expected) => expect(shown(text)).toBe(expected));

  it('writes whatever is escaped anywhere as it is written there', () => {
    const unseen = Array.from({ length: 0x11_0000 }, (_, code) => String.fromCodePoint(code)).filter((mark) => printable(mark) !== mark && mark !== '\n' && mark !== '\t');
    expect(unseen.length).toBeGreaterThan(100_000);
    expect(unseen.filter((mark) => { const [one, ...more] = stretchesOf(mark); return one?.kind !== 'escape' || one.text !== escaped(mark) || more.length > 0; })).toEqual([]);
  });
});

const whole = (blocks: readonly Block[]) => blocks.map(({ stretches, goesOn }, at) => stretches.map(({ text }) => text).join('') + (goesOn || at === blocks.length - 1 ? '' : '\n')).join('');

describe('a long text', () => {
  it.each([
    ['many short lines', 'select 1;\n'.repeat(100_000).slice(0, -1)],
    ['one long line', 'x'.repeat(1_000_000)],
    ['a million line breaks', `${'\n'.repeat(1_000_000)}x`],
    ['pairs at every border', '😀'.repeat(10_000)],
  ])('of %s is whole in its blocks, none of them large', (_what, text) => {
    const blocks = blocksOf(text);
    expect(whole(blocks) === text).toBe(true);
    expect(Math.max(...blocks.map((block) => block.stretches.reduce((sum, { text: piece }) => sum + piece.length, 0)))).toBeLessThanOrEqual(4_000);
    expect(blocks.flatMap(({ stretches }) => stretches).some(({ kind }) => kind === 'escape')).toBe(false);
  });
});
