import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { leaksIn } from './leaks.js';

const VALUE = '912-73-4461';
const found = (text: string): string[] => leaksIn(Buffer.from(text), [VALUE]).map(({ form }) => form);

describe('a leak is found', () => {
  it.each([
    ['in clear', `x${VALUE}y`, 'value'], ['without dashes', '912734461', 'stripped'], ['backwards', '1644-37-219', 'reverse'],
    ['in hex', Buffer.from(VALUE).toString('hex'), 'hex'], ['in base64', Buffer.from(VALUE).toString('base64'), 'base64'],
    ['in base64 of a longer text', Buffer.from(`a ${VALUE} b`).toString('base64'), 'base64'], ['its first digits', '912-73', 'parts'], ['its hash', createHash('md5').update(VALUE).digest('hex'), 'md5'],
  ])('%s', (_what, text, form) => {
    expect(found(text)).toContain(form);
  });

  it('and nothing where there is nothing', () => {
    expect(found('***-**-**** 1234 order 4461')).toEqual([]);
  });
});
