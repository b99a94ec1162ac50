import { describe, expect, it } from 'vitest';
import { hashesAtLevel, parseTilePath, tilePath, widthOf } from './layout.js';
import { decodeBundle, encodeBundle } from './bundle.js';

describe('the layout of tlog-tiles', () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 1_234_067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 1, index: 5, width: 17 }, 'tile/1/005.p/17'],
    [{ level: 'entries', index: 999, width: 255 }, 'tile/entries/999.p/255'],
    [{ level: 'entries', index: 1_000, width: 1 }, 'tile/entries/x001/000.p/1'],
  ] as const)('writes and reads %o as %s', (ref, path) => {
    expect(tilePath(ref)).toBe(path);
    expect(parseTilePath(path)).toEqual(ref);
  });

  it.each([
    '../checkpoint', 'tile/0/../../etc/passwd', 'tile/0/x000/001', 'tile/00/001', 'tile/64/001', 'tile/0/1', 'tile/0/001.p/0', 'tile/0/001.p/256', 'tile/0/001.p/01',
    'tile/data/001', 'tile/0/001/', '/tile/0/001', 'tile/0/001\n', '',
  ])('takes %j for no file of a log', (path) => expect(parseTilePath(path)).toBeUndefined());

  it('has the widths of the specification\'s example of 70,000 leaves', () => {
    expect(hashesAtLevel(0, 70_000)).toBe(273 * 256 + 112);
    expect(widthOf(273, hashesAtLevel(0, 70_000))).toBe(112);
    expect(hashesAtLevel(1, 70_000)).toBe(256 + 17);
    expect(widthOf(1, hashesAtLevel(1, 70_000))).toBe(17);
    expect(hashesAtLevel(2, 70_000)).toBe(1);
  });
});

describe('entry bundles', () => {
  const entries = [Buffer.alloc(0), Buffer.from('a'), Buffer.alloc(65_535, 7)];

  it('come back as they were written', () => expect(decodeBundle(encodeBundle(entries))).toEqual(entries));
  it('are refused when cut anywhere', () => {
    const bytes = encodeBundle([Buffer.from('abc'), Buffer.from('de')]);
    const whole = new Set([0, 5, bytes.length]);
    for (let length = 0; length <= bytes.length; length += 1) expect(decodeBundle(bytes.subarray(0, length)) === undefined).toBe(!whole.has(length));
  });
  it('hold no entry whose length needs more than 16 bits', () => expect(() => encodeBundle([Buffer.alloc(65_536)])).toThrow('65536 bytes'));
});
