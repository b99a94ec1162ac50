import { describe, expect, it } from 'vitest';
import { CompiledKind } from './compiled-kind.js';
import { findSecrets, SECRET_REACH_BYTES } from './find.js';
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

describe('a token in a run of what tokens begin with', () => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'agent', iat: 1 })}.${'q8Rw2Zk5Tn9Yb4Vc7Xd1'}`;

  it.each([['', 1], ['eyJ-', 1], ['eyJ-'.repeat(30), 1], [`${'x'.repeat(80)}-`, 0], ['session_', 0]])('is told to its end behind "%s"', (before, found) => {
    const spans = findSecrets(Buffer.from(`${before}${token}`));
    expect(spans.map(({ end }) => end)).toEqual([before.length + token.length]);
    expect(spans[0]!.start).toBe(found === 0 ? before.length : 0);
  });
});
