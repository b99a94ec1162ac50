import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unifiedDiff } from './unified-diff.js';

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index + 1}`);
const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

/** What a diff leaves of each side: its lines and, from the heads, where they stand. */
function sides(diff: string, mark: '-' | '+'): string[] {
  return diff.split('\n').slice(2).filter((line) => line.startsWith(mark)).map((line) => line.slice(1));
}

describe('the unified diff', () => {
  it('is empty where nothing differs', () => expect(unifiedDiff('a', 'x\n', 'x\n')).toBe(''));

  it('tells a widened rule with the lines around it', () => {
    const before = text(['@id("r")', 'permit (', '  principal,', '  action in Action::"read",', '  resource in Target::"books"', ');']);
    expect(unifiedDiff('policies/a.cedar', before, before.replace('Action::"read"', 'Action::"write"'))).toBe([
      '--- a/policies/a.cedar', '+++ b/policies/a.cedar', '@@ -1,6 +1,6 @@', ' @id("r")', ' permit (', '   principal,', '-  action in Action::"read",', '+  action in Action::"write",', '   resource in Target::"books"', ' );', '',
    ].join('\n'));
  });

  it('has one hunk where two differences are near, two where they are far, each with the line it belongs to', () => {
    const lines = ['top:', ...numbered(30).map((line) => `  ${line}`)];
    const at = (...places: number[]): string => unifiedDiff('f', text(lines), text(lines.map((line, index) => (places.includes(index) ? `${line}!` : line))));
    expect(at(10, 16).match(/^@@.*$/gm)).toEqual(['@@ -8,13 +8,13 @@ top:']);
    expect(at(10, 18).match(/^@@.*$/gm)).toEqual(['@@ -8,7 +8,7 @@ top:', '@@ -16,7 +16,7 @@ top:']);
  });

  it('tells a file that is new, one that is gone, and a last line that does not end', () => {
    expect(unifiedDiff('f', undefined, 'a\nb')).toBe('--- /dev/null\n+++ b/f\n@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n');
    expect(unifiedDiff('f', 'a\n', undefined)).toBe('--- a/f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n');
    expect(unifiedDiff('f', 'a\n', 'a')).toContain('-a\n+a\n\\ No newline');
  });

  it('tells every line of texts too long to be compared pair by pair', () => {
    const [before, after] = [numbered(2_500), numbered(2_500).map((line) => `${line}!`)];
    const diff = unifiedDiff('f', text(before), text(after));
    expect([sides(diff, '-'), sides(diff, '+')]).toEqual([before, after]);
  });

  it('holds everything that leads from one text to the other, each line in its place', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', '  c', '', '-- d', '++ e'), { maxLength: 40 });
    const side = fc.tuple(lines, fc.boolean()).map(([some, ends]) => some.join('\n') + (ends && some.length > 0 ? '\n' : ''));
    fc.assert(fc.property(side, side, (before, after) => {
      expect(patched(before, unifiedDiff('f', before, after))).toBe(after);
    }));
  });
});

/** What a reader of the format makes of a text and a diff; fails where a hunk does not fit its place. */
function patched(before: string, diff: string): string {
  const old = linesOf(before);
  const young: string[] = [];
  let at = 0;
  for (const hunk of diff.split(/^(?=@@ )/m).slice(1)) {
    const [, first, count] = /^@@ -(\d+),(\d+) /.exec(hunk)!;
    const start = count === '0' ? Number(first) : Number(first) - 1;
    const body = linesOf(hunk.replaceAll('\n\\ No newline at end of file\n', '\u0000\n')).slice(1).map((line) => line.replace('\u0000\n', ''));
    const side = (others: string): string[] => body.filter((line) => line[0] !== others).map((line) => line.slice(1));
    expect(side('+')).toEqual(old.slice(start, start + Number(count)));
    young.push(...old.slice(at, start), ...side('-'));
    at = start + Number(count);
  }
  return [...young, ...old.slice(at)].join('');
}

function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
