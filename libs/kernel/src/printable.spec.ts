import { describe, expect, it } from 'vitest';
import { faithful, printable, printableLines } from './printable.js';

describe('text from outside', () => {
  it.each<[string, string, string]>([
    ['what changes direction', 'a\u202eb\u2066', 'a\\u{202e}b\\u{2066}'],
    ['what has no width', 'a\u200bb\u2060\ufeff\u034f\u3164\ufe0f', 'a\\u{200b}b\\u{2060}\\u{feff}\\u{34f}\\u{3164}\\u{fe0f}'],
    ['what a terminal acts on', '\u001b[2J\u0007\u009b', '\\u{1b}[2J\\u{7}\\u{9b}'],
    ['spaces that are none to a target', 'a\u00a0b\u3000\u2800', 'a\\u{a0}b\\u{3000}\\u{2800}'],
    ['what is not in Unicode', '\ud800\ue000', '\\u{d800}\\u{e000}'],
    ['nothing of ordinary text', "Łódź 日本 'x' \u00e9 😀", "Łódź 日本 'x' \u00e9 😀"],
  ])('shows %s', (_what, text, shown) => {
    expect(printable(text)).toBe(shown);
    expect(printable(shown)).toBe(shown);
  });

  it('keeps its lines', () => expect([printableLines('a\n\tb\r'), printable('a\nb')]).toEqual(['a\n\tb\\u{d}', 'a\\u{a}b']));

  it('that people agree to is shown as no other text is', () => {
    const texts = ['a\u202e', 'a\\u{202e}', 'a\\u{5c}u{202e}', 'a\\\\u{202e}'];
    expect(new Set(texts.map(faithful)).size).toBe(texts.length);
    expect(faithful('a\\u{202e}')).toBe('a\\u{5c}u{202e}');
  });
});
