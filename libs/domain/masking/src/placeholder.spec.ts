import { expect, it } from 'vitest';
import { isPlaceholder } from './placeholder.js';
import { applyTransform } from './transform.js';

it.each(['4111111111111111', 'ärger@über.test', '1234567'])('what masking makes of %s is told from what people write', (value) => {
  for (const transform of ['redact', 'partial'] as const) {
    for (const shape of ['text', 'json'] as const) expect(isPlaceholder(applyTransform({ transform }, Buffer.from(value), shape)!.toString())).toBe(true);
  }
});

it.each(['', '****', '********', 'redacted', '[redacted] by hand', '1234', '*1234', '** bold **', '****and much more behind it'])('%s is none', (value) => {
  expect(isPlaceholder(value)).toBe(false);
});
