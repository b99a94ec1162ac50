import { VALUE_KINDS, maskContent, netFor } from '@interlock/language-content';
import { must, type FuzzEntry } from '../fuzz.js';

const KINDS = VALUE_KINDS;
const SEEDS = ['4111 1111 1111 1111', 'card 5555555555554444, mail ada.quill@example.test.', '912-73-4461', 'a@b', '{"mail":"x@y.zz","n":4111111111111111}', 'plain text 12345 and v1.2.3', '550e8400-e29b-41d4-a716-446655440000', 'call +49 30 901820-17 or dob 12/04/1985', 'line\n4111111111111111\tada@example.test', '2001:db8::1 00:1b:44:11:3a:b7 http://u:p@h.example/x?y=(1).', '-4111111111111111 078-05-1120', 'password=q8Rw2Zk5Tn9 {"api_key":"q8Rw2Zk5Tn9Yb4Vc7"} postgres://a:q8Rw2Zk5@db/x', `-----BEGIN ${'RSA'} PRIVATE KEY-----\nq8Rw2Zk5Tn9Yb4Vc7Xd1Lm6Js3Hp0\n-----END`];
/** Many finds in one long value: time must grow with the value, not with its square. */
const DENSE = Array.from({ length: 8_000 }, () => 4_111_111_111_111_111);

export const content: readonly FuzzEntry[] = [
  {
    name: 'content net', seeds: [...SEEDS.map((text) => Buffer.from(text)), Buffer.from(DENSE.join(' ')), Buffer.from('a@'.repeat(50_000)), Buffer.from('1-'.repeat(50_000)), Buffer.from('eyJ-'.repeat(40_000)), Buffer.from(`-----BEGIN ${'RSA'} PRIVATE KEY-----`.repeat(5_000)), Buffer.from('password='.repeat(20_000)), Buffer.from(`${'a'.repeat(100_000)}@b.cc`)],
    run: (input) => {
      const spans = netFor(KINDS).find(input);
      let from = 0;
      for (const { start, end } of spans) {
        must(start >= from && end > start && end <= input.length, 'spans lie in the value, in order, apart');
        from = end;
      }
      const masked = maskContent(input, KINDS);
      if (spans.length === 0) must(masked === input, 'a value without a find stays the very same');
      return spans.map(({ kind }) => kind).slice(0, 3).join();
    },
  },
  {
    name: 'content net in JSON', seeds: [...SEEDS.map((text) => Buffer.from(JSON.stringify({ text, also: [text, 4111111111111111] }))), Buffer.from(JSON.stringify(DENSE)), Buffer.from(JSON.stringify(DENSE.map(String)))],
    run: (input) => {
      if (parse(input) === undefined) return 'no JSON';
      must(parse(maskContent(input, KINDS, 'json')) !== undefined, 'JSON stays JSON');
      return netFor(KINDS).find(input).length > 0 ? 'masked' : 'clean';
    },
  },
];

/** The value in an array, so that `null` shows as something. */
function parse(bytes: Buffer): [unknown] | undefined {
  try {
    return [JSON.parse(bytes.toString())];
  } catch {
    return undefined;
  }
}
