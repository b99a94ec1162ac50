import { describe, expect, it } from 'vitest';
import { versionAtLeast, versionIn } from './version.js';

describe('versionIn', () => {
  it.each([
    ['nats-server: v2.10.27', '2.10.27'],
    ['psql (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', '15.18'],
    ['no number', undefined],
  ])('%s -> %s', (text, version) => expect(versionIn(text)).toBe(version));
});

describe('versionAtLeast', () => {
  it.each([
    ['2.10.27', '2.10.27', true],
    ['2.10.9', '2.10.27', false],
    ['2.9.99', '2.10.27', false],
    ['2.15', '2.10.27', true],
    ['2.10', '2.10.27', false],
    ['3.0.0', '2.10.27', true],
  ])('%s >= %s is %s', (version, minimum, expected) => expect(versionAtLeast(version, minimum)).toBe(expected));
});
