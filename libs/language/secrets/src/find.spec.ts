import { describe, expect, it } from 'vitest';
import { CompiledKind } from './compiled-kind.js';
import { SECRET_REACH_BYTES } from './find.js';
import { SECRET_KINDS } from './kinds.js';

describe('the kinds', () => {
  it('are well over 210, each with its own id', () => {
    expect(SECRET_KINDS.length).toBeGreaterThanOrEqual(250);
    expect(new Set(SECRET_KINDS.map(({ id }) => id)).size).toBe(SECRET_KINDS.length);
  });

  it.each(SECRET_KINDS.map((kind) => [kind.id, kind] as const))('%s compiles, and has keywords', (_, kind) => {
    const compiled = new CompiledKind(kind);
    expect(compiled.parts.secret.extent.shortest).toBeGreaterThan(1);
    for (const keyword of compiled.keywords) expect(keyword.length).toBeGreaterThanOrEqual(2);
    expect(Math.max(...compiled.keywords.map((keyword) => keyword.length))).toBeLessThanOrEqual(32);
    expect((kind.lead ?? 0) + 32).toBeLessThanOrEqual(SECRET_REACH_BYTES.before);
  });
});
