import { BENIGN, benignText } from '../../../libs/language/content/spec/benign.js';
import type { Random } from '../../../libs/language/content/spec/random.js';
import { SAMPLES } from '../../../libs/language/content/spec/samples.js';

const WORDS = 'the of and a to in is you that it he was for on are as with his they at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been who its now find long down day did get come made may part'.split(' ');

/** Sentences, with a number here and there. */
export function ordinary(r: Random, bytes: number): Buffer {
  return filled(bytes, () => `${Array.from({ length: r.between(6, 18) }, () => r.pick(WORDS)).join(' ')}${r.below(8) === 0 ? ` ${r.below(3_000)}` : ''}. `);
}

/** Rows of a table as COPY writes them: numbers, moments, ids, a name, an address of e-mail in one of three. */
export function dense(r: Random, bytes: number): Buffer {
  return filled(bytes, () => [
    r.below(1_000_000), BENIGN['order with its year']!.make(r), BENIGN['moment of a database']!.make(r), `${r.below(10_000)}.${r.digits(2)}`, r.digits(9), r.pick(WORDS), r.pick(WORDS), BENIGN.uuid!.make(r),
    r.below(3) === 0 ? `${r.pick(WORDS)}${r.below(99)}@mail.example` : '\\N', r.below(2) === 0 ? 't' : 'f',
  ].join('\t') + '\n');
}

export function binary(r: Random, bytes: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: bytes }, () => r.below(256)));
}

/** Cells of one answer of 16 KB. */
export function cells(r: Random): Buffer[] {
  const made: Buffer[] = [];
  for (let size = 0; size < 16_384; size += made.at(-1)!.length) {
    const sample = r.pick(SAMPLES);
    const text = r.below(4) === 0 ? r.pick(sample.carriers).replace('%', () => sample.make(r)) : benignText(r.pick(Object.values(BENIGN)).make(r), r);
    made.push(Buffer.from(text));
  }
  return made;
}

function filled(bytes: number, next: () => string): Buffer {
  const parts: string[] = [];
  for (let size = 0; size < bytes; size += parts.at(-1)!.length) parts.push(next());
  return Buffer.from(parts.join(''));
}
