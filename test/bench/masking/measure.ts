import { groupOf, type ContentNet } from '@interlock/language-content';
import { BENIGN, benignText } from '../../../libs/language/content/spec/benign.js';
import { Random } from '../../../libs/language/content/spec/random.js';
import { SAMPLES } from '../../../libs/language/content/spec/samples.js';

/** How well one kind is found in texts made to its rules: nothing less and nothing more. National numbers count as such, since one may pass the checks of two countries. */
export interface KindRow {
  readonly kind: string;
  readonly texts: number;
  readonly recall: number;
  readonly precision: number;
}

export function kinds(net: ContentNet, seed: number, each: number): KindRow[] {
  const byKind = new Map<string, { texts: number; right: number; found: number }>();
  for (const { kind, make, carriers } of SAMPLES) {
    const r = new Random(seed);
    const row = byKind.get(kind) ?? { texts: 0, right: 0, found: 0 };
    for (let count = 0; count < each; count += 1) {
      const value = make(r);
      const bytes = Buffer.from(r.pick(carriers).replace('%', () => value));
      const found = net.find(bytes);
      row.texts += 1;
      row.found += found.length;
      row.right += found.filter((one) => groupOf(one.kind) === groupOf(kind) && bytes.subarray(one.start, one.end).toString() === value).length;
    }
    byKind.set(kind, row);
  }
  return [...byKind].map(([kind, { texts, right, found }]) => ({ kind, texts, recall: right / texts, precision: found === 0 ? 0 : right / found }));
}

export interface BenignRow {
  readonly what: string;
  readonly share: number;
}

/** Share of benign ids in which something is masked. */
export function benign(net: ContentNet, seed: number, each: number): BenignRow[] {
  const share = (make: (r: Random) => string): number => {
    const r = new Random(seed);
    return Array.from({ length: each }, () => net.find(Buffer.from(make(r))).length > 0).filter(Boolean).length / each;
  };
  const all = Object.entries(BENIGN);
  return [
    { what: `all ${all.length} sorts together`, share: all.map(([, { make }]) => share((r) => benignText(make(r), r))).reduce((a, b) => a + b) / all.length },
    { what: 'UUIDs, hashes, moments, versions, orders', share: Math.max(...all.filter(([, { none }]) => none).map(([, { make }]) => share((r) => benignText(make(r), r)))) },
    { what: 'nine digits at random', share: share((r) => benignText(r.digits(9), r)) },
    { what: 'sixteen digits at random', share: share((r) => benignText(r.digits(16), r)) },
  ];
}
