import { describe, expect, it } from 'vitest';
import { belowFrom, randomPattern, randomText } from '../spec/random-pattern.js';
import { compilePattern, prefixesIn, type Pattern } from './pattern.js';
import { sampleOf } from './sample.js';

const bytesOf = (text: string): Buffer => Buffer.from(text);

function search(pattern: string, ignoreCase = false): Pattern {
  const compiled = compilePattern(pattern, { ignoreCase });
  if (!compiled.ok) throw new Error(`${pattern}: ${compiled.refusal.detail}`);
  return compiled.value;
}

/** Every match, one after the other, as `matchAll` has them. */
function found(pattern: Pattern, text: string): readonly (readonly [number, number])[] {
  const bytes = bytesOf(text);
  const places: [number, number][] = [];
  for (let place = pattern.next(bytes, 0); place; place = pattern.next(bytes, place.end)) places.push([place.start, place.end]);
  return places;
}

function foundByRegExp(pattern: RegExp, text: string): readonly (readonly [number, number])[] {
  return [...text.matchAll(pattern)].map((match) => {
    const start = Buffer.byteLength(text.slice(0, match.index));
    return [start, start + Buffer.byteLength(match[0])];
  });
}

describe('a pattern finds', () => {
  it.each<[string, string, string[]]>([
    ['EMP-\\d{6}', 'EMP-123456, EMP-12345, xEMP-654321', ['EMP-123456', 'EMP-654321']],
    ['\\bEMP-\\d{6}\\b', 'EMP-123456, EMP-1234567, xEMP-654321', ['EMP-123456']],
    ['a|ab', 'ab', ['a']],
    ['ab|a', 'ab', ['ab']],
    ['(?:a|ab)(?:c|bcd)', 'abcd', ['abcd']],
    ['<.{1,20}?>', '<a> and <b>', ['<a>', '<b>']],
    ['<.{1,20}>', '<a> and <b>', ['<a> and <b>']],
    ['größe [ä-ü]{2}', 'größe äöx', ['größe äö']],
    ['[^,]{2,9}', 'ab,€😀,c', ['ab', '€😀']],
    ['\\x41\\u0042\\u{43}\\.', 'ABC.', ['ABC.']],
    ['(a)(b|c)', 'acab', ['ac', 'ab']],
  ])('%s', (pattern, text, expected) => {
    expect(found(search(pattern), text).map(([start, end]) => bytesOf(text).toString('utf8', start, end))).toEqual(expected);
  });

  it('ASCII letters in both cases, where that is asked for', () => {
    expect(found(search('key-[a-f]{2}', true), 'KEY-aF key-Xa')).toEqual([[0, 6]]);
    expect(found(search('key-[a-f]{2}'), 'KEY-aF')).toEqual([]);
    expect(found(search('[^a]b', true), 'AB cB')).toEqual([[3, 5]]);
  });

  it('nothing in bytes that are no UTF-8, and goes on after them', () => {
    const place = search('[^,]{2}').next(Buffer.from([0xff, 0x61, 0x80, 0x62, 0x63]), 0);
    expect(place).toEqual({ start: 3, end: 5 });
  });

  it('what JavaScript finds: 3,000 random patterns, 8 random texts each', () => {
    const below = belowFrom(20_261_128);
    let compared = 0;
    let matches = 0;
    for (let count = 0; count < 3_000; count += 1) {
      const pattern = randomPattern(below);
      const ignoreCase = below(4) === 0;
      const compiled = compilePattern(pattern, { ignoreCase });
      if (!compiled.ok) {
        expect(compiled.refusal.detail).toMatch(/may be empty|nothing at all|automaton takes/);
        continue;
      }
      const regExp = new RegExp(pattern, ignoreCase ? 'giu' : 'gu');
      for (let texts = 0; texts < 8; texts += 1) {
        const text = randomText(below, 24);
        const expected = foundByRegExp(regExp, text);
        expect({ pattern, ignoreCase, text, found: found(compiled.value, text) }).toEqual({ pattern, ignoreCase, text, found: expected });
        compared += 1;
        matches += expected.length;
      }
    }
    expect(compared).toBeGreaterThan(12_000);
    expect(matches).toBeGreaterThan(10_000);
  });

  it('at a given place what JavaScript finds there', () => {
    const below = belowFrom(7);
    let matches = 0;
    for (let count = 0; count < 1_000; count += 1) {
      const pattern = randomPattern(below);
      const compiled = compilePattern(pattern);
      if (!compiled.ok) continue;
      const regExp = new RegExp(pattern, 'yu');
      const text = randomText(below, 16);
      for (let at = 0; at <= text.length; at += 1) {
        if (/[\udc00-\udfff]/.test(text[at] ?? '')) continue;
        regExp.lastIndex = at;
        const match = regExp.exec(text);
        const start = Buffer.byteLength(text.slice(0, at));
        expect({ pattern, text, at, end: compiled.value.endFrom(bytesOf(text), start) }).toEqual({ pattern, text, at, end: match ? start + Buffer.byteLength(match[0]) : -1 });
        if (match) matches += 1;
      }
    }
    expect(matches).toBeGreaterThan(500);
  });
});

describe('a sample', () => {
  it('is matched by the pattern that it was drawn from', () => {
    const below = belowFrom(13);
    let drawn = 0;
    for (let count = 0; count < 500; count += 1) {
      const pattern = randomPattern(below).replace(/\\[bB](?![\\]_])/g, '');
      if (!compilePattern(pattern).ok) continue;
      expect(new RegExp(`^(?:${pattern})$`, 'u').test(sampleOf(pattern, below)), pattern).toBe(true);
      drawn += 1;
    }
    expect(drawn).toBeGreaterThan(200);
  });
});

describe('how long a match is, and what it begins with', () => {
  it.each<[string, { shortest: number; longest: number }, readonly string[]]>([
    ['EMP-\\d{6}', { shortest: 10, longest: 10 }, ['emp-']],
    ['\\bgh[pousr]_\\w{36}', { shortest: 40, longest: 40 }, ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_']],
    ['(?:postgres|postgresql)://.', { shortest: 12, longest: 17 }, ['postgres://', 'postgresql://']],
    ['a+', { shortest: 1, longest: Infinity }, ['a']],
    ['x?yz', { shortest: 2, longest: 3 }, ['xyz', 'yz']],
    ['\\d{4}', { shortest: 4, longest: 4 }, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']],
    ['[^a]b', { shortest: 2, longest: 5 }, []],
    ['ab*c', { shortest: 2, longest: Infinity }, ['a']],
  ])('%s', (pattern, extent, prefixes) => {
    const { extent: told, prefixes: begins } = search(pattern);
    expect(told).toEqual(extent);
    if (pattern === '\\d{4}') expect(begins.every((text) => /^\d+$/.test(text))).toBe(true);
    else expect(begins.toSorted()).toEqual(prefixes.toSorted());
    expect(prefixesIn(pattern)).toEqual(begins);
  });

  it('holds for every match of random patterns', () => {
    const below = belowFrom(11);
    let checked = 0;
    for (let count = 0; count < 1_000; count += 1) {
      const compiled = compilePattern(randomPattern(below));
      if (!compiled.ok) continue;
      const { extent: { shortest, longest }, prefixes } = compiled.value;
      const text = randomText(below, 30);
      for (const [start, end] of found(compiled.value, text)) {
        const match = bytesOf(text).toString('latin1', start).toLowerCase();
        expect(end - start).toBeGreaterThanOrEqual(shortest);
        expect(end - start).toBeLessThanOrEqual(longest);
        if (prefixes.length > 0) expect(prefixes.some((prefix) => match.startsWith(prefix))).toBe(true);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(500);
  });
});

describe('refused at its place is', () => {
  it.each<[string, string, number, RegExp]>([
    ['(?=a)b', 'pattern_not_linear', 0, /looking ahead or behind/],
    ['a(?<!b)c', 'pattern_not_linear', 1, /looking ahead or behind/],
    ['(a)\\1', 'pattern_not_linear', 3, /back-reference/],
    ['(?<n>a)\\k<n>', 'pattern_malformed', 0, /a group begins with/],
    ['^EMP', 'pattern_not_linear', 0, /anywhere/],
    ['EMP$', 'pattern_not_linear', 3, /anywhere/],
    ['(?:a?){3}', 'pattern_not_linear', 6, /may be empty/],
    ['(?:a*)*b', 'pattern_not_linear', 6, /may be empty/],
    ['a**', 'pattern_malformed', 1, /a repetition is repeated/],
    ['*a', 'pattern_malformed', 0, /stands for itself/],
    ['a{3,1}', 'pattern_malformed', 1, /less than/],
    ['[b-a]', 'pattern_malformed', 1, /ends before/],
    ['[\\d-z]', 'pattern_malformed', 1, /a range goes/],
    ['[abc', 'pattern_malformed', 0, /not closed/],
    ['(ab', 'pattern_malformed', 0, /not closed/],
    ['ab)', 'pattern_malformed', 2, /closes nothing/],
    ['\\q', 'pattern_malformed', 0, /no escape/],
    ['a\\', 'pattern_malformed', 1, /no escape/],
    ['\\u{d800}', 'pattern_malformed', 0, /no such character/],
    ['a*', 'pattern_malformed', 0, /nothing at all/],
    ['', 'pattern_malformed', 0, /nothing at all/],
    ['x'.repeat(1_001), 'pattern_too_large', 1_000, /at most/],
    ['('.repeat(40) + 'a' + ')'.repeat(40), 'pattern_too_large', 32, /deep/],
    ['(?:a{1000}){1000}', 'pattern_too_large', 0, /written out/],
    ['((?:(ab?){99}){99}){99}', 'pattern_too_large', 0, /written out/],
    // Each of the letters before may be the one that counts, and each state remembers which.
    ['[ab]*a[ab]{20}c', 'pattern_too_large', 0, /automaton takes/],
  ])('%s', (pattern, reason, at, detail) => {
    const compiled = compilePattern(pattern);
    expect(compiled).toMatchObject({ ok: false, refusal: { reason, at } });
    expect(compiled.ok ? '' : compiled.refusal.detail).toMatch(detail);
  });

  it('nothing that JavaScript takes for a pattern, unless it is named above', () => {
    const below = belowFrom(3);
    const pieces = ['a', '(', ')', '[', ']', '{', '}', '|', '*', '+', '?', '^', '$', '\\', '-', 'd', 'b', '1', ',', '.', '/', ':', '='];
    let taken = 0;
    for (let count = 0; count < 20_000; count += 1) {
      // More signs may be escaped here than there.
      const pattern = Array.from({ length: 1 + below(7) }, () => pieces[below(pieces.length)]!).join('');
      if (/\\[-,:=]/.test(pattern)) continue;
      const compiled = compilePattern(pattern);
      if (compiled.ok) {
        expect(() => new RegExp(pattern, 'u'), pattern).not.toThrow();
        taken += 1;
      } else if (compiled.refusal.reason === 'pattern_malformed' && !/nothing at all/.test(compiled.refusal.detail) && !/a group begins/.test(compiled.refusal.detail)) {
        expect(() => new RegExp(pattern, 'u'), `${pattern}: ${compiled.refusal.detail}`).toThrow();
      }
    }
    expect(taken).toBeGreaterThan(1_000);
  });
});

describe('what may be too long', () => {
  it.each([['EMP-\\d+', /has no end; write how often/], ['EMP-\\d{1,90}', /has up to 94/]] as const)('is refused: %s', (pattern, detail) => {
    const compiled = compilePattern(pattern, { longest: 64 });
    expect(compiled.ok ? '' : compiled.refusal.detail).toMatch(detail);
    expect(compilePattern('EMP-\\d{1,60}', { longest: 64 }).ok).toBe(true);
  });
});

describe('time', () => {
  it('grows with the text alone, where a backtracking search would not end', () => {
    const text = Buffer.alloc(1_000_000, 'a');
    const pattern = search('(?:a|aa){1,40}b');
    expect(pattern.next(text)).toBeUndefined();
    expect(pattern.next(Buffer.concat([text, Buffer.from('b')]))).toEqual({ start: 999_920, end: 1_000_001 });
    expect(search('(?:a|aa)+b').endFrom(text, 0)).toBe(-1);
  });
});
