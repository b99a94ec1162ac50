import { compilePattern, Keywords } from '@interlock/language-pattern';
import { must, type FuzzEntry } from '../fuzz.js';

const SEEDS = [
  '\\bEMP-\\d{6}\\b\nEMP-123456 and EMP-1', '(?:a|ab)(?:c|bcd){1,3}\nabcd', '[^,;]{2,40}?x\nab€😀x', '[ab]*a[ab]{20}c\nabab', '(?=a)b\nab', '(a)\\1\naa', 'a{1000}{1000}\na',
  '\\u{1F600}|[\\x00-\\xff]+\n\0ÿ', '(((((a))))\na', '[\\s\\S]{0,64}end\nthe end',
];
const REPEATED = Buffer.concat([Buffer.from('(?:a|aa){1,60}b\n'), Buffer.alloc(60_000, 'a')]);

/** What stands before the first line end is the pattern, and the text after it. */
function parts(input: Buffer): readonly [string, Buffer] {
  const at = input.indexOf(0x0a);
  return at < 0 ? [input.toString(), Buffer.alloc(0)] : [input.toString('utf8', 0, at), input.subarray(at + 1)];
}

export const patterns: readonly FuzzEntry[] = [
  {
    name: 'patterns', seeds: [...SEEDS.map((text) => Buffer.from(text)), REPEATED],
    run: (input) => {
      const [text, bytes] = parts(input);
      const compiled = compilePattern(text, { longest: 256 });
      if (!compiled.ok) {
        must(compiled.refusal.at >= 0 && compiled.refusal.at <= text.length, 'a refusal points into the pattern');
        return compiled.refusal.reason;
      }
      const { extent } = compiled.value;
      let from = 0;
      for (let place = compiled.value.next(bytes, from); place; place = compiled.value.next(bytes, from)) {
        must(place.start >= from && place.end > place.start && place.end <= bytes.length, 'matches lie in the text, in order, apart');
        must(place.end - place.start >= extent.shortest && place.end - place.start <= extent.longest, 'a match is as long as the pattern says');
        from = place.end;
      }
      return from > 0 ? 'matched' : 'compiled';
    },
  },
  {
    name: 'keywords', seeds: SEEDS.map((text) => Buffer.from(text)),
    run: (input) => {
      const [text, bytes] = parts(input);
      const words = text.replace(/[^ -~]/g, '').split(/[^\w]+/).filter((word) => word !== '').slice(0, 50);
      let last = 0;
      new Keywords(words).scan(bytes, (keyword, end) => {
        must(end >= last && bytes.toString('latin1', end - words[keyword]!.length, end).toLowerCase() === words[keyword]!.toLowerCase(), 'a word that is told stands there');
        last = end;
      });
      return last > 0 ? 'found' : 'none';
    },
  },
];
